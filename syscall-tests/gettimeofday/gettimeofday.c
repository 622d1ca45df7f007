// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// gettimeofday: it agrees with CLOCK_REALTIME; the time zone; bad pointers.
#include "../harness/timerfds.h"

#include <sys/time.h>

static long get(void *tv, void *tz) { return syscall(SYS_gettimeofday, tv, tz); }

CASE(agrees_with_the_clock) {
	struct timeval tv;
	int64_t before = now_ns(CLOCK_REALTIME);
	CHECK_EQ(get(&tv, NULL), 0);
	int64_t after = now_ns(CLOCK_REALTIME), us = tv.tv_sec * 1000000LL + tv.tv_usec;
	CHECK(tv.tv_usec >= 0 && tv.tv_usec < 1000000);
	CHECK(before / 1000 <= us && us <= after / 1000);
}

CASE(time_zone) {
	struct timezone tz = {7, 7};
	struct timeval tv;
	CHECK_EQ(get(NULL, &tz), 0);
	OBSERVE("zone", "%d %d", tz.tz_minuteswest, tz.tz_dsttime);
	CHECK_EQ(get(&tv, &tz), 0);
	CHECK_EQ(get(NULL, NULL), 0);
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("time %s", b->name), get(b->p, NULL));
		OBSERVE_RET(name("zone %s", b->name), get(NULL, b->p));
	}
	CHECK_ERR(get(guard_end(15), NULL), EFAULT);
	CHECK_EQ(get(guard_end(16), guard_end(8)), 0);
}
