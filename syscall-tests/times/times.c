// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// times: processor time in ticks of 1/100 s, one's own and that of children waited for; the result is a clock.
#include "../harness/harness.h"

#include <sys/times.h>
#include <time.h>

// Burns processor time until the calling process has used so many ticks more.
static void burn(clock_t ticks) {
	struct tms t;
	REQUIRE_OK(syscall(SYS_times, &t));
	clock_t until = t.tms_utime + t.tms_stime + ticks;
	do
		REQUIRE_OK(syscall(SYS_times, &t));
	while (t.tms_utime + t.tms_stime < until);
}

CASE(processor_time_grows) {
	struct tms a, b;
	CHECK_OK(syscall(SYS_times, &a));
	burn(5);
	CHECK_OK(syscall(SYS_times, &b));
	CHECK(b.tms_utime + b.tms_stime >= a.tms_utime + a.tms_stime + 5);
	CHECK(b.tms_utime >= a.tms_utime && b.tms_stime >= a.tms_stime);
	CHECK_EQ(a.tms_cutime + a.tms_cstime, 0);
}

CASE(children_count_when_waited_for) {
	struct tms t;
	struct gate done = gate_open(), go = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		burn(5);
		gate_signal(&done);
		gate_wait(&go);
		_exit(0);
	}
	gate_wait(&done);
	CHECK_OK(syscall(SYS_times, &t));
	CHECK_EQ(t.tms_cutime + t.tms_cstime, 0);
	gate_signal(&go);
	siginfo_t info;
	REQUIRE_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	CHECK_OK(syscall(SYS_times, &t));
	CHECK_EQ(t.tms_cutime + t.tms_cstime, 0);
	CHECK_EQ(wait_for(pid), 0);
	CHECK_OK(syscall(SYS_times, &t));
	CHECK(t.tms_cutime + t.tms_cstime >= 4);
}

CASE(grandchildren_count_through_their_parent) {
	struct tms t;
	IN_CHILD(NULL) {
		IN_CHILD(NULL) burn(5);
	}
	CHECK_OK(syscall(SYS_times, &t));
	CHECK(t.tms_cutime + t.tms_cstime >= 4);
}

CASE(ignored_children_do_not_count) {
	struct tms t;
	REQUIRE(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	pid_t pid = harness_fork();
	if (pid == 0) {
		burn(5);
		_exit(0);
	}
	CHECK_ERR(wait(NULL), ECHILD);
	CHECK_OK(syscall(SYS_times, &t));
	OBSERVE("children's time", "%ld", (long)(t.tms_cutime + t.tms_cstime));
}

CASE(a_child_starts_from_nothing) {
	burn(3);
	IN_CHILD(NULL) {
		struct tms t;
		CHECK_OK(syscall(SYS_times, &t));
		CHECK(t.tms_utime + t.tms_stime < 3);
		CHECK_EQ(t.tms_cutime + t.tms_cstime, 0);
	}
}

CASE(result_is_a_clock) {
	struct timespec t0, t1;
	REQUIRE_OK(clock_gettime(CLOCK_MONOTONIC, &t0));
	long a = syscall(SYS_times, NULL), b;
	do
		b = syscall(SYS_times, NULL);
	while (b < a + 5);
	REQUIRE_OK(clock_gettime(CLOCK_MONOTONIC, &t1));
	double seconds = (t1.tv_sec - t0.tv_sec) + (t1.tv_nsec - t0.tv_nsec) / 1e9;
	// Five ticks are more than 39 ms, however fast the machine.
	CHECK(seconds > 0.039);
}

CASE(null_is_allowed) { CHECK(syscall(SYS_times, NULL) > 0); }

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_OK(b->name, syscall(SYS_times, b->p));
	CHECK_ERR(syscall(SYS_times, readonly_page()), EFAULT);
	char *p = guard_end(sizeof(struct tms));
	CHECK_OK(syscall(SYS_times, p));
	CHECK_ERR(syscall(SYS_times, p + 1), EFAULT);
	CHECK_EQ(sizeof(struct tms), 32);
}

static void *burn_thread(void *arg) {
	burn(5);
	return arg;
}

CASE(threads_count_together) {
	struct tms t;
	thread_join(thread_start(burn_thread, NULL));
	CHECK_OK(syscall(SYS_times, &t));
	CHECK(t.tms_utime + t.tms_stime >= 5);
}

CASE(exec_keeps_the_time) {
	int st;
	IN_CHILD(&st) {
		burn(10);
		// Field 14 of /proc/self/stat is the user time, 15 the system time.
		execl("/bin/sh", "sh", "-c", "read -r a b c d e f g h i j k l m ut st rest < /proc/$$/stat; test $((ut + st)) -ge 10", NULL);
		_exit(127);
	}
	OBSERVE_STATUS("sh", st);
}
