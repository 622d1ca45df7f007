// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_mrelease: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

// The call with a pidfd of the target, if it has one.
static long with_pidfd(pid_t pid, long (*call)(int fd)) {
	int fd = syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return -1;
	long r = call(fd);
	int err = errno;
	close(fd);
	errno = err;
	return r;
}

static long release(int fd) { return syscall(SYS_process_mrelease, fd, 0); }

PIDS(target, with_pidfd(pid, release))
