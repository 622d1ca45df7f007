// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timer_gettime: what is left, also without signals, and errors.
#include "../harness/ptimers.h"

CASE(what_is_left) {
	ktimer id = tmake(CLOCK_MONOTONIC, SIGUSR1, 0);
	struct itimerspec a, b;
	REQUIRE_OK(tget(id, &a));
	OBSERVE("fresh", "%s", left_text(a));
	tarm(id, 100 * SEC, 9);
	REQUIRE_OK(tget(id, &a));
	REQUIRE_OK(tget(id, &b));
	OBSERVE("armed", "%s", left_text(a));
	CHECK(spec_ns(b.it_value) <= spec_ns(a.it_value));
	struct itimerspec t = spec(now_ns(CLOCK_MONOTONIC) + 100 * SEC, 0);
	REQUIRE_OK(tset(id, TIMER_ABSTIME, &t, NULL));
	REQUIRE_OK(tget(id, &a));
	OBSERVE("absolute", "%s", left_text(a));
}

CASE(without_signals) {
	struct sigevent e;
	struct itimerspec t;
	ktimer id = -1;
	memset(&e, 0, sizeof e);
	e.sigev_notify = SIGEV_NONE;
	REQUIRE_OK(tcreate(CLOCK_MONOTONIC, &e, &id));
	tarm(id, 1, 100 * SEC);
	do
		REQUIRE_OK(tget(id, &t));
	while (spec_ns(t.it_value) < 50 * SEC); // until its first period is over
	OBSERVE("second period", "%s", left_text(t));
	tarm(id, 1, 0);
	do
		REQUIRE_OK(tget(id, &t));
	while (spec_ns(t.it_value));
	OBSERVE("once", "%s", left_text(t));
}

CASE(errors) {
	ktimer id = tmake(CLOCK_MONOTONIC, SIGUSR1, 0);
	struct itimerspec t;
	static const long ids[] = {-1, 99, INT32_MAX, INT32_MIN};
	for (size_t i = 0; i < COUNT(ids); i++)
		OBSERVE_RET(name("id %ld", ids[i]), tget(ids[i], &t));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("%s", b->name), tget(id, b->p));
		OBSERVE_RET(name("%s, bad id", b->name), tget(99, b->p));
	}
	CHECK_ERR(tget(id, NULL), EFAULT);
}
