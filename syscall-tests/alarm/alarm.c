// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// alarm: the seconds that are left, replacing and cancelling, and what becomes of it over fork and exec.
#include "../harness/timerfds.h"

#include <sys/time.h>

static long kalarm(unsigned s) { return syscall(SYS_alarm, s); }

CASE(replaced_and_cancelled) {
	OBSERVE_RET("first", kalarm(1000));
	long left = kalarm(2000);
	CHECK(left > 900 && left <= 1000);
	left = kalarm(0);
	CHECK(left > 1900 && left <= 2000);
	OBSERVE_RET("none", kalarm(0));
	OBSERVE_RET("UINT_MAX", kalarm(UINT32_MAX));
	left = kalarm(0);
	OBSERVE("what that was", "%s", left > INT32_MAX - 1000L && left <= INT32_MAX ? "INT_MAX" : left > UINT32_MAX - 1000L ? "UINT_MAX" : "other");
}

CASE(is_the_real_itimer) {
	struct itimerval t = {{5, 0}, {900, 0}}, old;
	struct timespec before, after;
	long left;
	kalarm(100);
	REQUIRE_OK(setitimer(ITIMER_REAL, &t, &old));
	CHECK(old.it_value.tv_sec > 50 && old.it_value.tv_sec <= 100);
	sig_block(SIGALRM);
	do { // until it was not kept from running for so long that the timer may have gone off
		t = (struct itimerval){{5, 0}, {0, 400000}};
		clock_gettime(CLOCK_MONOTONIC, &before);
		REQUIRE_OK(setitimer(ITIMER_REAL, &t, NULL));
		left = kalarm(100);
		clock_gettime(CLOCK_MONOTONIC, &after);
	} while ((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 > 300);
	OBSERVE("less than a second is one", "%ld", left);
	REQUIRE_OK(getitimer(ITIMER_REAL, &t));
	OBSERVE("interval", "%ld", (long)t.it_interval.tv_sec);
}

CASE(delivered) {
	sig_catch(SIGALRM, 0);
	sig_block(SIGALRM);
	kalarm(1);
	uint64_t set = BIT(SIGALRM);
	siginfo_t i;
	CHECK_EQ(syscall(SYS_rt_sigtimedwait, &set, &i, NULL, 8), SIGALRM);
	OBSERVE("info", "code %d pid %d", i.si_code, i.si_pid);
	OBSERVE_RET("afterwards", kalarm(0));
}

CASE(fork_and_exec) {
	kalarm(1000);
	IN_CHILD(NULL) OBSERVE_RET("child", kalarm(0));
	int st;
	IN_CHILD(&st) {
		struct itimerval t = {{0, 0}, {0, 300000}};
		setitimer(ITIMER_REAL, &t, NULL);
		execl("/bin/sh", "sh", "-c", "while :; do :; done", NULL);
	}
	OBSERVE_STATUS("kept over exec", st);
}
