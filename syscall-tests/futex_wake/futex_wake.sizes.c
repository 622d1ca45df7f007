// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_wake: which sizes of words are there, and which flags?
#include "../harness/futexes.h"

CASE(each_size, "kernel>=6.7") {
	uint64_t f = 1;
	for (unsigned flags = 0; flags < 4; flags++)
		OBSERVE_RET(name("flags %#x", flags), syscall(SYS_futex_wake, &f, 0xff, 1, flags));
	for (int bit = 4; bit < 32; bit++)
		OBSERVE_RET(name("flag bit %d", bit), syscall(SYS_futex_wake, &f, 0xff, 1, W_U32 | 1u << bit));
}
