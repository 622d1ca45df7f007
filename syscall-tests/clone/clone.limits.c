// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clone: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

#include <sched.h>

// A child with a pidfd; it ends at once.
static long with_pidfd(void) {
	int fd = -1;
	long pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &fd, NULL, 0);
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		wait_for(pid);
	return pid;
}

DESCRIPTOR_LIMIT(clone_with_a_pidfd, (void)0, with_pidfd())
