// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timer_settime: once, again and again, at a moment; what it returns of before, and errors.
#include "../harness/ptimers.h"

CASE(once_and_absolute) {
	static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI};
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	for (size_t i = 0; i < COUNT(clocks); i++) {
		ktimer id = tmake(clocks[i], SIGUSR1, 10 + i);
		siginfo_t info;
		int64_t start = now_ns(clocks[i]);
		tarm(id, 3 * MS, 0);
		REQUIRE(take(BIT(SIGUSR1), &info) == SIGUSR1);
		CHECK(now_ns(clocks[i]) - start >= 3 * MS);
		OBSERVE(name("clock %d", clocks[i]), "code %d value %d overrun %d", info.si_code, info.si_value.sival_int, info.si_overrun);
		struct itimerspec t = spec(now_ns(clocks[i]) + 3 * MS, 0);
		REQUIRE_OK(tset(id, TIMER_ABSTIME, &t, NULL));
		REQUIRE(take(BIT(SIGUSR1), &info) == SIGUSR1);
		CHECK(now_ns(clocks[i]) >= spec_ns(t.it_value));
		t = spec(1, 0);
		REQUIRE_OK(tset(id, TIMER_ABSTIME, &t, NULL));
		CHECK_EQ(take(BIT(SIGUSR1), &info), SIGUSR1); // long past
		REQUIRE_OK(tget(id, &t));
		OBSERVE(name("clock %d, left", clocks[i]), "%s", left_text(t));
	}
}

CASE(periodic) {
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	ktimer id = tmake(CLOCK_MONOTONIC, SIGUSR1, 1);
	siginfo_t i;
	int64_t start = now_ns(CLOCK_MONOTONIC), n = 0;
	tarm(id, 2 * MS, 2 * MS);
	while (n < 8) {
		REQUIRE(take(BIT(SIGUSR1), &i) == SIGUSR1);
		n += 1 + i.si_overrun;
	}
	int64_t gone = now_ns(CLOCK_MONOTONIC) - start;
	CHECK(gone >= 16 * MS);
	CHECK(n <= gone / (2 * MS));
	tarm(id, 0, 2 * MS);
	struct itimerspec t;
	REQUIRE_OK(tget(id, &t));
	OBSERVE("off", "%s", left_text(t));
}

CASE(cpu_clocks) {
	static const int clocks[] = {CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
	for (int i = 0; i < 2; i++) {
		sig_catch(SIGUSR1 + 2 * i, 0);
		ktimer id = tmake(clocks[i], SIGUSR1 + 2 * i, i);
		int64_t start = now_ns(clocks[i]);
		tarm(id, 5 * MS, 0);
		volatile unsigned x = 0;
		while (!sig_count[SIGUSR1 + 2 * i])
			for (int k = 0; k < 1000; k++)
				x += k;
		CHECK(now_ns(clocks[i]) - start >= 5 * MS);
		OBSERVE(name("clock %d", clocks[i]), "code %d", sig_info[SIGUSR1 + 2 * i].si_code);
	}
}

CASE(old_values) {
	ktimer id = tmake(CLOCK_MONOTONIC, SIGUSR1, 1);
	struct itimerspec t = spec(100 * SEC, 3 * SEC), old;
	REQUIRE_OK(tset(id, 0, &t, &old));
	OBSERVE("before", "%s", left_text(old));
	REQUIRE_OK(tset(id, 0, &t, &old));
	OBSERVE("armed", "%s", left_text(old));
	t = spec(0, 0);
	REQUIRE_OK(tset(id, 0, &t, &old));
	OBSERVE("armed again", "%s", left_text(old));
	REQUIRE_OK(tset(id, 0, &t, &old));
	OBSERVE("off", "%s", left_text(old));
}

CASE(errors) {
	ktimer id = tmake(CLOCK_MONOTONIC, SIGUSR1, 1);
	static const struct itimerspec bad[] = {{{0, 0}, {-1, 0}}, {{0, 0}, {0, -1}}, {{0, 0}, {0, 1000000000}}, {{-1, 0}, {1, 0}},
						{{0, -1}, {1, 0}}, {{0, 1000000000}, {1, 0}}, {{0, -1}, {0, 0}}};
	struct itimerspec t = spec(100 * SEC, 0), old;
	for (size_t i = 0; i < COUNT(bad); i++)
		OBSERVE_RET(name("value %d", (int)i), tset(id, 0, &bad[i], NULL));
	for (int bit = 1; bit < 32; bit++)
		OBSERVE_RET(name("flag %#x", 1U << bit), tset(id, 1U << bit, &t, NULL));
	CHECK_ERR(tset(99, 0, &t, NULL), EINVAL);
	CHECK_ERR(tset(-1, 0, &t, NULL), EINVAL);
	CHECK_ERR(tset(id, 0, NULL, NULL), EINVAL);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("new %s", b->name), tset(id, 0, b->p, NULL));
		OBSERVE_RET(name("new %s, bad id", b->name), tset(99, 0, b->p, NULL));
	}
	OBSERVE_RET("bad old", tset(id, 0, &t, bad_ptr()));
	REQUIRE_OK(tget(id, &old));
	OBSERVE("is set all the same", "%s", left_text(old));
}
