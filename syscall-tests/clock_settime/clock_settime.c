// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clock_settime: what it refuses; no case sets a clock.
#include "../harness/timerfds.h"

static long set(int clock, const void *t) { return syscall(SYS_clock_settime, clock, t); }

CASE(without_the_right) {
	IN_CHILD(NULL) {
		struct timespec t;
		become_nobody();
		for (int clock = -2; clock < 14; clock++) {
			if (clock_gettime(clock < 0 ? 0 : clock, &t))
				t = (struct timespec){1, 0};
			OBSERVE_RET(name("clock %d", clock), set(clock, &t));
		}
		t.tv_nsec = -1;
		OBSERVE_RET("bad time", set(CLOCK_REALTIME, &t));
		OBSERVE_RET("own cpu clock", set((~getpid()) << 3 | 2, &t));
	}
}

CASE(errors) {
	static const struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}};
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t i = 0; i < COUNT(bad); i++)
			OBSERVE_RET(name("time %d", (int)i), set(CLOCK_REALTIME, &bad[i]));
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
			OBSERVE_RET(name("%s", b->name), set(CLOCK_REALTIME, b->p));
			OBSERVE_RET(name("%s, CLOCK_MONOTONIC", b->name), set(CLOCK_MONOTONIC, b->p));
		}
	}
}
