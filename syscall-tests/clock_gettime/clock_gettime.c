// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clock_gettime: which clocks there are, that they only go forward, agree with each other and count what they should.
#include "../harness/timerfds.h"

static long get(int clock, void *t) { return syscall(SYS_clock_gettime, clock, t); }
static int64_t at(int clock) {
	struct timespec t;
	REQUIRE_OK(get(clock, &t));
	CHECK(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
	return spec_ns(t);
}

CASE(clocks) {
	struct timespec t;
	for (int clock = -2; clock < 32; clock++)
		OBSERVE_RET(name("clock %d", clock), get(clock, &t));
	OBSERVE_RET("INT_MAX", get(INT32_MAX, &t));
	OBSERVE_RET("INT_MIN", get(INT32_MIN, &t));
}

CASE(forward) {
	static const int clocks[] = {CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_PROCESS_CPUTIME_ID,
				     CLOCK_THREAD_CPUTIME_ID};
	for (size_t i = 0; i < COUNT(clocks); i++) {
		int64_t last = at(clocks[i]);
		for (int k = 0; k < 200; k++) {
			int64_t now = at(clocks[i]);
			CHECK(now >= last);
			last = now;
		}
	}
}

CASE(they_agree) {
	int64_t before = at(CLOCK_REALTIME);
	struct timespec libc;
	clock_gettime(CLOCK_REALTIME, &libc);
	int64_t after = at(CLOCK_REALTIME);
	CHECK(before <= spec_ns(libc) && spec_ns(libc) <= after);
	before = at(CLOCK_MONOTONIC);
	clock_gettime(CLOCK_MONOTONIC, &libc);
	after = at(CLOCK_MONOTONIC);
	CHECK(before <= spec_ns(libc) && spec_ns(libc) <= after);
	before = at(CLOCK_REALTIME_COARSE);
	CHECK(before <= at(CLOCK_REALTIME));
	CHECK(at(CLOCK_MONOTONIC_COARSE) <= at(CLOCK_MONOTONIC));
	CHECK(at(CLOCK_MONOTONIC) <= at(CLOCK_BOOTTIME));
	before = at(CLOCK_REALTIME);
	CHECK(at(CLOCK_TAI) >= before);
}

CASE(cpu_clocks) {
	int64_t p = at(CLOCK_PROCESS_CPUTIME_ID), t = at(CLOCK_THREAD_CPUTIME_ID);
	volatile unsigned x = 0;
	while (at(CLOCK_THREAD_CPUTIME_ID) - t < 3 * MS)
		for (int i = 0; i < 10000; i++)
			x += i;
	CHECK(at(CLOCK_PROCESS_CPUTIME_ID) - p >= 2 * MS);
	pid_t child = sleeper();
	struct timespec c;
	OBSERVE_RET("of a child", get((~child) << 3 | 2, &c));
	OBSERVE_RET("of a child's thread", get((~child) << 3 | 6, &c));
	OBSERVE_RET("of itself", get((~getpid()) << 3 | 2, &c));
	OBSERVE_RET("of the own thread", get((~tid_self()) << 3 | 6, &c));
	for (int which = 0; which < 8; which++)
		OBSERVE_RET(name("of itself, kind %d", which), get((~getpid()) << 3 | which, &c));
	OBSERVE_RET("pid 0", get((~0) << 3 | 2, &c));
	end_child(child);
	OBSERVE_RET("of the dead", get((~child) << 3 | 2, &c));
}

CASE(errors) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("%s", b->name), get(CLOCK_MONOTONIC, b->p));
		OBSERVE_RET(name("%s, bad clock", b->name), get(99, b->p));
	}
	CHECK_ERR(get(CLOCK_MONOTONIC, NULL), EFAULT);
	CHECK_ERR(get(CLOCK_MONOTONIC, guard_end(15)), EFAULT);
	CHECK_ERR(get(CLOCK_MONOTONIC, readonly_page()), EFAULT);
	CHECK_EQ(get(CLOCK_MONOTONIC, guard_end(16)), 0);
}

static struct gate worked, go_on;

static long long thread_ns(pid_t tid) {
	struct timespec t;
	REQUIRE_OK(syscall(SYS_clock_gettime, (clockid_t)(~tid << 3 | 6), &t));
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void *worker(void *arg) {
	*(pid_t *)arg = tid_self();
	while (thread_ns(tid_self()) < 60000000)
		;
	gate_signal(&worked);
	gate_wait(&go_on);
	return NULL;
}

static void *idler(void *arg) {
	*(pid_t *)arg = tid_self();
	gate_signal(&worked);
	gate_wait(&go_on);
	return NULL;
}

// Each thread has a clock of its own, which the others can read.
CASE(clocks_of_other_threads) {
	pid_t busy = 0, idle = 0;
	worked = gate_open(), go_on = gate_open();
	pthread_t a = thread_start(worker, &busy);
	gate_wait(&worked);
	pthread_t b = thread_start(idler, &idle);
	gate_wait(&worked);
	long long t = thread_ns(busy);
	CHECK(t >= 60000000);
	CHECK(thread_ns(idle) < 50000000);
	CHECK(thread_ns(idle) < t);
	CHECK(thread_ns(tid_self()) < t);
	struct timespec all;
	REQUIRE_OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all));
	CHECK(all.tv_sec * 1000000000ll + all.tv_nsec >= t);
	IN_CHILD(NULL) { OBSERVE_RET("another process's thread", syscall(SYS_clock_gettime, (clockid_t)(~busy << 3 | 6), &all)); }
	gate_signal(&go_on);
	gate_signal(&go_on);
	thread_join(a);
	thread_join(b);
}
