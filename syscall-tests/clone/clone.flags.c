// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clone: flags of tracers without a tracer, and a cgroup namespace.
#include "../harness/harness.h"

#include <sched.h>

static void observe(const char *what, unsigned long flags) {
	pid_t pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(3);
	int st = 0;
	if (pid < 0)
		OBSERVE(what, "%s", errno_name(errno));
	else if (waitpid(pid, &st, __WALL) == pid)
		OBSERVE(what, "%s", status_text(st));
}

CASE(flags_of_tracers) {
	observe("ptrace", CLONE_PTRACE);
	observe("untraced", CLONE_UNTRACED);
	observe("both", CLONE_PTRACE | CLONE_UNTRACED);
}

CASE(a_cgroup_namespace, "root cap:21") {
	observe("root", CLONE_NEWCGROUP);
	IN_CHILD(NULL) {
		become_nobody();
		observe("nobody", CLONE_NEWCGROUP);
	}
}
