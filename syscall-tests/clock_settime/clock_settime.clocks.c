// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clock_settime: which clocks can be set at all, by one who may set none?
#include "../harness/harness.h"

#include <time.h>

// Whether there are clocks of one's own (16 to 23), and how they are refused, is the kernel's configuration.
static void observe(int clock, long r) {
	if (clock < 16)
		OBSERVE(name("clock %d", clock), "%s", r < 0 ? errno_name(errno) : "ok");
	else
		OBSERVE(name("clock %d", clock), "%s", r < 0 ? "refused" : "ok");
}

CASE(each_clock_by_nobody) {
	struct timespec t = {1, 0};
	IN_CHILD(NULL) {
		become_nobody();
		for (int clock = -1; clock < 24; clock++)
			observe(clock, syscall(SYS_clock_settime, clock, &t));
	}
}
