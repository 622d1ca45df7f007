// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clock_adjtime: which clocks can be asked?
#include "../harness/harness.h"

#include <sys/timex.h>

// Whether there are clocks of one's own (16 to 23), and how they are refused, is the kernel's configuration.
static void observe(int clock, long r) {
	if (clock < 16)
		OBSERVE(name("clock %d", clock), "%s", r < 0 ? errno_name(errno) : "ok");
	else
		OBSERVE(name("clock %d", clock), "%s", r < 0 ? "refused" : "ok");
}

CASE(each_clock) {
	for (int clock = -1; clock < 24; clock++) {
		struct timex t = {0};
		observe(clock, syscall(SYS_clock_adjtime, clock, &t));
	}
}
