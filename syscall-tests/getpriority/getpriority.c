// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getpriority: the call itself answers 20 - nice, the highest priority of all that match.
#include "../harness/sched.h"

static long get(int which, int who) { return syscall(SYS_getpriority, which, who); }

CASE(arguments) {
	for (int which = -1; which < 5; which++) {
		OBSERVE_RET(name("which %d, 0", which), get(which, 0));
		OBSERVE_RET(name("which %d, -1", which), get(which, -1));
		OBSERVE_RET(name("which %d, max", which), get(which, INT32_MAX));
	}
	CHECK_ERR(get(3, 0), EINVAL);
	CHECK_ERR(get(PRIO_PROCESS, INT32_MAX), ESRCH);
	OBSERVE_RET("dead", get(PRIO_PROCESS, dead_pid()));
}

CASE(every_nice_value, "root") {
	char text[256] = "";
	for (int n = -20; n <= 19; n++) {
		REQUIRE_OK(setpriority(PRIO_PROCESS, 0, n));
		sprintf(text + strlen(text), "%ld ", get(PRIO_PROCESS, 0));
	}
	OBSERVE("20 - nice", "%s", text);
}

CASE(highest_of_the_group) {
	pid_t a = sleeper(), b = sleeper();
	REQUIRE_OK(setpgid(a, a));
	REQUIRE_OK(setpgid(b, a));
	REQUIRE_OK(setpriority(PRIO_PROCESS, a, 12));
	REQUIRE_OK(setpriority(PRIO_PROCESS, b, 7));
	OBSERVE_RET("group", get(PRIO_PGRP, a));
	OBSERVE_RET("a", get(PRIO_PROCESS, a));
	OBSERVE_RET("own group", get(PRIO_PGRP, 0));
	end_child(b);
	OBSERVE_RET("the other has ended", get(PRIO_PGRP, a));
	end_child(a);
	OBSERVE_RET("empty", get(PRIO_PGRP, a));
}

CASE(by_user, "root") {
	struct gate up = gate_open();
	pid_t a = harness_fork();
	if (a == 0) {
		REQUIRE_OK(setpriority(PRIO_PROCESS, 0, 9));
		REQUIRE_OK(syscall(SYS_setresuid, 54322, 54322, 54322));
		gate_signal(&up);
		for (;;)
			pause();
	}
	gate_wait(&up);
	OBSERVE_RET("user", get(PRIO_USER, 54322));
	OBSERVE_RET("user without processes", get(PRIO_USER, 54323));
	end_child(a);
}
