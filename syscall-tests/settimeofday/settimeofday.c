// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// settimeofday: what it refuses; no case sets a clock.
#include "../harness/timerfds.h"

#include <sys/time.h>

static long set(const void *tv, const void *tz) { return syscall(SYS_settimeofday, tv, tz); }

CASE(without_the_right) {
	IN_CHILD(NULL) {
		static const struct timeval bad[] = {{0, -1}, {0, 1000000}, {0, 1000001}, {-1, 0}, {INT64_MAX, 0}};
		struct timezone tz = {0, 0}, odd = {16 * 60, 0};
		struct timeval tv;
		gettimeofday(&tv, NULL);
		become_nobody();
		OBSERVE_RET("the time", set(&tv, NULL));
		OBSERVE_RET("the zone", set(NULL, &tz));
		OBSERVE_RET("an odd zone", set(NULL, &odd));
		OBSERVE_RET("both", set(&tv, &tz));
		OBSERVE_RET("nothing", set(NULL, NULL));
		for (size_t i = 0; i < COUNT(bad); i++)
			OBSERVE_RET(name("time %d", (int)i), set(&bad[i], NULL));
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
			OBSERVE_RET(name("time %s", b->name), set(b->p, NULL));
			OBSERVE_RET(name("zone %s", b->name), set(NULL, b->p));
		}
	}
}

CASE(invalid_microseconds_come_before_rights) {
	struct timeval bad = {0, 2000000};
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(set(&bad, NULL), EINVAL);
		CHECK_ERR(set(&bad, bad_ptr()), EINVAL);
	}
}
