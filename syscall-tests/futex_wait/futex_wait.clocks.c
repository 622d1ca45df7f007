// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_wait: on which clocks can a time be given, and which sizes of words are there?
#include "../harness/futexes.h"

CASE(each_clock, "kernel>=6.7") {
	uint32_t f = 1;
	struct timespec past = {1, 0};
	for (int clock = -1; clock < 24; clock++)
		OBSERVE_RET(name("clock %d", clock), syscall(SYS_futex_wait, &f, 1, ~0u, W_U32, &past, clock));
}

CASE(each_size, "kernel>=6.7") {
	uint64_t f = 1;
	for (unsigned flags = 0; flags < 4; flags++)
		OBSERVE_RET(name("flags %#x", flags), syscall(SYS_futex_wait, &f, 2, 0xff, flags, NULL, 0));
}
