// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clone3: how deep may namespaces of pids be nested?
#include "../harness/harness.h"

#include <linux/sched.h>
#include <sched.h>

// Each level makes the next, and passes on what stopped it.
static int deeper(int level) {
	struct clone_args a = {.flags = CLONE_NEWPID, .exit_signal = SIGCHLD};
	pid_t pid = syscall(SYS_clone3, &a, sizeof a);
	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(level < 40 ? deeper(level + 1) : 0);
	int st = wait_for(pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : 255;
}

CASE(more_pid_namespaces_than_there_can_be, "root cap:21") { OBSERVE("stopped by", "%s", errno_name(deeper(0))); }
