// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_waitv: on which clocks can a time be given?
#include "../harness/futexes.h"

CASE(each_clock, "kernel>=5.16") {
	uint32_t f = 1;
	struct word_waiter w = {1, (uintptr_t)&f, W_U32, 0};
	struct timespec past = {1, 0};
	for (int clock = -1; clock < 24; clock++)
		OBSERVE_RET(name("clock %d", clock), syscall(SYS_futex_waitv, &w, 1, 0, &past, clock));
}
