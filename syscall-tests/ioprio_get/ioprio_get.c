// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioprio_get: what is told of processes, groups and users, and what follows from the nice value?
#include "../harness/sched.h"

static long get(int which, int who) { return syscall(SYS_ioprio_get, which, who); }

CASE(arguments) {
	for (int which = -1; which < 5; which++) {
		if (which != 3) // all of root's processes
			OBSERVE_RET(name("which %d, 0", which), get(which, 0));
		OBSERVE_RET(name("which %d, max", which), get(which, INT32_MAX));
	}
	OBSERVE_RET("dead", get(1, dead_pid()));
	CHECK_ERR(get(0, 0), EINVAL);
	CHECK_ERR(get(1, INT32_MAX), ESRCH);
}

CASE(tells_what_was_set, "root") {
	static const int prios[] = {0x4000, 0x4007, 0x6000, 0x2003, 0};
	for (int i = 0; i < 5; i++) {
		REQUIRE_OK(syscall(SYS_ioprio_set, 1, 0, prios[i]));
		OBSERVE(name("set %#x", prios[i]), "%#lx", get(1, 0));
		OBSERVE(name("group %#x", prios[i]), "%#lx", get(2, 0));
		IN_CHILD(NULL) OBSERVE(name("child %#x", prios[i]), "%#lx", get(1, 0));
	}
}

CASE(of_the_nice_value, "root") {
	static const int nices[] = {-20, -5, 0, 19};
	for (int i = 0; i < 4; i++) {
		REQUIRE_OK(setpriority(PRIO_PROCESS, 0, nices[i]));
		OBSERVE(name("nice %d", nices[i]), "%#lx", get(1, 0));
	}
	REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_RR, &(int){1}));
	OBSERVE("real time", "%#lx", get(1, 0));
	REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &(int){0}));
	OBSERVE("idle", "%#lx", get(1, 0));
}
