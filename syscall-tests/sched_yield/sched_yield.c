// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_yield: it succeeds, whatever the arguments and the policy, and lets others run.
#include "../harness/sched.h"

CASE(returns_zero) {
	CHECK_EQ(syscall(SYS_sched_yield), 0);
	CHECK_EQ(syscall(SYS_sched_yield, 1, 2, 3), 0);
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &(int){0}));
		OBSERVE_RET("idle policy", syscall(SYS_sched_yield));
	}
}

static volatile int turn;
static void *other(void *arg) {
	(void)arg;
	for (int i = 0; i < 50; i++) {
		while (turn != 1)
			syscall(SYS_sched_yield);
		turn = 0;
	}
	return NULL;
}

// Two threads on one processor hand over to each other by yielding alone.
CASE(others_get_their_turn) {
	cpu_set_t one, all;
	REQUIRE_OK(sched_getaffinity(0, sizeof all, &all));
	CPU_ZERO(&one);
	for (int c = 0; c < CPU_SETSIZE; c++)
		if (CPU_ISSET(c, &all)) {
			CPU_SET(c, &one);
			break;
		}
	REQUIRE_OK(sched_setaffinity(0, sizeof one, &one));
	pthread_t t = thread_start(other, NULL);
	for (int i = 0; i < 50; i++) {
		turn = 1;
		while (turn != 0)
			syscall(SYS_sched_yield);
	}
	thread_join(t);
}
