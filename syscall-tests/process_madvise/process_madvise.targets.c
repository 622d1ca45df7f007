// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_madvise: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sys/uio.h>

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

static long advise(int fd) {
	static struct iovec page;
	page = (struct iovec){(void *)((uintptr_t)&page & ~4095UL), 4096};
	return syscall(SYS_process_madvise, fd, &page, 1, MADV_COLD, 0);
}

PIDS(target, with_pidfd(pid, advise))
