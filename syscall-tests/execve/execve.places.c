// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// execve: what of a file system or a mount that is read-only?
#include "../harness/places.h"

static long run(const char *path) {
	int st;
	pid_t pid = harness_fork();
	if (pid == 0) {
		syscall(SYS_execve, path, (char *[]){"x", NULL}, (char *[]){NULL});
		_exit(errno);
	}
	st = wait_for(pid);
	errno = WEXITSTATUS(st);
	return errno ? -1 : 0;
}

READ_ONLY(execve, run(path))
