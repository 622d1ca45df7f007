// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timerfd_gettime: what is left, which only shrinks, and errors.
#include "../harness/timerfds.h"

static long get(int fd, void *t) { return syscall(SYS_timerfd_gettime, fd, t); }

CASE(what_is_left) {
	int fd = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, 0));
	struct itimerspec t = spec(100 * SEC, 50 * SEC), a, b;
	REQUIRE_OK(timerfd_settime(fd, 0, &t, NULL));
	REQUIRE_OK(get(fd, &a));
	REQUIRE_OK(get(fd, &b));
	OBSERVE("left", "%s", left_text(a));
	CHECK(spec_ns(b.it_value) <= spec_ns(a.it_value));
	t = spec(1, 100 * SEC);
	REQUIRE_OK(timerfd_settime(fd, 0, &t, NULL));
	await(fd, POLLIN);
	REQUIRE_OK(get(fd, &a));
	OBSERVE("in the second period", "%s", left_text(a));
	OBSERVE("looking does not read", "%s", poll_text(fd));
	t = spec(1, 0);
	REQUIRE_OK(timerfd_settime(fd, 0, &t, NULL));
	await(fd, POLLIN);
	REQUIRE_OK(get(fd, &a));
	OBSERVE("expired, not read", "%s", left_text(a));
}

CASE(errors) {
	int fd = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, 0));
	struct itimerspec t;
	CHECK_ERR(get(99, &t), EBADF);
	CHECK_ERR(get(0, &t), EINVAL);
	CHECK_ERR(get(99, bad_ptr()), EBADF);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), get(fd, b->p));
	CHECK_ERR(get(fd, guard_end(31)), EFAULT);
	CHECK_EQ(get(fd, guard_end(32)), 0);
}
