// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// time: the seconds, returned and stored.
#include "../harness/timerfds.h"

CASE(agrees_with_the_clock) {
	time_t stored = 0;
	struct timespec before, after;
	REQUIRE_OK(clock_gettime(CLOCK_REALTIME_COARSE, &before));
	time_t t = syscall(SYS_time, &stored);
	REQUIRE_OK(clock_gettime(CLOCK_REALTIME, &after));
	CHECK_EQ(t, stored);
	CHECK(before.tv_sec <= t && t <= after.tv_sec);
	CHECK(syscall(SYS_time, NULL) >= t);
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_OK(name("%s", b->name), syscall(SYS_time, b->p));
	CHECK_ERR(syscall(SYS_time, guard_end(7)), EFAULT);
	CHECK(syscall(SYS_time, guard_end(8)) > 0);
}
