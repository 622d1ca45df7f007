// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex: waiting on one word to wake up as the owner of another (FUTEX_WAIT_REQUEUE_PI, FUTEX_CMP_REQUEUE_PI).
#include "../harness/futexes.h"

static uint32_t cond, lock, other;

// Waits on cond for lock, and gives that back if it has it: 1 if it did, 0 if not, -1 and the errno of the wait.
static long wait_for_lock(struct waiter *w) {
	long r = waiter_futex(w);
	int err = errno;
	if ((*w->word2 & FUTEX_TID_MASK) == (uint32_t)tid_self())
		r = fut(w->word2, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0) == 0 ? 1 : 2;
	errno = err;
	return r;
}

static struct waiter lock_waiter(void) {
	return (struct waiter){.word = &cond, .word2 = &lock, .op = FUTEX_WAIT_REQUEUE_PI_PRIVATE, .call = wait_for_lock};
}

CASE(requeued_to_a_lock_that_is_free) {
	struct waiter w = lock_waiter();
	waiter_start(&w);
	OBSERVE_RET("requeue", fut2(&cond, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 0, &lock, 0));
	OBSERVE("the waiter", "%s", waiter_end(&w));
	OBSERVE("lock", "%#x", lock);
}

CASE(requeued_to_a_lock_that_is_held) {
	struct waiter w[3] = {lock_waiter(), lock_waiter(), lock_waiter()};
	CHECK_OK(fut(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	for (int i = 0; i < 3; i++)
		waiter_start(&w[i]);
	OBSERVE_RET("a changed value", fut2(&cond, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 9, &lock, 7));
	OBSERVE_RET("all", fut2(&cond, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 9, &lock, 0));
	OBSERVE("waiters", "%d", (lock & FUTEX_WAITERS) != 0);
	CHECK_OK(fut(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	for (int i = 0; i < 3; i++)
		OBSERVE(name("waiter %d", i), "%s", waiter_end(&w[i]));
	OBSERVE("lock", "%#x", lock);
}

CASE(requeues_that_are_refused) {
	struct waiter w = lock_waiter();
	waiter_start(&w);
	OBSERVE_RET("to another lock", fut2(&cond, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 0, &other, 0));
	OBSERVE_RET("to itself", fut2(&cond, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 0, &cond, 0));
	OBSERVE_RET("two to be woken", fut2(&cond, FUTEX_CMP_REQUEUE_PI_PRIVATE, 2, 0, &lock, 0));
	OBSERVE_RET("none to be woken", fut2(&cond, FUTEX_CMP_REQUEUE_PI_PRIVATE, 0, 1, &lock, 0));
	OBSERVE_RET("without a lock", fut2(&cond, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &other, 0));
	OBSERVE_RET("plain wake", fut(&cond, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	OBSERVE_RET("requeue", fut2(&cond, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 0, &lock, 0));
	OBSERVE("the waiter", "%s", waiter_end(&w));
}

CASE(waits_that_are_refused) {
	struct timespec soon = from_now(CLOCK_MONOTONIC, 2000000), real = from_now(CLOCK_REALTIME, 2000000), odd = {0, 1000000000};
	OBSERVE_RET("a changed value", fut(&cond, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 1, NULL, &lock, 0));
	OBSERVE_RET("for itself", fut(&cond, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, &cond, 0));
	OBSERVE_RET("for a lock that is not there", fut(&cond, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, &soon, bad_ptr(), 0));
	OBSERVE_RET("for a lock askew", fut(&cond, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, (char *)&lock + 1, 0));
	OBSERVE_RET("on a word that is not there", fut(bad_ptr(), FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, &lock, 0));
	OBSERVE_RET("a time that is none", fut(&cond, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, &odd, &lock, 0));
	CHECK_ERR(fut(&cond, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, &soon, &lock, 0), ETIMEDOUT);
	CHECK_ERR(fut(&cond, FUTEX_WAIT_REQUEUE_PI_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &real, &lock, 0), ETIMEDOUT);
	OBSERVE("lock", "%#x", lock);
}
