// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Operations in other threads: one after the other as all the rest, or begun and left alone once they block.

#include "executor.h"

#define THREADS 4

bool pending;
int proc_dir = -1;

static struct worker {
	pthread_t thread;
	int tid;
	const struct op *op; // what it is to perform; NULL when it has nothing to do
	int ready; // a futex: 1 when op is set
	int done; // a futex: 1 when op has been performed
	bool late; // left alone, and not told yet
	long ret;
} workers[THREADS];

static void futex_wait(int *word, int was) { raw(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, was, 0, 0, 0); }
static void futex_wake(int *word) { raw(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0); }

static void *work(void *arg) {
	struct worker *w = arg;
	w->tid = raw(SYS_gettid, 0, 0, 0, 0, 0, 0);
	__atomic_store_n(&w->done, 1, __ATOMIC_SEQ_CST);
	futex_wake(&w->done);
	for (;;) {
		while (!__atomic_load_n(&w->ready, __ATOMIC_SEQ_CST))
			futex_wait(&w->ready, 0);
		w->ready = 0;
		w->ret = perform(w->op);
		__atomic_store_n(&w->done, 1, __ATOMIC_SEQ_CST);
		futex_wake(&w->done);
	}
	return NULL;
}

// wait_done waits for a worker, and hands on the server's nudge if it blocks for long.
static void wait_done(struct worker *w) {
	while (!__atomic_load_n(&w->done, __ATOMIC_SEQ_CST)) {
		futex_wait(&w->done, 0);
		if (nudged) {
			nudged = 0;
			raw(SYS_tgkill, told->pid[0], w->tid, NUDGE, 0, 0, 0);
		}
	}
}

static struct worker *start(const struct op *o) {
	struct worker *w = &workers[o->thread % THREADS];
	if (!w->thread) {
		if (pthread_create(&w->thread, NULL, work, w) != 0)
			return NULL;
		wait_done(w);
		tell_pid(w->tid);
	}
	wait_done(w);
	w->done = 0;
	w->op = o;
	__atomic_store_n(&w->ready, 1, __ATOMIC_SEQ_CST);
	futex_wake(&w->ready);
	return w;
}

long call_elsewhere(const struct op *o) {
	struct worker *w = start(o);
	if (!w)
		return -EAGAIN;
	wait_done(w);
	return w->ret;
}

// sleeps tells whether a thread waits in the kernel.
static bool sleeps(int tid) {
	char path[32], stat[256];
	snprintf(path, sizeof path, "%d/stat", tid);
	int fd = openat(proc_dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, stat, sizeof stat - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return true;
	stat[n] = 0;
	char *p = strrchr(stat, ')');
	return p && (p[2] == 'S' || p[2] == 'D');
}

void call_later(const struct op *o) {
	struct worker *w = start(o);
	say("%u ", o->index);
	if (!w) {
		say("no thread\n");
		return;
	}
	for (int asleep = 0; asleep < 3 && !__atomic_load_n(&w->done, __ATOMIC_SEQ_CST);) {
		raw(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
		asleep = sleeps(w->tid) ? asleep + 1 : 0;
	}
	if (__atomic_load_n(&w->done, __ATOMIC_SEQ_CST)) {
		observe(o, w->ret);
	} else {
		say("waits");
		w->late = pending = true;
	}
	say("\n");
}

// collect_late tells what became of the calls that waited.
void collect_late(void) {
	for (int i = 0; i < THREADS; i++) {
		struct worker *w = &workers[i];
		if (!w->late)
			continue;
		wait_done(w);
		say("late %u ", w->op->index);
		say_result(w->op, w->ret);
		say("\n");
	}
}
