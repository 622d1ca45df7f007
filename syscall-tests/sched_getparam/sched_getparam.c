// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_getparam: the priority, and which pids and pointers are refused in which order.
#include "../harness/sched.h"

CASE(arguments) {
	int prio = 77;
	OBSERVE_RET("self", syscall(SYS_sched_getparam, 0, &prio));
	OBSERVE("priority", "%d", prio);
	OBSERVE_RET("-1", syscall(SYS_sched_getparam, -1, &prio));
	OBSERVE_RET("dead", syscall(SYS_sched_getparam, dead_pid(), &prio));
	OBSERVE_RET("NULL", syscall(SYS_sched_getparam, 0, NULL));
	OBSERVE_RET("NULL of nobody", syscall(SYS_sched_getparam, INT32_MAX, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(b->name, syscall(SYS_sched_getparam, 0, b->p));
		OBSERVE_RET(name("%s of nobody", b->name), syscall(SYS_sched_getparam, INT32_MAX, b->p));
	}
	OBSERVE_RET("readonly", syscall(SYS_sched_getparam, 0, readonly_page()));
	OBSERVE_RET("straddling", syscall(SYS_sched_getparam, 0, (char *)guard_end(4) + 2));
	OBSERVE_RET("at the end", syscall(SYS_sched_getparam, 0, guard_end(4)));
	CHECK_ERR(syscall(SYS_sched_getparam, INT32_MAX, &prio), ESRCH);
}

CASE(by_policy, "root") {
	static const int set[][2] = {{SCHED_FIFO, 1}, {SCHED_RR, 42}, {SCHED_BATCH, 0}, {SCHED_IDLE, 0}};
	for (int i = 0; i < 4; i++)
		IN_CHILD(NULL) {
			int prio = -1;
			REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, set[i][0], &set[i][1]));
			REQUIRE_OK(syscall(SYS_sched_getparam, 0, &prio));
			OBSERVE(name("policy %d", set[i][0]), "%d", prio);
		}
}
