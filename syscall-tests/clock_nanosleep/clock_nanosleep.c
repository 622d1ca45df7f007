// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clock_nanosleep: which clocks can be slept on, to a moment or for a time, and interruption.
#include "../harness/timerfds.h"

static long zz(int clock, int flags, const void *t, void *left) { return syscall(SYS_clock_nanosleep, clock, flags, t, left); }

CASE(clocks) {
	for (int clock = -2; clock < 14; clock++) {
		struct timespec t = {0, 1000};
		if (clock != CLOCK_PROCESS_CPUTIME_ID) // it stands while the process sleeps
			OBSERVE_RET(name("clock %d", clock), zz(clock, 0, &t, NULL));
		OBSERVE_RET(name("clock %d, a moment that is past", clock), zz(clock, TIMER_ABSTIME, &t, NULL));
	}
}

CASE(relative_and_absolute) {
	static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI};
	for (size_t i = 0; i < COUNT(clocks); i++) {
		struct timespec t = {0, 3000000};
		int64_t start = now_ns(clocks[i]);
		CHECK_EQ(zz(clocks[i], 0, &t, NULL), 0);
		CHECK(now_ns(clocks[i]) - start >= 3 * MS);
		t = ns_spec(now_ns(clocks[i]) + 3 * MS);
		CHECK_EQ(zz(clocks[i], TIMER_ABSTIME, &t, NULL), 0);
		CHECK(now_ns(clocks[i]) >= spec_ns(t));
	}
}

// No handler lets a sleep be restarted, and an absolute one has no rest.
CASE(interrupted) {
	struct timespec t = {100, 0}, left = {0, 0};
	sig_catch(SIGUSR1, SA_RESTART);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(zz(CLOCK_MONOTONIC, 0, &t, &left), EINTR);
	CHECK(interrupt_done(&it));
	CHECK(left.tv_sec <= 100 && left.tv_sec > 50);
	sig_catch(SIGUSR1, 0);
	t = ns_spec(now_ns(CLOCK_MONOTONIC) + 100 * SEC);
	left = (struct timespec){7, 7};
	it = interrupt_me(SIGUSR1);
	CHECK_ERR(zz(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &left), EINTR);
	CHECK(interrupt_done(&it));
	CHECK(left.tv_sec == 7 && left.tv_nsec == 7);
	sig_catch(SIGUSR1, SA_RESTART);
	it = interrupt_me(SIGUSR1);
	CHECK_ERR(zz(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &left), EINTR);
	CHECK(interrupt_done(&it));
}

CASE(errors) {
	static const struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}};
	struct timespec t = {0, 1};
	for (size_t i = 0; i < COUNT(bad); i++) {
		CHECK_ERR(zz(CLOCK_MONOTONIC, 0, &bad[i], NULL), EINVAL);
		OBSERVE_RET(name("absolute %d", (int)i), zz(CLOCK_REALTIME, TIMER_ABSTIME, &bad[i], NULL));
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("%s", b->name), zz(CLOCK_MONOTONIC, 0, b->p, NULL));
		OBSERVE_RET(name("%s, bad clock", b->name), zz(99, 0, b->p, NULL));
	}
	for (int bit = 1; bit < 32; bit++)
		OBSERVE_RET(name("flag %#x", 1U << bit), zz(CLOCK_MONOTONIC, 1U << bit, &t, NULL));
	OBSERVE_RET("own thread's cpu clock", zz(CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL));
	OBSERVE_RET("a dead process's cpu clock", zz((~dead_pid()) << 3 | 2, 0, &t, NULL));
}
