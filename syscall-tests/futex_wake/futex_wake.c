// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_wake: which flags and masks are refused, and how many does it wake?
#include "../harness/futexes.h"

static long wake(void *f, uint64_t mask, int n, unsigned flags) { return syscall(SYS_futex_wake, f, mask, n, flags); }

CASE(errors, "kernel>=6.7") {
	uint32_t f = 1;
	CHECK_ERR(wake((char *)&f + 1, ~0u, 1, W_U32), EINVAL);
	OBSERVE_RET("bad pointer, private", wake(bad_ptr(), ~0u, 1, W_U32 | W_PRIVATE));
	OBSERVE_RET("bad pointer, shared", wake(bad_ptr(), ~0u, 1, W_U32));
	OBSERVE_RET("mask 0", wake(&f, 0, 1, W_U32));
	OBSERVE_RET("mask 0, none", wake(&f, 0, 0, W_U32));
	OBSERVE_RET("mask of 64 bits", wake(&f, ~0ul, 1, W_U32));
	OBSERVE_RET("none", wake(&f, ~0u, 0, W_U32));
	OBSERVE_RET("none, misaligned", wake((char *)&f + 1, ~0u, 0, W_U32));
	OBSERVE_RET("negative", wake(&f, ~0u, -1, W_U32));
	for (int bit = 0; bit < 32; bit++)
		if (bit != 2 && bit != 3)
			OBSERVE_RET(name("flag bit %d", bit), wake(&f, ~0u, 1, W_U32 ^ 1u << bit));
}

CASE(counts, "kernel>=6.7") {
	uint32_t f = 1;
	struct waiter w[4];
	for (int i = 0; i < 4; i++) {
		w[i] = (struct waiter){.word = &f, .op = FUTEX_WAIT_PRIVATE, .val = 1};
		waiter_start(&w[i]);
	}
	OBSERVE_RET("shared", wake(&f, ~0u, 9, W_U32));
	OBSERVE_RET("zero", wake(&f, ~0u, 0, W_U32 | W_PRIVATE));
	OBSERVE_RET("one", wake(&f, 4, 1, W_U32 | W_PRIVATE));
	OBSERVE("first", "%s", waiter_end(&w[0]));
	OBSERVE_RET("negative", wake(&f, ~0u, -1, W_U32 | W_PRIVATE));
	OBSERVE_RET("rest", wake(&f, ~0u, 9, W_U32 | W_PRIVATE));
	for (int i = 1; i < 4; i++)
		CHECK_STR(waiter_end(&w[i]), "0");
}
