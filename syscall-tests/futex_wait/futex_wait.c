// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_wait: which flags, masks, values and times are refused, who wakes it, and what does a signal do?
#include "../harness/futexes.h"

static long wait_(void *f, uint64_t val, uint64_t mask, unsigned flags, const void *t, clockid_t c) { return syscall(SYS_futex_wait, f, val, mask, flags, t, c); }

CASE(errors, "kernel>=6.7") {
	uint32_t f = 1;
	struct timespec bad = {0, -1}, past = {1, 0};
	CHECK_ERR(wait_(&f, 2, ~0u, W_U32, NULL, 0), EAGAIN);
	CHECK_ERR(wait_(&f, 2, ~0u, W_U32 | W_PRIVATE, NULL, 0), EAGAIN);
	CHECK_ERR(wait_((char *)&f + 1, 2, ~0u, W_U32, NULL, 0), EINVAL);
	CHECK_ERR(wait_(bad_ptr(), 2, ~0u, W_U32, NULL, 0), EFAULT);
	OBSERVE_RET("mask 0", wait_(&f, 2, 0, W_U32, NULL, 0));
	OBSERVE_RET("mask of 64 bits", wait_(&f, 2, ~0ul, W_U32, NULL, 0));
	OBSERVE_RET("value of 64 bits", wait_(&f, 1ul << 32, ~0u, W_U32, NULL, 0));
	OBSERVE_RET("bad time", wait_(&f, 2, ~0u, W_U32, &bad, CLOCK_MONOTONIC));
	OBSERVE_RET("bad time pointer", wait_(&f, 2, ~0u, W_U32, bad_ptr(), CLOCK_MONOTONIC));
	OBSERVE_RET("bad clock", wait_(&f, 2, ~0u, W_U32, &past, CLOCK_BOOTTIME));
	OBSERVE_RET("bad clock, no time", wait_(&f, 2, ~0u, W_U32, NULL, CLOCK_BOOTTIME));
	for (int bit = 0; bit < 32; bit++)
		if (bit != 2 && bit != 3)
			OBSERVE_RET(name("flag bit %d", bit), wait_(&f, 2, ~0u, W_U32 ^ 1u << bit, NULL, 0));
	CHECK_ERR(wait_(&f, 1, ~0u, W_U32, &past, CLOCK_MONOTONIC), ETIMEDOUT);
	CHECK_ERR(wait_(&f, 1, ~0u, W_U32, &past, CLOCK_REALTIME), ETIMEDOUT);
}

static long call_wait(struct waiter *w) { return wait_(w->word, w->val, w->bits, W_U32 | W_PRIVATE, NULL, 0); }

CASE(woken, "kernel>=6.7") {
	uint32_t f = 1;
	struct waiter a = {.call = call_wait, .word = &f, .val = 1, .bits = 1}, b = {.call = call_wait, .word = &f, .val = 1, .bits = 2};
	waiter_start(&a);
	waiter_start(&b);
	OBSERVE_RET("bit 2", fut(&f, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 2));
	OBSERVE("b", "%s", waiter_end(&b));
	OBSERVE_RET("futex2 wake", syscall(SYS_futex_wake, &f, ~0u, 9, W_U32 | W_PRIVATE));
	OBSERVE("a", "%s", waiter_end(&a));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("interrupted", wait_(&f, 1, ~0u, W_U32, NULL, 0));
	CHECK(interrupt_done(&it));
}
