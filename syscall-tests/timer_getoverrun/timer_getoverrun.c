// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timer_getoverrun: expirations between a signal's sending and its delivery, and no others.
#include "../harness/ptimers.h"

static long over(long id) { return syscall(SYS_timer_getoverrun, id); }

CASE(counted_while_blocked) {
	kmask(SIG_SETMASK, BIT(40));
	ktimer id = tmake(CLOCK_MONOTONIC, 40, 1);
	siginfo_t i;
	OBSERVE_RET("fresh", over(id));
	tarm(id, 1, 2 * MS);
	while (!(kpending() & BIT(40)))
		sched_yield();
	int64_t start = now_ns(CLOCK_MONOTONIC);
	struct timespec z = {0, 30000000};
	nanosleep(&z, NULL);
	REQUIRE(take(BIT(40), &i) == 40);
	int64_t gone = now_ns(CLOCK_MONOTONIC) - start;
	CHECK(i.si_overrun >= 14);
	CHECK(i.si_overrun <= gone / (2 * MS) + 500);
	long n = over(id);
	CHECK_EQ(n, i.si_overrun);
}

// Without an interval nothing can be missed.
CASE(once) {
	kmask(SIG_SETMASK, BIT(40));
	ktimer id = tmake(CLOCK_MONOTONIC, 40, 1);
	siginfo_t i;
	tarm(id, 1, 0);
	REQUIRE(take(BIT(40), &i) == 40);
	OBSERVE("overrun", "%d %ld", i.si_overrun, over(id));
	// One signal is queued for a timer, and no second.
	tarm(id, 1, MS);
	while (!(kpending() & BIT(40)))
		sched_yield();
	tarm(id, 0, 0);
	OBSERVE("pending after it was turned off", "%s", set_text(kpending()));
}

CASE(errors) {
	static const long ids[] = {-1, 0, 99, INT32_MAX};
	for (size_t i = 0; i < COUNT(ids); i++)
		OBSERVE_RET(name("id %ld", ids[i]), over(ids[i]));
}
