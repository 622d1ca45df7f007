// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setitimer: the three timers, their signals, old values, and errors.
#include "../harness/itimers.h"

static long set(int which, const void *new, void *old) { return syscall(SYS_setitimer, which, new, old); }

CASE(signals_of_the_three) {
	static const int which[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}, sigs[] = {SIGALRM, SIGVTALRM, SIGPROF};
	for (int i = 0; i < 3; i++) {
		struct itimerval t = {{0, 0}, {0, 2000}};
		sig_catch(sigs[i], 0);
		REQUIRE_OK(set(which[i], &t, NULL));
		burn_until(&sig_count[sigs[i]], 1);
		OBSERVE(name("timer %d", which[i]), "%d code %d", (int)sig_count[sigs[i]], sig_info[sigs[i]].si_code);
		REQUIRE_OK(getitimer(which[i], &t));
		OBSERVE(name("timer %d, then", which[i]), "%s", itimer_text(t));
	}
}

CASE(periodic) {
	static const int which[] = {ITIMER_REAL, ITIMER_PROF}, sigs[] = {SIGALRM, SIGPROF};
	for (int i = 0; i < 2; i++) {
		struct itimerval t = {{0, 5000}, {0, 5000}}, off = {{0, 0}, {0, 0}}, old;
		sig_catch(sigs[i], SA_RESTART);
		int64_t start = now_ns(CLOCK_MONOTONIC);
		REQUIRE_OK(set(which[i], &t, NULL));
		burn_until(&sig_count[sigs[i]], 4);
		CHECK(now_ns(CLOCK_MONOTONIC) - start >= 15 * MS);
		REQUIRE_OK(set(which[i], &off, &old));
		OBSERVE(name("timer %d, old interval", which[i]), "%ld", (long)old.it_interval.tv_usec / 1000);
		int n = sig_count[sigs[i]];
		struct timespec z = {0, 12000000};
		nanosleep(&z, NULL);
		CHECK_EQ(sig_count[sigs[i]], n);
	}
}

static const struct itimerval tiny = {{0, 0}, {0, 1}};
static volatile sig_atomic_t chained;

static void rearm(int sig) {
	(void)sig;
	if (++chained < 1000)
		set(ITIMER_REAL, &tiny, NULL);
}

// A microsecond is over before the call is: each handler arms the timer for the next.
CASE(chain_of_tiny_ones) {
	struct sigaction sa = {.sa_handler = rearm};
	struct itimerval t;
	REQUIRE_OK(sigaction(SIGALRM, &sa, NULL));
	REQUIRE_OK(set(ITIMER_REAL, &tiny, NULL));
	burn_until(&chained, 1000);
	REQUIRE_OK(getitimer(ITIMER_REAL, &t));
	OBSERVE("then", "%s", itimer_text(t));
	CHECK_EQ(chained, 1000);
}

CASE(old_values) {
	for (int which = 0; which < 3; which++) {
		struct itimerval t = {{3, 7}, {100, 0}}, u = {{9, 0}, {0, 0}}, old = {{1, 1}, {1, 1}};
		REQUIRE_OK(set(which, &t, &old));
		OBSERVE(name("timer %d, before", which), "%s", itimer_text(old));
		REQUIRE_OK(set(which, &u, &old));
		OBSERVE(name("timer %d, armed", which), "%s", itimer_text(old));
		REQUIRE_OK(set(which, NULL, &old)); // Linux takes NULL as off
		OBSERVE(name("timer %d, off with an interval", which), "%s", itimer_text(old));
	}
}

CASE(errors) {
	static const struct itimerval bad[] = {{{0, 0}, {-1, 0}}, {{0, 0}, {0, -1}}, {{0, 0}, {0, 1000000}}, {{-1, 0}, {1, 0}},
					       {{0, 1000000}, {1, 0}}, {{0, -1}, {0, 0}}};
	struct itimerval t = {{0, 0}, {100, 0}}, old;
	static const int which[] = {-1, 3, 4, INT32_MAX};
	for (size_t i = 0; i < COUNT(which); i++)
		OBSERVE_RET(name("timer %d", which[i]), set(which[i], &t, NULL));
	for (size_t i = 0; i < COUNT(bad); i++)
		OBSERVE_RET(name("value %d", (int)i), set(ITIMER_REAL, &bad[i], NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("new %s", b->name), set(ITIMER_REAL, b->p, NULL));
		OBSERVE_RET(name("new %s, bad timer", b->name), set(3, b->p, NULL));
	}
	OBSERVE_RET("bad old", set(ITIMER_REAL, &t, bad_ptr()));
	REQUIRE_OK(getitimer(ITIMER_REAL, &old));
	OBSERVE("is set all the same", "%s", itimer_text(old));
	IN_CHILD(NULL) {
		REQUIRE_OK(getitimer(ITIMER_REAL, &old));
		OBSERVE("not inherited", "%s", itimer_text(old));
	}
}

CASE(interrupts_a_wait) {
	struct itimerval t = {{0, 0}, {0, 20000}};
	char c;
	int p[2];
	REQUIRE_OK(pipe(p));
	sig_catch(SIGALRM, 0);
	REQUIRE_OK(set(ITIMER_REAL, &t, NULL));
	OBSERVE_RET("read", sig_count[SIGALRM] ? (errno = EINTR, -1) : read(p[0], &c, 1));
}

static volatile sig_atomic_t at_work, at_rest;
static pid_t worker;

static void caught(int sig) {
	(void)sig;
	if (gettid() == worker)
		at_work++;
	else
		at_rest++;
}

static void *work(void *arg) {
	worker = gettid();
	burn_until(&at_work, 10);
	return arg;
}

// A timer of processor time goes off in a thread that uses it, not in the first one, which
// waits: a profiler would see that alone.
static void profiled(int which, int sig) {
	struct sigaction sa = {.sa_handler = caught, .sa_flags = SA_RESTART};
	struct itimerval t = {{0, 5000}, {0, 5000}}, off = {{0, 0}, {0, 0}};
	pthread_t thread;
	REQUIRE_OK(sigaction(sig, &sa, NULL));
	REQUIRE_OK(set(which, &t, NULL));
	REQUIRE_OK(-pthread_create(&thread, NULL, work, NULL));
	pthread_join(thread, NULL);
	REQUIRE_OK(set(which, &off, NULL));
	CHECK(at_work <= 12); // the thread waited for ten; one may come before the timer is off
	OBSERVE("at rest", "%s", at_rest <= 5 ? "seldom" : "often");
}

CASE(profiled_threads) { profiled(ITIMER_PROF, SIGPROF); }
CASE(profiled_user_time) { profiled(ITIMER_VIRTUAL, SIGVTALRM); }
