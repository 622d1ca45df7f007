// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clock_getres: the resolution of each clock.
#include "../harness/timerfds.h"

static long res(int clock, void *t) { return syscall(SYS_clock_getres, clock, t); }

CASE(clocks) {
	struct timespec t;
	for (int clock = -2; clock < 20; clock++) {
		t = (struct timespec){7, 7};
		OBSERVE_RET(name("clock %d", clock), res(clock, &t));
		OBSERVE(name("resolution of clock %d", clock), "%ld %ld", (long)t.tv_sec, t.tv_nsec);
		OBSERVE_RET(name("clock %d, no pointer", clock), res(clock, NULL));
	}
	OBSERVE_RET("of itself", res((~getpid()) << 3 | 2, &t));
	OBSERVE_RET("of the dead", res((~dead_pid()) << 3 | 2, &t));
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("%s", b->name), res(CLOCK_MONOTONIC, b->p));
		OBSERVE_RET(name("%s, bad clock", b->name), res(99, b->p));
	}
}
