// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setpriority: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sys/resource.h>

PIDS(process, syscall(SYS_setpriority, PRIO_PROCESS, pid, 7))
PIDS(group, syscall(SYS_setpriority, PRIO_PGRP, pid, 7))

// A dead child that nobody waited for still belongs to its group, and to its user.
CASE(dead_members, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(setpgid(0, 0));
		pid_t child = REQUIRE_OK(fork());
		if (child == 0)
			_exit(0);
		siginfo_t info;
		REQUIRE_OK(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
		OBSERVE_RET("dead", syscall(SYS_setpriority, PRIO_PROCESS, child, 19));
		OBSERVE_RET("what it has", syscall(SYS_getpriority, PRIO_PROCESS, child));
		REQUIRE_OK(setpriority(PRIO_PROCESS, 0, 15));
		REQUIRE_OK(syscall(SYS_setresuid, 0, 1000, 0));
		OBSERVE_RET("group with one of root's", syscall(SYS_setpriority, PRIO_PGRP, 0, 19));
		REQUIRE_OK(waitpid(child, NULL, 0));
		OBSERVE_RET("group without", syscall(SYS_setpriority, PRIO_PGRP, 0, 19));
		OBSERVE_RET("gone", syscall(SYS_setpriority, PRIO_PROCESS, child, 19));
	}
}
