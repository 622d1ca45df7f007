// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timer_create: clocks, ways to notify, ids, and what becomes of timers over fork.
#include "../harness/ptimers.h"

#include <sys/prctl.h>

#include <sys/resource.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

CASE(clocks) {
	for (int clock = -2; clock < 14; clock++) {
		ktimer id;
		OBSERVE_OK(name("clock %d", clock), tcreate(clock, NULL, &id));
	}
	ktimer id;
	OBSERVE_OK("own cpu clock", tcreate((~getpid()) << 3 | 2, NULL, &id));
	OBSERVE_OK("INT_MAX", tcreate(INT32_MAX, NULL, &id));
}

CASE(ids_are_told_apart) {
	ktimer a = -1, b = -1, c = -1;
	REQUIRE_OK(tcreate(CLOCK_MONOTONIC, NULL, &a));
	REQUIRE_OK(tcreate(CLOCK_MONOTONIC, NULL, &b));
	CHECK(a != b && a >= 0 && b >= 0);
	OBSERVE("first ids", "%d %d", a, b);
	REQUIRE_OK(syscall(SYS_timer_delete, a));
	REQUIRE_OK(tcreate(CLOCK_MONOTONIC, NULL, &c));
	OBSERVE("after a deletion", "%d", c);
}

CASE(default_notification) {
	ktimer id = -1;
	siginfo_t i;
	kmask(SIG_SETMASK, BIT(SIGALRM));
	REQUIRE_OK(tcreate(CLOCK_MONOTONIC, NULL, &id));
	tarm(id, 1, 0);
	CHECK_EQ(take(BIT(SIGALRM), &i), SIGALRM);
	OBSERVE("info", "code %d timer %d overrun %d value is id %d", i.si_code, i.si_timerid == id, i.si_overrun, i.si_value.sival_int == id);
}

CASE(ways_to_notify) {
	static const int ways[] = {SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID, 3, 5, -1};
	static const int sigs[] = {0, SIGUSR1, SIGKILL, 64, 65, -1};
	pid_t dead = dead_pid();
	for (size_t i = 0; i < COUNT(ways); i++)
		for (size_t k = 0; k < COUNT(sigs); k++) {
			struct sigevent e;
			ktimer id;
			memset(&e, 0, sizeof e);
			e.sigev_notify = ways[i];
			e.sigev_signo = sigs[k];
			e.sigev_notify_thread_id = tid_self();
			OBSERVE_OK(name("way %d, signal %d", ways[i], sigs[k]), tcreate(CLOCK_MONOTONIC, &e, &id));
		}
	pid_t others[] = {0, -1, dead, getppid()};
	for (size_t i = 0; i < COUNT(others); i++) {
		struct sigevent e;
		ktimer id;
		memset(&e, 0, sizeof e);
		e.sigev_notify = SIGEV_THREAD_ID;
		e.sigev_signo = SIGUSR1;
		e.sigev_notify_thread_id = others[i];
		OBSERVE_OK(name("thread %d", (int)i), tcreate(CLOCK_MONOTONIC, &e, &id));
	}
}

static void *wait_for_usr1(void *arg) {
	uint64_t set = BIT(SIGUSR1);
	siginfo_t i;
	*(volatile pid_t *)arg = tid_self();
	int sig = syscall(SYS_rt_sigtimedwait, &set, &i, NULL, 8);
	OBSERVE("in the thread", "%s code %d value %d", sig_name(sig), i.si_code, i.si_value.sival_int);
	return NULL;
}

CASE(to_one_thread) {
	static volatile pid_t tid;
	struct sigevent e;
	ktimer id;
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	pthread_t t = thread_start(wait_for_usr1, (void *)&tid);
	while (!tid)
		sched_yield();
	memset(&e, 0, sizeof e);
	e.sigev_notify = SIGEV_THREAD_ID;
	e.sigev_signo = SIGUSR1;
	e.sigev_value.sival_int = 77;
	e.sigev_notify_thread_id = tid;
	REQUIRE_OK(tcreate(CLOCK_MONOTONIC, &e, &id));
	tarm(id, MS, 0);
	thread_join(t);
	OBSERVE("here", "%s", set_text(kpending()));
}

CASE(not_inherited) {
	ktimer id = tmake(CLOCK_MONOTONIC, SIGUSR1, 0);
	struct itimerspec t;
	IN_CHILD(NULL) CHECK_ERR(tget(id, &t), EINVAL);
	CHECK_EQ(tget(id, &t), 0);
}

CASE(errors) {
	struct sigevent e;
	ktimer id;
	memset(&e, 0, sizeof e);
	e.sigev_signo = SIGUSR1;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("event %s", b->name), tcreate(CLOCK_MONOTONIC, b->p, &id));
		OBSERVE_RET(name("id %s", b->name), tcreate(CLOCK_MONOTONIC, &e, b->p));
		OBSERVE_RET(name("event %s, bad clock", b->name), tcreate(99, b->p, &id));
	}
	CHECK_ERR(tcreate(CLOCK_MONOTONIC, NULL, NULL), EFAULT);
}

#define RESTORE_IDS 77 // PR_TIMER_CREATE_RESTORE_IDS

