// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Operations in other threads: one after the other as all the rest, or begun and left alone once they block.

#include "executor.h"

#define THREADS 4

bool pending;

// A thread of the kernel's alone: the C library must not keep books on the threads of a process that only shares its
// memory. So it calls nothing of it, either.
static struct worker {
	int tid; // 0 when there is none
	const struct op *op; // what it is to perform; NULL when it has nothing to do
	int ready; // a futex: 1 when op is set
	int done; // a futex: 1 when op has been performed
	bool late; // left alone, and not told yet
	long ret;
} workers[THREADS];

static void futex_wait(int *word, int was) { raw(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, was, 0, 0, 0); }
static void futex_wake(int *word) { raw(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0); }

static int work(void *arg) {
	struct worker *w = arg;
	__atomic_store_n(&w->done, 1, __ATOMIC_SEQ_CST);
	futex_wake(&w->done);
	for (;;) {
		while (!__atomic_load_n(&w->ready, __ATOMIC_SEQ_CST))
			futex_wait(&w->ready, 0);
		w->ready = 0;
		if (w->op)
			w->ret = perform(w->op);
		__atomic_store_n(&w->done, 1, __ATOMIC_SEQ_CST);
		futex_wake(&w->done);
	}
	return 0;
}

// forget_threads is for a program that begins: those of the one before have ended with it.
void forget_threads(void) {
	memset(workers, 0, sizeof workers);
	pending = false;
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

static void give(struct worker *w, const struct op *o) {
	wait_done(w);
	w->done = 0;
	w->op = o;
	__atomic_store_n(&w->ready, 1, __ATOMIC_SEQ_CST);
	futex_wake(&w->ready);
}

static struct worker *start(const struct op *o) {
	static char stacks[THREADS][32 << 10] __attribute__((aligned(16)));
	int i = o->thread % THREADS;
	struct worker *w = &workers[i];
	if (!w->tid) {
		int tid = clone(work, stacks[i] + sizeof stacks[i],
			CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, w);
		if (tid < 0)
			return NULL;
		w->tid = tid;
		wait_done(w);
		tell_pid(w->tid);
	}
	give(w, o);
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
	// Not below its process: when that ends, the thread takes its name out of /proc while the server, woken by it, waits for
	// the name to be gone, and spins as long as it has the processor.
	snprintf(path, sizeof path, "%d/stat", tid);
	long fd = raw(SYS_openat, PROC_FD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
	long n = fd < 0 ? -1 : raw(SYS_read, fd, (long)stat, sizeof stat - 1, 0, 0, 0);
	if (fd >= 0)
		raw(SYS_close, fd, 0, 0, 0, 0, 0);
	if (n <= 0)
		return true;
	stat[n] = 0;
	char *p = strrchr(stat, ')');
	return p && (p[2] == 'S' || p[2] == 'D');
}

static int looked; // a futex

// look_on returns when a worker is done, or seems to wait for long. It is a process of its own, with descriptors of its
// own: in the program's they would take numbers that calls get; and the server's child, for the program's can be waited for.
static int look_on(void *arg) {
	struct worker *w = arg;
	const struct timespec pause = {0, 1000000}; // no call waits for longer by itself, so three of them are long
	for (int asleep = 0; asleep < 3 && !__atomic_load_n(&w->done, __ATOMIC_SEQ_CST);) {
		raw(SYS_nanosleep, (long)&pause, 0, 0, 0, 0, 0);
		asleep = sleeps(w->tid) ? asleep + 1 : 0;
	}
	__atomic_store_n(&looked, 1, __ATOMIC_SEQ_CST);
	futex_wake(&looked);
	raw(SYS_exit, 0, 0, 0, 0, 0, 0);
	return 0;
}

void call_later(const struct op *o) {
	static char stack[4][32 << 10] __attribute__((aligned(16))); // the one before may be on its way out
	static int last;
	struct worker *w = start(o);
	say("%u ", o->index);
	if (!w) {
		say("no thread\n");
		return;
	}
	last = (last + 1) % 4;
	looked = 0;
	told->children++;
	if (clone(look_on, stack[last] + sizeof *stack, CLONE_VM | CLONE_PARENT, w) > 0)
		while (!__atomic_load_n(&looked, __ATOMIC_SEQ_CST))
			futex_wait(&looked, 0);
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

// settle has every worker come by: a signal that was sent to the process, and that a worker takes, has been handled then.
void settle(void) {
	for (int i = 0; i < THREADS; i++) {
		if (!workers[i].tid)
			continue;
		give(&workers[i], NULL);
		wait_done(&workers[i]);
	}
}
