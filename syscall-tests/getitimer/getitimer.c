// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getitimer: what is left of a timer, and errors.
#include "../harness/itimers.h"

static long get(int which, void *t) { return syscall(SYS_getitimer, which, t); }

CASE(what_is_left) {
	for (int which = 0; which < 3; which++) {
		struct itimerval t = {{7, 8}, {100, 0}}, a, b;
		REQUIRE_OK(get(which, &a));
		OBSERVE(name("timer %d, fresh", which), "%s", itimer_text(a));
		REQUIRE_OK(setitimer(which, &t, NULL));
		REQUIRE_OK(get(which, &a));
		REQUIRE_OK(get(which, &b));
		OBSERVE(name("timer %d", which), "%s", itimer_text(a));
		CHECK(timercmp(&b.it_value, &a.it_value, <=));
	}
}

CASE(errors) {
	struct itimerval t;
	for (int which = -1; which < 6; which++)
		OBSERVE_RET(name("timer %d", which), get(which, &t));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("%s", b->name), get(ITIMER_REAL, b->p));
		OBSERVE_RET(name("%s, bad timer", b->name), get(3, b->p));
	}
	CHECK_ERR(get(ITIMER_REAL, NULL), EFAULT);
	CHECK_ERR(get(ITIMER_REAL, guard_end(31)), EFAULT);
	CHECK_EQ(get(ITIMER_REAL, guard_end(32)), 0);
}
