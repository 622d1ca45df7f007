// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timer_delete: it is gone, and what it sent?
#include "../harness/ptimers.h"

static long del(long id) { return syscall(SYS_timer_delete, id); }

CASE(gone) {
	ktimer id = tmake(CLOCK_MONOTONIC, SIGUSR1, 1), other = tmake(CLOCK_MONOTONIC, SIGUSR1, 2);
	struct itimerspec t = spec(100 * SEC, 0);
	OBSERVE_RET("armed", tset(id, 0, &t, NULL));
	OBSERVE_RET("delete", del(id));
	OBSERVE_RET("again", del(id));
	OBSERVE_RET("timer_gettime", tget(id, &t));
	OBSERVE_RET("timer_settime", tset(id, 0, &t, NULL));
	OBSERVE_RET("timer_getoverrun", syscall(SYS_timer_getoverrun, id));
	OBSERVE_RET("another", tget(other, &t));
}

CASE(pending_signal) {
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	ktimer id = tmake(CLOCK_MONOTONIC, SIGUSR1, 1);
	tarm(id, 1, 0);
	while (!(kpending() & BIT(SIGUSR1)))
		sched_yield();
	REQUIRE_OK(del(id));
	OBSERVE("pending", "%s", set_text(kpending()));
	struct timespec zero = {0, 0};
	uint64_t set = BIT(SIGUSR1);
	siginfo_t i;
	OBSERVE_RET("taken", syscall(SYS_rt_sigtimedwait, &set, &i, &zero, 8));
}

CASE(errors) {
	static const long ids[] = {-1, 0, 99, INT32_MAX, INT32_MIN};
	for (size_t i = 0; i < COUNT(ids); i++)
		OBSERVE_RET(name("id %ld", ids[i]), del(ids[i]));
}
