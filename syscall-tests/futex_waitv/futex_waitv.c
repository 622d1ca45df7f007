// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_waitv: which vectors are refused, which of several futexes is told, timeouts on both clocks, and interruption.
#include "../harness/futexes.h"

static long waitv(const void *v, unsigned n, unsigned flags, const void *t, clockid_t clock) { return syscall(SYS_futex_waitv, v, n, flags, t, clock); }
#define WORD(p, v) {.val = (v), .uaddr = (uintptr_t)(p), .flags = W_U32 | W_PRIVATE}

CASE(errors) {
	static uint32_t f[129];
	static struct word_waiter v[129];
	for (int i = 0; i < 129; i++)
		v[i] = (struct word_waiter)WORD(&f[i], 1);
	struct timespec t = {1, 0}, bad = {0, -1};
	CHECK_ERR(waitv(v, 1, 0, NULL, 0), EAGAIN);
	CHECK_ERR(waitv(v, 128, 0, NULL, 0), EAGAIN);
	CHECK_ERR(waitv(v, 129, 0, NULL, 0), EINVAL);
	CHECK_ERR(waitv(v, 0, 0, NULL, 0), EINVAL);
	CHECK_ERR(waitv(NULL, 1, 0, NULL, 0), EINVAL);
	CHECK_ERR(waitv(v, 1, 1, NULL, 0), EINVAL);
	OBSERVE_RET("bad vector", waitv(bad_ptr(), 1, 0, NULL, 0));
	OBSERVE_RET("bad clock", waitv(v, 1, 0, &t, CLOCK_BOOTTIME));
	OBSERVE_RET("bad clock, no timeout", waitv(v, 1, 0, NULL, CLOCK_BOOTTIME));
	OBSERVE_RET("bad time", waitv(v, 1, 0, &bad, CLOCK_MONOTONIC));
	OBSERVE_RET("bad timeout pointer", waitv(v, 1, 0, bad_ptr(), CLOCK_MONOTONIC));
	for (int bit = 0; bit < 32; bit++) {
		struct word_waiter w = WORD(f, 1);
		w.flags ^= 1u << bit;
		if (bit != 2 && bit != 3)
			OBSERVE_RET(name("flag bit %d", bit), waitv(&w, 1, 0, NULL, 0));
	}
	struct word_waiter w = WORD(f, 1);
	w.reserved = 1;
	CHECK_ERR(waitv(&w, 1, 0, NULL, 0), EINVAL);
	w = (struct word_waiter)WORD((char *)f + 1, 1);
	CHECK_ERR(waitv(&w, 1, 0, NULL, 0), EINVAL);
	w = (struct word_waiter)WORD(bad_ptr(), 1);
	CHECK_ERR(waitv(&w, 1, 0, NULL, 0), EFAULT);
	w = (struct word_waiter)WORD(f, 1ul << 32);
	OBSERVE_RET("a value of 33 bits", waitv(&w, 1, 0, NULL, 0));
}

static struct word_waiter three[3];
static long call_waitv(struct waiter *w) {
	(void)w;
	return waitv(three, 3, 0, NULL, 0);
}

CASE(which_one) {
	uint32_t f[3] = {1, 2, 3};
	for (int i = 0; i < 3; i++)
		three[i] = (struct word_waiter)WORD(&f[i], i + 1);
	for (int i = 0; i < 3; i++) {
		struct waiter w = {.call = call_waitv};
		waiter_start(&w);
		OBSERVE_RET(name("wake %d", i), fut(&f[i], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
		OBSERVE(name("woken %d", i), "%s", waiter_end(&w));
		OBSERVE_RET(name("nobody stays at %d", i), fut(&f[(i + 1) % 3], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	}
	three[2].val = 9;
	CHECK_ERR(waitv(three, 3, 0, NULL, 0), EAGAIN);
}

CASE(times_and_signals) {
	uint32_t f = 1;
	struct word_waiter v = WORD(&f, 1);
	struct timespec mono = from_now(CLOCK_MONOTONIC, 20000000), real = from_now(CLOCK_REALTIME, 20000000), past = {1, 0};
	CHECK_ERR(waitv(&v, 1, 0, &mono, CLOCK_MONOTONIC), ETIMEDOUT);
	CHECK_ERR(waitv(&v, 1, 0, &real, CLOCK_REALTIME), ETIMEDOUT);
	CHECK_ERR(waitv(&v, 1, 0, &past, CLOCK_MONOTONIC), ETIMEDOUT);
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("interrupted", waitv(&v, 1, 0, NULL, 0));
	CHECK(interrupt_done(&it));
}
