// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// select: which descriptors it reports in which set, what it leaves alone, and its timeout.
#include "../harness/ready.h"

#include <sys/resource.h>
#include <sys/time.h>

static long kselect(int n, void *r, void *w, void *e, struct timeval *t) { return syscall(SYS_select, n, r, w, e, t); }

static const char *look(int fd) {
	fd_set s[3];
	struct timeval zero = {0, 0};
	for (int i = 0; i < 3; i++) {
		FD_ZERO(&s[i]);
		FD_SET(fd, &s[i]);
	}
	errno = 0;
	long n = kselect(fd + 1, &s[0], &s[1], &s[2], &zero);
	return name("%ld %s:%s%s%s", n, errno_name(errno), FD_ISSET(fd, &s[0]) ? " read" : "", FD_ISSET(fd, &s[1]) ? " write" : "",
		    FD_ISSET(fd, &s[2]) ? " except" : "");
}

READY_CASES(look)

CASE(sets_that_are_left_out) {
	int e = REQUIRE_OK(eventfd(1, 0));
	fd_set s;
	for (int i = 0; i < 3; i++) {
		FD_ZERO(&s);
		FD_SET(e, &s);
		struct timeval t = {0, 0};
		OBSERVE_RET(name("only set %d", i), kselect(e + 1, i == 0 ? &s : NULL, i == 1 ? &s : NULL, i == 2 ? &s : NULL, &t));
	}
	FD_ZERO(&s);
	FD_SET(e, &s);
	OBSERVE_RET("the same set for two", kselect(e + 1, &s, &s, NULL, NULL));
	struct timeval t = {0, 0};
	CHECK_EQ(kselect(0, NULL, NULL, NULL, &t), 0);
}

// Only the words up to n are read and written; bits at n and above come back cleared within the last word.
CASE(bits_beyond_n) {
	unsigned long w[4] = {~0UL, ~0UL, ~0UL, ~0UL};
	struct timeval t = {0, 0};
	OBSERVE_RET("n 1, all bits", kselect(1, w, NULL, NULL, &t));
	OBSERVE("words", "%lx %lx %lx %lx", w[0], w[1], w[2], w[3]);
	unsigned long *end = guard_end(8);
	*end = 1;
	OBSERVE_RET("a set of one word", kselect(3, end, NULL, NULL, &t));
	OBSERVE_RET("n 65 of one word", kselect(65, end, NULL, NULL, &t));
}

CASE(errors) {
	fd_set s;
	struct timeval zero = {0, 0};
	static const struct timeval times[] = {{-1, 0}, {0, -1}, {0, 1000000}, {0, 2000000}, {1, -500000}, {INT64_MAX, 0}};
	FD_ZERO(&s);
	CHECK_ERR(kselect(-1, &s, NULL, NULL, &zero), EINVAL);
	OBSERVE_RET("n INT_MIN", kselect(INT32_MIN, NULL, NULL, NULL, &zero));
	FD_SET(99, &s);
	CHECK_ERR(kselect(100, &s, NULL, NULL, &zero), EBADF);
	OBSERVE_RET("bad descriptor beyond n", kselect(99, &s, NULL, NULL, &zero));
	int e = REQUIRE_OK(eventfd(1, 0));
	for (size_t i = 0; i < COUNT(times); i++) {
		struct timeval t = times[i];
		FD_ZERO(&s);
		FD_SET(e, &s);
		OBSERVE_RET(name("timeout %d", (int)i), kselect(e + 1, &s, NULL, NULL, &t));
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("read %s", b->name), kselect(3, b->p, NULL, NULL, &zero));
		OBSERVE_RET(name("write %s", b->name), kselect(3, NULL, b->p, NULL, &zero));
		OBSERVE_RET(name("except %s", b->name), kselect(3, NULL, NULL, b->p, &zero));
		OBSERVE_RET(name("time %s", b->name), kselect(0, NULL, NULL, NULL, b->p));
		OBSERVE_RET(name("read %s, n 0", b->name), kselect(0, b->p, NULL, NULL, &zero));
	}
	OBSERVE_RET("n beyond any descriptor", kselect(1 << 20, NULL, NULL, NULL, &zero));
}

CASE(timeout_tells_what_is_left) {
	int e = REQUIRE_OK(eventfd(1, 0));
	fd_set s;
	FD_ZERO(&s);
	FD_SET(e, &s);
	struct timeval t = {100, 0};
	CHECK_EQ(kselect(e + 1, &s, NULL, NULL, &t), 1);
	CHECK(t.tv_sec > 50 && t.tv_sec <= 100);
	t = (struct timeval){0, 5000};
	int64_t start = now_ns(CLOCK_MONOTONIC);
	CHECK_EQ(kselect(0, NULL, NULL, NULL, &t), 0);
	CHECK(now_ns(CLOCK_MONOTONIC) - start >= 5000000);
	OBSERVE("left", "%ld %ld", (long)t.tv_sec, (long)t.tv_usec);
	CHECK_EQ(kselect(0, NULL, NULL, NULL, readonly_page()), 0);
}

CASE(woken_and_interrupted) {
	int e = REQUIRE_OK(eventfd(0, 0));
	struct waker w;
	fd_set s;
	FD_ZERO(&s);
	FD_SET(e, &s);
	wake_me(&w, e);
	CHECK_EQ(kselect(e + 1, &s, NULL, NULL, NULL), 1);
	thread_join(w.thread);
	static const int flags[] = {0, SA_RESTART};
	for (int i = 0; i < 2; i++) {
		int p[2];
		REQUIRE_OK(pipe(p));
		FD_ZERO(&s);
		FD_SET(p[0], &s);
		sig_catch(SIGUSR1, flags[i]);
		struct interrupter it = interrupt_me(SIGUSR1);
		struct timeval t = {100, 0};
		OBSERVE_RET(name("flags %#x", flags[i]), kselect(p[0] + 1, &s, NULL, NULL, i ? NULL : &t));
		CHECK(interrupt_done(&it));
		OBSERVE(name("flags %#x, set", flags[i]), "%d", FD_ISSET(p[0], &s));
		if (!i)
			CHECK(t.tv_sec > 50 && t.tv_sec <= 100);
	}
}

CASE(descriptors_beyond_fd_setsize) {
	struct rlimit lim;
	REQUIRE_OK(getrlimit(RLIMIT_NOFILE, &lim));
	if (lim.rlim_max < 2048)
		SKIP("no more than %d descriptors", (int)lim.rlim_max);
	lim.rlim_cur = 2048;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	int e = REQUIRE_OK(eventfd(1, 0));
	REQUIRE_OK(dup2(e, 2000));
	unsigned long w[2048 / 64] = {0};
	w[2000 / 64] |= 1UL << (2000 % 64);
	OBSERVE_RET("fd 2000", kselect(2001, w, NULL, NULL, NULL));
	OBSERVE("word", "%lx", w[2000 / 64]);
}
