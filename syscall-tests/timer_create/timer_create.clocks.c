// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timer_create: on which clocks, and what is said when no more signals may wait?
#include "../harness/sigpending.h"

#include <time.h>

// Whether there are clocks of one's own (16 to 23), and how they are refused, is the kernel's configuration.
static void observe(int clock, long r) {
	if (clock < 16)
		OBSERVE(name("clock %d", clock), "%s", r < 0 ? errno_name(errno) : "ok");
	else
		OBSERVE(name("clock %d", clock), "%s", r < 0 ? "refused" : "ok");
}

CASE(each_clock, "root") {
	for (int clock = 0; clock < 24; clock++) {
		int id = -1;
		if (clock == 8 || clock == 9)
			continue; // whether there is an alarm clock is the machine's business
		observe(clock, syscall(SYS_timer_create, clock, NULL, &id));
	}
}

CASE(no_room_for_a_signal) {
	int id = -1;
	no_more_signals();
	OBSERVE_RET("with a signal", syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id));
	struct sigevent e = {.sigev_notify = SIGEV_NONE};
	OBSERVE_RET("without one", syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
}