// A restored program wants its timers' ids back.
CASE(restored_ids, "kernel>=6.16") {
	static const int ids[] = {5, 5, 0, 7, INT32_MAX, -1, 6};
	int id;
	OBSERVE_RET("at first", prctl(RESTORE_IDS, 2, 0, 0, 0));
	OBSERVE_RET("on", prctl(RESTORE_IDS, 1, 0, 0, 0));
	OBSERVE_RET("then", prctl(RESTORE_IDS, 2, 0, 0, 0));
	for (int i = 0; i < 7; i++) {
		id = ids[i];
		OBSERVE_RET(name("%d: create %d", i, ids[i]), syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id));
		OBSERVE(name("%d: is", i), "%d", id);
	}
	OBSERVE_RET("bad pointer", syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, bad_ptr()));
	OBSERVE_RET("bad clock and pointer", syscall(SYS_timer_create, 77, NULL, bad_ptr()));
	IN_CHILD(NULL) OBSERVE_RET("child", prctl(RESTORE_IDS, 2, 0, 0, 0));
	OBSERVE_RET("off", prctl(RESTORE_IDS, 0, 0, 0, 0));
	for (int i = 0; i < 3; i++) {
		id = 1000;
		OBSERVE_RET(name("%d: create", i), syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id));
		OBSERVE(name("%d: is free", i), "%d", id);
	}
	OBSERVE_RET("unknown", prctl(RESTORE_IDS, 3, 0, 0, 0));
	OBSERVE_RET("third argument", prctl(RESTORE_IDS, 2, 1, 0, 0));
	OBSERVE_RET("fifth argument", prctl(RESTORE_IDS, 2, 0, 0, 1));
}

// A clock of alarms refuses last: after the event and the place for the timer's number.
CASE(alarm_clocks_refuse_last) {
	struct sigevent bad = {.sigev_notify = 77}, none = {.sigev_notify = SIGEV_NONE};
	int id;
	OBSERVE_RET("bad event", syscall(SYS_timer_create, CLOCK_BOOTTIME_ALARM, &bad, &id));
	OBSERVE_RET("bad place", syscall(SYS_timer_create, CLOCK_BOOTTIME_ALARM, &none, 8l));
	OBSERVE_RET("bad event of a process's clock", syscall(SYS_timer_create, -1, &bad, &id));
	OBSERVE_RET("bad place of a process's clock", syscall(SYS_timer_create, -1, &none, 8l));
	OBSERVE_RET("no such process's clock", syscall(SYS_timer_create, -1, &none, &id));
}

static _Atomic int meddles, next_id;

static void *meddle(void *arg) {
	struct itimerspec s = {.it_value = {1000, 0}};
	while (meddles)
		for (int id = next_id, last = id + 3; id < last; id++) {
			syscall(SYS_timer_gettime, id, &s);
			syscall(SYS_timer_settime, id, 0, &s, NULL);
			syscall(SYS_timer_getoverrun, id);
			syscall(SYS_timer_delete, id);
		}
	return arg;
}

// A timer that its clock refuses at the end is none that another thread can use meanwhile. Each takes an id, and ids go up.
CASE(refused_beside_others) {
	meddles = 1;
	pthread_t t = thread_start(meddle, NULL);
	int refused = 0, id;
	clockid_t of_another = ~(unsigned)getppid() << 3 | 6; // the processor time of a thread of another process
	for (int i = 0; i < 2000; i++)
		next_id = i, refused += syscall(SYS_timer_create, of_another, NULL, &id) < 0;
	meddles = 0;
	thread_join(t);
	CHECK_EQ(refused, 2000);
}

// One that comes to nothing takes an id where it has got that far.
CASE(ids_of_the_refused) {
	timer_t id = 0;
	struct sigevent bad = {.sigev_notify = 77, .sigev_signo = SIGUSR1}, good = {.sigev_notify = SIGEV_NONE};
	OBSERVE_RET("first", syscall(SYS_timer_create, CLOCK_MONOTONIC, &good, &id));
	OBSERVE("first id", "%d", *(int *)&id);
	OBSERVE_RET("bad event", syscall(SYS_timer_create, CLOCK_MONOTONIC, &bad, &id));
	OBSERVE_RET("second", syscall(SYS_timer_create, CLOCK_MONOTONIC, &good, &id));
	OBSERVE("second id", "%d", *(int *)&id);
	OBSERVE_RET("bad id", syscall(SYS_timer_create, CLOCK_MONOTONIC, &good, bad_ptr()));
	OBSERVE_RET("third", syscall(SYS_timer_create, CLOCK_MONOTONIC, &good, &id));
	OBSERVE("third id", "%d", *(int *)&id);
	OBSERVE_RET("bad clock", syscall(SYS_timer_create, 77, &good, &id));
	OBSERVE_RET("bad event memory", syscall(SYS_timer_create, CLOCK_MONOTONIC, bad_ptr(), &id));
	OBSERVE_RET("clock without timers", syscall(SYS_timer_create, CLOCK_MONOTONIC_COARSE, &good, &id));
	OBSERVE_RET("fourth", syscall(SYS_timer_create, CLOCK_MONOTONIC, &good, &id));
	OBSERVE("fourth id", "%d", *(int *)&id);
}
