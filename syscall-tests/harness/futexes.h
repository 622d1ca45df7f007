// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// What the cases about futexes share: words in private and shared memory, times, and waiters that are known to sleep.
#ifndef DITTO_FUTEXES_H
#define DITTO_FUTEXES_H

#include "harness.h"

#include <linux/futex.h>
#include <time.h>

#ifndef SYS_futex_wake
#define SYS_futex_wake 454
#define SYS_futex_wait 455
#define SYS_futex_requeue 456
#endif
#define W_U32 2      // FUTEX2_SIZE_U32
#define W_PRIVATE 128 // FUTEX2_PRIVATE

struct word_waiter { // struct futex_waitv
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};

static inline long fut(void *word, int op, uint32_t val, const void *timeout, void *word2, uint32_t val3) {
	return syscall(SYS_futex, word, op, val, timeout, word2, val3);
}
// Commands whose fourth argument is a number.
static inline long fut2(void *word, int op, uint32_t val, uint32_t val2, void *word2, uint32_t val3) {
	return syscall(SYS_futex, word, op, val, (uintptr_t)val2, word2, val3);
}

// A time some nanoseconds from now on a clock.
static inline struct timespec from_now(clockid_t clock, long ns) {
	struct timespec t;
	clock_gettime(clock, &t);
	t.tv_nsec += ns;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static inline uint32_t *shared_words(void) {
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	return p;
}

// A thread that makes one call; ret is what it answered, err its errno.
struct waiter {
	long (*call)(struct waiter *);
	uint32_t *word, *word2;
	int op, err;
	uint32_t val, bits;
	long ret;
	volatile pid_t tid;
	pthread_t thread;
};

static inline void *waiter_run(void *arg) {
	struct waiter *w = arg;
	w->tid = tid_self();
	errno = 0;
	w->ret = w->call(w);
	w->err = w->ret == -1 ? errno : 0;
	return NULL;
}

static inline long waiter_futex(struct waiter *w) { return fut(w->word, w->op, w->val, NULL, w->word2, w->bits); }

// Starts it and comes back when it sleeps.
static inline void waiter_start(struct waiter *w) {
	if (!w->call)
		w->call = waiter_futex;
	w->thread = thread_start(waiter_run, w);
	while (!w->tid)
		sched_yield();
	REQUIRE(wait_blocked(getpid(), w->tid));
}

static inline const char *waiter_end(struct waiter *w) {
	thread_join(w->thread);
	return w->ret == -1 ? errno_name(w->err) : name("%ld", w->ret);
}

#endif
