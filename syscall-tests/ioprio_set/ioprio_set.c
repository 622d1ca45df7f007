// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioprio_set: which classes and levels are taken, from whom, for whom?
#include "../harness/sched.h"

static long set(int which, int who, int prio) { return syscall(SYS_ioprio_set, which, who, prio); }

CASE(classes_and_levels, "root") {
	for (int class = 0; class < 8; class ++)
		for (int level = 0; level < 10; level += 3) {
			OBSERVE_RET(name("class %d level %d", class, level), set(1, 0, class << 13 | level));
			OBSERVE(name("then %d %d", class, level), "%#lx", syscall(SYS_ioprio_get, 1, 0));
		}
	OBSERVE_RET("hint", set(1, 0, 2 << 13 | 1 << 3 | 4));
	OBSERVE("hint then", "%#lx", syscall(SYS_ioprio_get, 1, 0));
	OBSERVE_RET("-1", set(1, 0, -1));
	OBSERVE_RET("high bits", set(1, 0, 1 << 16));
}

CASE(arguments) {
	for (int which = -1; which < 5; which++)
		OBSERVE_RET(name("which %d", which), set(which, INT32_MAX, 0x4004));
	OBSERVE_RET("dead", set(1, dead_pid(), 0x4004));
	OBSERVE_RET("bad class of nobody", set(1, INT32_MAX, 7 << 13));
	CHECK_ERR(set(0, 0, 0x4004), EINVAL);
	CHECK_ERR(set(1, INT32_MAX, 0x4004), ESRCH);
}

CASE(without_privilege, "root") {
	pid_t other = sleeper();
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("real time", set(1, 0, 0x2004));
		OBSERVE_RET("best effort", set(1, 0, 0x4000));
		OBSERVE_RET("idle", set(1, 0, 0x6000));
		OBSERVE_RET("back from idle", set(1, 0, 0x4004));
		CHECK_ERR(set(1, other, 0x4004), EPERM);
	}
	end_child(other);
}

CASE(group, "root") {
	pid_t a = sleeper(), b = sleeper();
	REQUIRE_OK(setpgid(a, a));
	REQUIRE_OK(setpgid(b, a));
	OBSERVE_RET("set", set(2, a, 0x4006));
	OBSERVE("members", "%#lx %#lx", syscall(SYS_ioprio_get, 1, a), syscall(SYS_ioprio_get, 1, b));
	REQUIRE_OK(set(1, b, 0x4001));
	OBSERVE("best of the group", "%#lx", syscall(SYS_ioprio_get, 2, a));
	end_child(a);
	end_child(b);
}
