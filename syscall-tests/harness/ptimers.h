// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of POSIX timers: the calls themselves, as libc keeps timers of its own.
#ifndef DITTO_HARNESS_PTIMERS_H
#define DITTO_HARNESS_PTIMERS_H

#include "timerfds.h"

typedef int ktimer;

static inline long tcreate(int clock, void *sev, void *id) { return syscall(SYS_timer_create, clock, sev, id); }
static inline long tset(long id, int flags, const void *new, void *old) { return syscall(SYS_timer_settime, id, flags, new, old); }
static inline long tget(long id, void *t) { return syscall(SYS_timer_gettime, id, t); }

// A timer that sends sig with a value.
static inline ktimer tmake(int clock, int sig, int value) {
	struct sigevent e;
	ktimer id = -1;
	memset(&e, 0, sizeof e);
	e.sigev_notify = SIGEV_SIGNAL;
	e.sigev_signo = sig;
	e.sigev_value.sival_int = value;
	REQUIRE_OK(tcreate(clock, &e, &id));
	return id;
}

static inline void tarm(ktimer id, int64_t value, int64_t interval) {
	struct itimerspec t = spec(value, interval);
	REQUIRE_OK(tset(id, 0, &t, NULL));
}

static inline int take(uint64_t set, siginfo_t *i) { return syscall(SYS_rt_sigtimedwait, &set, i, NULL, 8); }

#endif
