// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_requeue: which pairs are refused, and who is woken and who moved?
#include "../harness/futexes.h"

static long requeue(const void *v, unsigned flags, int wake, int move) { return syscall(SYS_futex_requeue, v, flags, wake, move); }
#define PAIR(a, v, fa, b, fb) {{.val = (v), .uaddr = (uintptr_t)(a), .flags = (fa)}, {.uaddr = (uintptr_t)(b), .flags = (fb)}}

CASE(errors, "kernel>=6.7") {
	uint32_t f[2] = {1, 2}, p = W_U32 | W_PRIVATE;
	struct word_waiter v[2] = PAIR(f, 1, p, f + 1, p), wrong[2] = PAIR(f, 9, p, f + 1, p), crooked[2] = PAIR(f, 1, p, (char *)f + 1, p),
			   bad[2] = PAIR(bad_ptr(), 1, p, f, p), flags[2] = PAIR(f, 1, p, f + 1, 1);
	CHECK_ERR(requeue(wrong, 0, 1, 1), EAGAIN);
	CHECK_ERR(requeue(v, 1, 1, 1), EINVAL);
	CHECK_ERR(requeue(NULL, 0, 1, 1), EINVAL);
	CHECK_ERR(requeue(bad_ptr(), 0, 1, 1), EFAULT);
	CHECK_ERR(requeue(crooked, 0, 1, 1), EINVAL);
	CHECK_ERR(requeue(bad, 0, 1, 1), EFAULT);
	CHECK_ERR(requeue(flags, 0, 1, 1), EINVAL);
	OBSERVE_RET("nobody", requeue(v, 0, 1, 1));
	OBSERVE_RET("negative wake", requeue(v, 0, -1, 1));
	OBSERVE_RET("negative move", requeue(v, 0, 1, -1));
	v[0].reserved = 1;
	CHECK_ERR(requeue(v, 0, 1, 1), EINVAL);
}

CASE(moves, "kernel>=6.7") {
	uint32_t f[2] = {1, 2}, s = 3, p = W_U32 | W_PRIVATE;
	struct word_waiter v[2] = PAIR(f, 1, p, f + 1, p), onward[2] = PAIR(f + 1, 2, p, &s, p);
	struct waiter w[3];
	for (int i = 0; i < 3; i++) {
		w[i] = (struct waiter){.word = f, .op = FUTEX_WAIT_PRIVATE, .val = 1};
		waiter_start(&w[i]);
	}
	OBSERVE_RET("wake one, move the rest", requeue(v, 0, 1, 9));
	OBSERVE("first", "%s", waiter_end(&w[0]));
	OBSERVE_RET("none here", fut(f, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	OBSERVE_RET("one of them onward", requeue(onward, 0, 0, 1));
	OBSERVE_RET("onward", fut(&s, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	OBSERVE("second", "%s", waiter_end(&w[1]));
	OBSERVE_RET("rest", fut(f + 1, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	OBSERVE("third", "%s", waiter_end(&w[2]));
}

// Unlike FUTEX_REQUEUE it moves between words of the two kinds.
CASE(from_private_to_shared, "kernel>=6.7") {
	uint32_t f = 1, *s = shared_words();
	*s = 2;
	struct word_waiter v[2] = PAIR(&f, 1, W_U32 | W_PRIVATE, s, W_U32), back[2] = PAIR(s, 2, W_U32, &f, W_U32 | W_PRIVATE);
	struct waiter w[3];
	for (int i = 0; i < 3; i++) {
		w[i] = (struct waiter){.word = &f, .op = FUTEX_WAIT_PRIVATE, .val = 1};
		waiter_start(&w[i]);
	}
	OBSERVE_RET("move", requeue(v, 0, 0, 9));
	OBSERVE_RET("none here", fut(&f, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	IN_CHILD(NULL) { OBSERVE_RET("another process wakes one", fut(s, FUTEX_WAKE, 1, NULL, NULL, 0)); }
	OBSERVE("first", "%s", waiter_end(&w[0]));
	OBSERVE_RET("back, and wake one", requeue(back, 0, 1, 1));
	OBSERVE("second", "%s", waiter_end(&w[1]));
	OBSERVE_RET("rest", fut(&f, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	OBSERVE("third", "%s", waiter_end(&w[2]));
}
