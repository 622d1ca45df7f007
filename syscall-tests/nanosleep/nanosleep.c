// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// nanosleep: it sleeps at least as long as asked, and tells what is left when a signal ends it.
#include "../harness/timerfds.h"

static long zz(const void *t, void *left) { return syscall(SYS_nanosleep, t, left); }

CASE(at_least_as_long) {
	static const int64_t times[] = {0, 1, 1000, MS, 15 * MS};
	for (size_t i = 0; i < COUNT(times); i++) {
		struct timespec t = ns_spec(times[i]), left = {7, 7};
		int64_t start = now_ns(CLOCK_MONOTONIC);
		CHECK_EQ(zz(&t, &left), 0);
		CHECK(now_ns(CLOCK_MONOTONIC) - start >= times[i]);
		CHECK(left.tv_sec == 7 && left.tv_nsec == 7);
	}
}

CASE(interrupted) {
	static const int flags[] = {0, SA_RESTART};
	for (int i = 0; i < 2; i++) {
		struct timespec t = {100, 0}, left = {0, 0};
		sig_catch(SIGUSR1, flags[i]);
		struct interrupter it = interrupt_me(SIGUSR1);
		CHECK_ERR(zz(&t, &left), EINTR);
		CHECK(interrupt_done(&it));
		CHECK(left.tv_sec <= 100 && left.tv_sec > 50);
		it = interrupt_me(SIGUSR1);
		CHECK_ERR(zz(&t, NULL), EINTR);
		CHECK(interrupt_done(&it));
		it = interrupt_me(SIGUSR1);
		OBSERVE_RET(name("flags %#x, bad rest", flags[i]), zz(&t, bad_ptr()));
		CHECK(interrupt_done(&it));
		it = interrupt_me(SIGUSR1);
		CHECK_ERR(zz(&t, &t), EINTR);
		CHECK(interrupt_done(&it));
		CHECK(t.tv_sec <= 100 && t.tv_sec > 50);
	}
}

CASE(errors) {
	static const struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}, {INT64_MIN, 0}, {-1, 999999999}, {0, INT64_MAX}};
	for (size_t i = 0; i < COUNT(bad); i++)
		CHECK_ERR(zz(&bad[i], NULL), EINVAL);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), zz(b->p, NULL));
	CHECK_ERR(zz(NULL, NULL), EFAULT);
	struct timespec t = {0, 1};
	OBSERVE_RET("the rest is not looked at when there is none", zz(&t, bad_ptr()));
}

// A stop does not end the sleep, nor does it add to it.
CASE(stop_and_continue) {
	int st;
	pid_t child = harness_fork();
	if (child == 0) {
		struct timespec t = {100, 0}, left = {0, 0};
		sig_catch(SIGUSR1, 0);
		long r = zz(&t, &left);
		_exit(r == -1 && errno == EINTR && left.tv_sec <= 100 && left.tv_sec > 50 ? 9 : 1);
	}
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGSTOP);
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	kill(child, SIGCONT);
	REQUIRE_OK(waitpid(child, &st, WCONTINUED));
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGUSR1);
	OBSERVE_STATUS("child", wait_for(child));
}
