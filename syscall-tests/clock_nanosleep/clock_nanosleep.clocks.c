// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clock_nanosleep: on which clocks can one sleep?
#include "../harness/harness.h"

#include <time.h>

// Whether there are clocks of one's own (16 to 23), and how they are refused, is the kernel's configuration.
static void observe(int clock, long r) {
	if (clock < 16)
		OBSERVE(name("clock %d", clock), "%s", r < 0 ? errno_name(errno) : "ok");
	else
		OBSERVE(name("clock %d", clock), "%s", r < 0 ? "refused" : "ok");
}

// Until a time that has passed, so that no one sleeps.
CASE(each_clock) {
	struct timespec past = {0, 1};
	for (int clock = -1; clock < 24; clock++)
		if (clock != CLOCK_REALTIME_ALARM && clock != CLOCK_BOOTTIME_ALARM) // whether there is an alarm clock is the machine's business
			observe(clock, syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &past, NULL));
}
