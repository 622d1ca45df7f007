// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timerfd_settime: once and again, relative and absolute, what a read counts, and what it refuses.
#include "../harness/timerfds.h"

static long set(int fd, int flags, void *new, void *old) { return syscall(SYS_timerfd_settime, fd, flags, new, old); }

static int make(int clock, int flags) { return REQUIRE_OK(timerfd_create(clock, flags)); }

CASE(once) {
	static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME};
	for (size_t i = 0; i < COUNT(clocks); i++) {
		int fd = make(clocks[i], 0);
		struct itimerspec t = spec(5 * MS, 0);
		uint64_t v = 0;
		int64_t start = now_ns(CLOCK_MONOTONIC);
		REQUIRE_OK(set(fd, 0, &t, NULL));
		OBSERVE_RET(name("clock %d, read", clocks[i]), read(fd, &v, 8));
		CHECK(now_ns(CLOCK_MONOTONIC) - start >= 5 * MS);
		OBSERVE(name("clock %d, expirations", clocks[i]), "%d", (int)v);
		REQUIRE_OK(timerfd_gettime(fd, &t));
		OBSERVE(name("clock %d, left", clocks[i]), "%s", left_text(t));
		REQUIRE_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
		OBSERVE_RET(name("clock %d, read again", clocks[i]), read(fd, &v, 8));
	}
}

CASE(absolute) {
	static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME};
	for (size_t i = 0; i < COUNT(clocks); i++) {
		int fd = make(clocks[i], 0);
		uint64_t v = 0;
		struct itimerspec t = spec(now_ns(clocks[i]) + 5 * MS, 0);
		REQUIRE_OK(set(fd, TFD_TIMER_ABSTIME, &t, NULL));
		REQUIRE(read(fd, &v, 8) == 8);
		CHECK_EQ(v, 1);
		CHECK(now_ns(clocks[i]) >= spec_ns(t.it_value));
		t = spec(1, 0);
		REQUIRE_OK(set(fd, TFD_TIMER_ABSTIME, &t, NULL));
		CHECK_EQ(read(fd, &v, 8), 8); // long past
		t = spec(now_ns(clocks[i]) - 10 * SEC - SEC / 2, SEC);
		if (spec_ns(t.it_value) > 0) {
			REQUIRE_OK(set(fd, TFD_TIMER_ABSTIME, &t, NULL));
			REQUIRE(read(fd, &v, 8) == 8);
			CHECK(v >= 11 && v < 20); // all that were missed are counted
		}
		t = spec(now_ns(clocks[i]) + 100 * SEC, 7);
		REQUIRE_OK(set(fd, TFD_TIMER_ABSTIME, &t, NULL));
		REQUIRE_OK(timerfd_gettime(fd, &t));
		OBSERVE(name("clock %d, left", clocks[i]), "%s", left_text(t)); // relative nevertheless
	}
}

CASE(periodic) {
	int fd = make(CLOCK_MONOTONIC, 0);
	struct itimerspec t = spec(1, 2 * MS);
	uint64_t v = 0, total = 0;
	int64_t start = now_ns(CLOCK_MONOTONIC);
	REQUIRE_OK(set(fd, 0, &t, NULL));
	while (total < 10) {
		REQUIRE(read(fd, &v, 8) == 8);
		total += v;
	}
	int64_t gone = now_ns(CLOCK_MONOTONIC) - start;
	CHECK(gone >= 18 * MS);
	CHECK((int64_t)total <= gone / (2 * MS) + 1);
	t = spec(0, 2 * MS);
	REQUIRE_OK(set(fd, 0, &t, NULL));
	REQUIRE_OK(timerfd_gettime(fd, &t));
	OBSERVE("disarmed", "%s", left_text(t));
	OBSERVE("poll", "%s", poll_text(fd));
}

CASE(old_value_and_setting_again) {
	int fd = make(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec t = spec(100 * SEC, 3 * SEC), old;
	uint64_t v;
	REQUIRE_OK(set(fd, 0, &t, &old));
	OBSERVE("before", "%s", left_text(old));
	t = spec(1, 0);
	REQUIRE_OK(set(fd, 0, &t, &old));
	OBSERVE("armed", "%s", left_text(old));
	await(fd, POLLIN);
	t = spec(100 * SEC, 0);
	REQUIRE_OK(set(fd, 0, &t, &old));
	OBSERVE("expired", "%s", left_text(old));
	OBSERVE_RET("the expiry is forgotten", read(fd, &v, 8));
	OBSERVE("not readable", "%s", poll_text(fd));
	int d = REQUIRE_OK(dup(fd));
	t = spec(1, 0);
	REQUIRE_OK(set(d, 0, &t, NULL));
	await(fd, POLLIN);
	OBSERVE_RET("by the duplicate", read(fd, &v, 8));
}

CASE(errors) {
	int fd = make(CLOCK_REALTIME, 0), p[2];
	struct itimerspec t = spec(100 * SEC, 0), old;
	static const struct itimerspec bad[] = {{{0, 0}, {-1, 0}}, {{0, 0}, {0, -1}}, {{0, 0}, {0, 1000000000}}, {{-1, 0}, {1, 0}},
						{{0, -1}, {1, 0}}, {{0, 1000000000}, {1, 0}}, {{0, 1000000000}, {0, 0}}};
	REQUIRE_OK(pipe(p));
	CHECK_ERR(set(99, 0, &t, NULL), EBADF);
	CHECK_ERR(set(p[0], 0, &t, NULL), EINVAL);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct itimerspec b = bad[i];
		OBSERVE_RET(name("value %d", (int)i), set(fd, 0, &b, NULL));
	}
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %#x", 1U << bit), set(fd, 1U << bit, &t, NULL));
	t = spec(now_ns(CLOCK_REALTIME) + 100 * SEC, 0);
	OBSERVE_RET("both flags", set(fd, 3, &t, NULL));
	int mono = make(CLOCK_MONOTONIC, 0);
	OBSERVE_RET("cancel on set, another clock", set(mono, 3, &t, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("new %s", b->name), set(fd, 0, b->p, NULL));
		OBSERVE_RET(name("new %s, bad fd", b->name), set(99, 0, b->p, NULL));
	}
	CHECK_ERR(set(fd, 0, NULL, NULL), EFAULT);
	t = spec(0, 0);
	REQUIRE_OK(set(fd, 0, &t, NULL));
	t = spec(100 * SEC, 0);
	OBSERVE_RET("bad old", set(fd, 0, &t, bad_ptr()));
	REQUIRE_OK(timerfd_gettime(fd, &old));
	OBSERVE("is set all the same", "%s", left_text(old));
	t.it_value.tv_sec = INT64_MAX;
	OBSERVE_RET("the longest time", set(fd, 0, &t, NULL));
}

CASE(interrupted) {
	int fd = make(CLOCK_MONOTONIC, 0);
	uint64_t v;
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(read(fd, &v, 8), EINTR);
	CHECK(interrupt_done(&it));
	// A bad buffer eats the expiry or leaves it?
	struct itimerspec t = spec(1, 0);
	REQUIRE_OK(set(fd, 0, &t, NULL));
	await(fd, POLLIN);
	OBSERVE_RET("read to a bad pointer", read(fd, bad_ptr(), 8));
	OBSERVE("then", "%s", poll_text(fd));
}
