// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex: waiting and waking by value, by bits, by count, over private and shared memory, requeueing, FUTEX_WAKE_OP, PI
// and robust futexes, timeouts on both clocks, and interruption by signals.
#include "../harness/futexes.h"

#include <sys/ptrace.h>

static int word = 5, other = 7;

CASE(errors) {
	for (int op = 0; op < 16; op++)
		if (op != FUTEX_WAIT && op != FUTEX_WAIT_BITSET && op != FUTEX_LOCK_PI && op != FUTEX_LOCK_PI2 && op != FUTEX_WAIT_REQUEUE_PI) {
			OBSERVE_RET(name("misaligned, op %d", op), fut2((char *)&word + 1, op, 1, 1, &other, 5));
			OBSERVE_RET(name("bad pointer, op %d", op), fut2(bad_ptr(), op, 1, 1, bad_ptr(), 5));
			OBSERVE_RET(name("real time, op %d", op), fut2(&word, op | FUTEX_CLOCK_REALTIME, 1, 1, &other, 5));
		}
	static const int waits[] = {FUTEX_WAIT, FUTEX_WAIT_BITSET};
	for (int i = 0; i < 2; i++)
		for (int priv = 0; priv <= FUTEX_PRIVATE_FLAG; priv += FUTEX_PRIVATE_FLAG) {
			int op = waits[i] | priv;
			CHECK_ERR(fut(&word, op, 6, NULL, NULL, ~0), EAGAIN);
			CHECK_ERR(fut((char *)&word + 2, op, 5, NULL, NULL, ~0), EINVAL);
			CHECK_ERR(fut(bad_ptr(), op, 5, NULL, NULL, ~0), EFAULT);
			OBSERVE_RET(name("bad timeout, op %#x", op), fut(&word, op, 6, bad_ptr(), NULL, ~0));
		}
	CHECK_ERR(fut(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0), EINVAL);
	CHECK_ERR(fut(&word, FUTEX_WAKE_BITSET, 5, NULL, NULL, 0), EINVAL);
	CHECK_ERR(fut(&word, 99, 5, NULL, NULL, 0), ENOSYS);
	CHECK_ERR(fut(&word, FUTEX_FD, 5, NULL, NULL, 0), ENOSYS);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("wait %s", b->name), fut(b->p, FUTEX_WAIT_PRIVATE, 5, NULL, NULL, 0));
		OBSERVE_RET(name("wake %s", b->name), fut(b->p, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
		OBSERVE_RET(name("shared wake %s", b->name), fut(b->p, FUTEX_WAKE, 1, NULL, NULL, 0));
	}
	int *ro = readonly_page();
	OBSERVE_RET("wait on a read only page", fut(ro, FUTEX_WAIT, 1, NULL, NULL, 0));
	OBSERVE_RET("wake on a read only page", fut(ro, FUTEX_WAKE, 1, NULL, NULL, 0));
	OBSERVE_RET("wake op into a read only page", fut2(&word, FUTEX_WAKE_OP, 1, 1, ro, 0));
}

CASE(times_that_are_none) {
	static const struct { const char *n; struct timespec t; } bad[] = {
		{"negative", {-1, 0}}, {"negative ns", {0, -1}}, {"a thousand million ns", {0, 1000000000}}, {"zero", {0, 0}}};
	static const int ops[] = {FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, FUTEX_WAIT | FUTEX_CLOCK_REALTIME};
	for (int o = 0; o < 4; o++)
		for (int i = 0; i < 4; i++) {
			OBSERVE_RET(name("op %#x, %s", ops[o], bad[i].n), fut(&word, ops[o], 5, &bad[i].t, NULL, ~0));
			OBSERVE_RET(name("op %#x, %s, wrong value", ops[o], bad[i].n), fut(&word, ops[o], 6, &bad[i].t, NULL, ~0));
		}
}

CASE(timeouts) {
	struct timespec start, rel = {0, 20000000}, end, abs;
	clock_gettime(CLOCK_MONOTONIC, &start);
	CHECK_ERR(fut(&word, FUTEX_WAIT_PRIVATE, 5, &rel, NULL, 0), ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &end);
	CHECK((end.tv_sec - start.tv_sec) * 1000000000l + end.tv_nsec - start.tv_nsec >= 20000000);
	abs = from_now(CLOCK_MONOTONIC, 20000000);
	CHECK_ERR(fut(&word, FUTEX_WAIT_BITSET, 5, &abs, NULL, ~0), ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &end);
	CHECK(end.tv_sec > abs.tv_sec || (end.tv_sec == abs.tv_sec && end.tv_nsec >= abs.tv_nsec));
	abs = from_now(CLOCK_REALTIME, 20000000);
	CHECK_ERR(fut(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &abs, NULL, ~0), ETIMEDOUT);
	clock_gettime(CLOCK_REALTIME, &end);
	CHECK(end.tv_sec > abs.tv_sec || (end.tv_sec == abs.tv_sec && end.tv_nsec >= abs.tv_nsec));
	struct timespec past = {1, 0};
	CHECK_ERR(fut(&word, FUTEX_WAIT_BITSET, 5, &past, NULL, ~0), ETIMEDOUT);
	CHECK_ERR(fut(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &past, NULL, ~0), ETIMEDOUT);
}

CASE(wake_counts) {
	struct waiter w[4];
	memset(w, 0, sizeof w);
	uint32_t f = 1;
	for (int i = 0; i < 4; i++) {
		w[i] = (struct waiter){.word = &f, .op = FUTEX_WAIT_PRIVATE, .val = 1};
		waiter_start(&w[i]);
	}
	OBSERVE_RET("shared does not wake private", fut(&f, FUTEX_WAKE, 9, NULL, NULL, 0));
	OBSERVE_RET("one", fut(&f, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	OBSERVE("the first", "%s", waiter_end(&w[0]));
	OBSERVE_RET("zero", fut(&f, FUTEX_WAKE_PRIVATE, 0, NULL, NULL, 0));
	OBSERVE("the second", "%s", waiter_end(&w[1]));
	OBSERVE_RET("all", fut(&f, FUTEX_WAKE_PRIVATE, 1000, NULL, NULL, 0));
	OBSERVE_RET("none left", fut(&f, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	OBSERVE("the others", "%s %s", waiter_end(&w[2]), waiter_end(&w[3]));
}

CASE(bitsets) {
	uint32_t f = 1;
	struct waiter a = {.word = &f, .op = FUTEX_WAIT_BITSET_PRIVATE, .val = 1, .bits = 1}, b = {.word = &f, .op = FUTEX_WAIT_BITSET_PRIVATE, .val = 1, .bits = 6},
		      c = {.word = &f, .op = FUTEX_WAIT_PRIVATE, .val = 1};
	waiter_start(&a);
	waiter_start(&b);
	waiter_start(&c);
	OBSERVE_RET("bit 4", fut(&f, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 4));
	OBSERVE("b", "%s", waiter_end(&b));
	OBSERVE_RET("bit 8", fut(&f, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 8));
	OBSERVE("plain", "%s", waiter_end(&c));
	OBSERVE_RET("plain wakes all", fut(&f, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	OBSERVE("a", "%s", waiter_end(&a));
}

CASE(requeue) {
	uint32_t f[2] = {1, 2};
	struct waiter w[4];
	for (int i = 0; i < 4; i++) {
		w[i] = (struct waiter){.word = f, .op = FUTEX_WAIT_PRIVATE, .val = 1};
		waiter_start(&w[i]);
	}
	CHECK_ERR(fut2(f, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, f + 1, 9), EAGAIN);
	OBSERVE_RET("negative", fut2(f, FUTEX_CMP_REQUEUE_PRIVATE, -1, 1, f + 1, 1));
	OBSERVE_RET("negative to move", fut2(f, FUTEX_REQUEUE_PRIVATE, 1, -1, f + 1, 1));
	OBSERVE_RET("wake one, move one", fut2(f, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, f + 1, 1));
	OBSERVE("first", "%s", waiter_end(&w[0]));
	OBSERVE_RET("the moved", fut(f + 1, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	OBSERVE("second", "%s", waiter_end(&w[1]));
	OBSERVE_RET("move all", fut2(f, FUTEX_REQUEUE_PRIVATE, 0, 9, f + 1, 0));
	OBSERVE_RET("nobody here", fut(f, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	OBSERVE_RET("onto itself", fut2(f + 1, FUTEX_REQUEUE_PRIVATE, 0, 9, f + 1, 0));
	OBSERVE_RET("there", fut(f + 1, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	OBSERVE("others", "%s %s", waiter_end(&w[2]), waiter_end(&w[3]));
}

CASE(wake_op) {
	static const struct { const char *n; uint32_t op; } ops[] = {
		{"set 9, eq 4", FUTEX_OP(FUTEX_OP_SET, 9, FUTEX_OP_CMP_EQ, 4)}, {"add 3, ne 4", FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_NE, 4)},
		{"or 3, lt 5", FUTEX_OP(FUTEX_OP_OR, 3, FUTEX_OP_CMP_LT, 5)}, {"andn 4, le 4", FUTEX_OP(FUTEX_OP_ANDN, 4, FUTEX_OP_CMP_LE, 4)},
		{"xor 6, gt 4", FUTEX_OP(FUTEX_OP_XOR, 6, FUTEX_OP_CMP_GT, 4)}, {"add -1, ge 4", FUTEX_OP(FUTEX_OP_ADD, 0xfff, FUTEX_OP_CMP_GE, 4)},
		{"or 1 << 5, eq 4", FUTEX_OP(FUTEX_OP_OR | 8, 5, FUTEX_OP_CMP_EQ, 4)}, {"set 1, lt -1", FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_LT, 0xfff)},
		{"unknown op", FUTEX_OP(5, 1, FUTEX_OP_CMP_EQ, 4)}, {"unknown comparison", FUTEX_OP(FUTEX_OP_SET, 1, 7, 4)},
		{"shift by 40", FUTEX_OP(FUTEX_OP_SET | 8, 40, FUTEX_OP_CMP_EQ, 4)}};
	for (unsigned i = 0; i < sizeof ops / sizeof *ops; i++) {
		uint32_t f[2] = {1, 4};
		struct waiter a = {.word = f, .op = FUTEX_WAIT_PRIVATE, .val = 1}, b = {.word = f + 1, .op = FUTEX_WAIT_PRIVATE, .val = 4};
		waiter_start(&a);
		waiter_start(&b);
		OBSERVE_RET(ops[i].n, fut2(f, FUTEX_WAKE_OP_PRIVATE, 5, 5, f + 1, ops[i].op));
		OBSERVE(name("%s: value", ops[i].n), "%#x", f[1]);
		OBSERVE(name("%s: left", ops[i].n), "%ld %ld", fut(f, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), fut(f + 1, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
		thread_join(a.thread);
		thread_join(b.thread);
	}
}

// The same page of shared memory, of a file mapped twice, and private memory after fork.
static void between_processes(const char *what, uint32_t *here, uint32_t *there, int flag) {
	struct gate g = gate_open();
	*here = 1;
	pid_t pid = harness_fork();
	if (pid == 0) {
		struct timespec t = {flag ? 0 : 8, 50000000};
		gate_signal(&g);
		OBSERVE_RET(name("%s: waiter", what), fut(there, FUTEX_WAIT | flag, 1, &t, NULL, 0));
		_exit(0);
	}
	gate_wait(&g);
	if (!flag)
		CHECK(wait_blocked(pid, pid));
	OBSERVE_RET(name("%s: waker", what), fut(here, FUTEX_WAKE | flag, 1, NULL, NULL, 0));
	CHECK_EQ(wait_for(pid), 0);
}

CASE(between_processes) {
	uint32_t *s = shared_words();
	between_processes("shared memory", s, s, 0);
	between_processes("private futex in shared memory", s, s, FUTEX_PRIVATE_FLAG);
	int fd = make_file("f", "");
	REQUIRE_OK(ftruncate(fd, 8192));
	uint32_t *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
	REQUIRE(a != MAP_FAILED && b != MAP_FAILED);
	between_processes("file mapped twice", a + 1024 + 3, b + 3, 0);
	uint32_t *m = mremap(s, 0, 4096, MREMAP_MAYMOVE);
	REQUIRE(m != MAP_FAILED);
	between_processes("shared memory mapped twice", s + 9, m + 9, 0);
}

CASE(interruption) {
	struct timespec t = {9, 0};
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("handler", fut(&word, FUTEX_WAIT, 5, NULL, NULL, 0));
	CHECK(interrupt_done(&it));
	it = interrupt_me(SIGUSR1);
	OBSERVE_RET("handler, timeout", fut(&word, FUTEX_WAIT, 5, &t, NULL, 0));
	CHECK(interrupt_done(&it));
	OBSERVE("handled", "%d", (int)sig_count[SIGUSR1]);
}

// A child that waits for a word of shared memory, asleep; it ends with what the call answered.
static pid_t sleeper(uint32_t *s, const struct timespec *t) {
	*s = 1;
	pid_t pid = harness_fork();
	if (pid == 0) {
		long r = fut(s, FUTEX_WAIT, 1, t, NULL, 0);
		_exit(r == 0 ? 0 : errno);
	}
	REQUIRE(wait_blocked(pid, pid));
	return pid;
}

static void stop_and_continue(pid_t pid) {
	int status;
	kill(pid, SIGSTOP);
	REQUIRE(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	kill(pid, SIGCONT);
	REQUIRE(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
}

// Who was stopped goes on waiting: to be woken, to the same end of its time, or to find the word changed.
CASE(stopped_and_continued) {
	uint32_t *s = shared_words();
	pid_t pid = sleeper(s, NULL);
	for (int i = 0; i < 3; i++) {
		stop_and_continue(pid);
		CHECK(wait_blocked(pid, pid));
	}
	OBSERVE_RET("wake", fut(s, FUTEX_WAKE, 9, NULL, NULL, 0));
	OBSERVE_STATUS("woken", wait_for(pid));
	struct timespec t = {0, 300000000}, from, to;
	clock_gettime(CLOCK_MONOTONIC, &from);
	pid = sleeper(s, &t);
	stop_and_continue(pid);
	OBSERVE_STATUS("time over", wait_for(pid));
	clock_gettime(CLOCK_MONOTONIC, &to);
	CHECK((to.tv_sec - from.tv_sec) * 1000000000l + to.tv_nsec - from.tv_nsec >= t.tv_nsec);
	pid = sleeper(s, NULL);
	kill(pid, SIGSTOP);
	int status;
	REQUIRE(waitpid(pid, &status, WUNTRACED) == pid);
	OBSERVE_RET("wakes nobody who is stopped", fut(s, FUTEX_WAKE, 9, NULL, NULL, 0));
	*s = 2;
	kill(pid, SIGCONT);
	OBSERVE_STATUS("changed meanwhile", wait_for(pid));
}

CASE(killed_in_a_wait) {
	uint32_t *s = shared_words();
	pid_t a = sleeper(s, NULL), b = sleeper(s, NULL);
	kill(a, SIGKILL);
	OBSERVE_STATUS("killed", wait_for(a));
	OBSERVE_RET("one is left", fut(s, FUTEX_WAKE, 9, NULL, NULL, 0));
	OBSERVE_STATUS("the other", wait_for(b));
}

// A tracer comes, looks and goes; the wait is not its business.
CASE(traced_in_a_wait) {
	uint32_t *s = shared_words();
	pid_t pid = sleeper(s, NULL);
	int status;
	REQUIRE_OK(ptrace(PTRACE_SEIZE, pid, 0, 0));
	REQUIRE_OK(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	REQUIRE(waitpid(pid, &status, 0) == pid);
	OBSERVE("stop", "%d, event %d", WSTOPSIG(status), status >> 16);
	REQUIRE_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	CHECK(wait_blocked(pid, pid));
	OBSERVE_RET("wake the traced", fut(s, FUTEX_WAKE, 9, NULL, NULL, 0));
	OBSERVE_STATUS("traced", wait_for(pid));
	pid = sleeper(s, NULL);
	REQUIRE_OK(ptrace(PTRACE_SEIZE, pid, 0, 0));
	REQUIRE_OK(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE_OK(ptrace(PTRACE_DETACH, pid, 0, 0));
	CHECK(wait_blocked(pid, pid));
	OBSERVE_RET("wake the free", fut(s, FUTEX_WAKE, 9, NULL, NULL, 0));
	OBSERVE_STATUS("free again", wait_for(pid));
}

static void *wait_for_ever(void *tid) {
	uint32_t f = 1;
	*(volatile pid_t *)tid = tid_self();
	fut(&f, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0);
	_exit(9);
}

// The others of a process that ends, or becomes another program, are no hindrance.
CASE(others_wait_at_exit_and_exec) {
	for (int exec = 0; exec < 2; exec++) {
		pid_t pid = harness_fork();
		if (pid == 0) {
			for (int i = 0; i < 3; i++) {
				volatile pid_t tid = 0;
				thread_start(wait_for_ever, (void *)&tid);
				while (!tid)
					sched_yield();
				if (!wait_blocked(getpid(), tid))
					_exit(8);
			}
			if (exec)
				execl("/bin/true", "true", NULL);
			_exit(exec ? 7 : 5);
		}
		OBSERVE_STATUS(exec ? "exec" : "exit", wait_for(pid));
	}
}

// Two processes that map a file each for itself: shared, its words are one; private, they are not, whether written or not.
CASE(files) {
	int fd = make_file("f", "");
	REQUIRE_OK(ftruncate(fd, 4096));
	static const int flags[] = {MAP_SHARED, MAP_PRIVATE};
	for (int i = 0; i < 2; i++)
		for (int memory = 0; memory < 2; memory++) {
			int f = memory ? (int)syscall(SYS_memfd_create, "f", 0) : fd;
			REQUIRE_OK(ftruncate(f, 4096));
			pid_t pid = harness_fork();
			if (pid == 0) {
				uint32_t *w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags[i], f, 0);
				struct timespec t = {i ? 0 : 20, 400000000};
				long r = fut(w + 5, FUTEX_WAIT, 0, &t, NULL, 0);
				_exit(r == 0 ? 0 : errno);
			}
			CHECK(wait_blocked(pid, pid));
			uint32_t *w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags[i], f, 0);
			const char *what = name("%s %s", i ? "private" : "shared", memory ? "memory" : "file");
			OBSERVE_RET(name("%s: wake", what), fut(w + 5, FUTEX_WAKE, 9, NULL, NULL, 0));
			OBSERVE_STATUS(name("%s: waiter", what), wait_for(pid));
			munmap(w, 4096);
		}
}

static int restart_word = 1;
static void change_word(int sig) {
	(void)sig;
	restart_word = 2;
}

// With SA_RESTART the call begins again, and finds another value.
CASE(restart) {
	struct sigaction sa = {.sa_handler = change_word, .sa_flags = SA_RESTART};
	REQUIRE_OK(sigaction(SIGUSR1, &sa, NULL));
	struct timespec t = {9, 0}, abs = from_now(CLOCK_MONOTONIC, 0);
	abs.tv_sec += 9;
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("no timeout", fut(&restart_word, FUTEX_WAIT, 1, NULL, NULL, 0));
	CHECK(interrupt_done(&it));
	restart_word = 1;
	it = interrupt_me(SIGUSR1);
	OBSERVE_RET("timeout", fut(&restart_word, FUTEX_WAIT, 1, &t, NULL, 0));
	CHECK(interrupt_done(&it));
	restart_word = 1;
	it = interrupt_me(SIGUSR1);
	OBSERVE_RET("absolute timeout", fut(&restart_word, FUTEX_WAIT_BITSET, 1, &abs, NULL, ~0));
	CHECK(interrupt_done(&it));
}

static void *lock_pi(void *f) {
	long r = fut(f, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	int got = (*(uint32_t *)f & FUTEX_TID_MASK) == (uint32_t)tid_self();
	fut(f, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	return (void *)(r * 2 + got);
}
static long call_lock_pi(struct waiter *w) { return (long)lock_pi(w->word); }

CASE(pi) {
	uint32_t f = 0, me = tid_self();
	CHECK_OK(fut(&f, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	CHECK_EQ(f, me);
	OBSERVE_RET("again", fut(&f, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	OBSERVE_RET("try again", fut(&f, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	struct waiter w = {.word = &f, .call = call_lock_pi};
	waiter_start(&w);
	OBSERVE("waiters bit", "%d", (f & FUTEX_WAITERS) != 0);
	OBSERVE_RET("plain wake", fut(&f, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	OBSERVE_RET("plain wait", fut(&f, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
	CHECK_OK(fut(&f, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	OBSERVE("the other got it", "%s", waiter_end(&w));
	OBSERVE("at the end", "%#x", f);
	OBSERVE_RET("unlock what is free", fut(&f, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	OBSERVE_RET("try", fut(&f, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	OBSERVE_RET("unlock", fut(&f, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	f = 0x3ffffffe;
	OBSERVE_RET("owner that never was", fut(&f, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	OBSERVE_RET("unlock another's", fut(&f, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	f = 0;
	struct timespec past = {1, 0};
	OBSERVE_RET("free, time past", fut(&f, FUTEX_LOCK_PI_PRIVATE, 0, &past, NULL, 0));
}

static uint32_t owned;
static void *own_and_wait(void *g) {
	fut(&owned, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	gate_signal((struct gate *)g);
	gate_wait((struct gate *)g + 1);
	fut(&owned, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	return NULL;
}

CASE(pi_timeouts) {
	struct gate g[2] = {gate_open(), gate_open()};
	pthread_t t = thread_start(own_and_wait, g);
	gate_wait(&g[0]);
	struct timespec real = from_now(CLOCK_REALTIME, 20000000), mono = from_now(CLOCK_MONOTONIC, 20000000);
	CHECK_ERR(fut(&owned, FUTEX_LOCK_PI_PRIVATE, 0, &real, NULL, 0), ETIMEDOUT);
	CHECK_ERR(fut(&owned, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG, 0, &mono, NULL, 0), ETIMEDOUT);
	real = from_now(CLOCK_REALTIME, 20000000);
	CHECK_ERR(fut(&owned, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME, 0, &real, NULL, 0), ETIMEDOUT);
	OBSERVE_RET("real time with LOCK_PI", fut(&owned, FUTEX_LOCK_PI_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &real, NULL, 0));
	OBSERVE_RET("try", fut(&owned, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	OBSERVE_RET("unlock another's", fut(&owned, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	gate_signal(&g[1]);
	thread_join(t);
	OBSERVE("then", "%d", (owned & FUTEX_TID_MASK) != 0);
}

struct robust { // struct robust_list_head, with one entry
	struct robust_list_head head;
	struct robust_list entry;
	uint32_t word;
};

// A process that dies holding a robust futex: the next one sees FUTEX_OWNER_DIED, and a waiter is woken.
CASE(robust) {
	struct robust *r = (struct robust *)shared_words();
	pid_t pid = harness_fork();
	struct gate g = gate_open();
	if (pid == 0)
		_exit(0);
	wait_for(pid);
	pid = harness_fork();
	if (pid == 0) {
		r->head.list.next = &r->entry;
		r->entry.next = &r->head.list;
		r->head.futex_offset = offsetof(struct robust, word) - offsetof(struct robust, entry);
		r->head.list_op_pending = NULL;
		REQUIRE_OK(syscall(SYS_set_robust_list, &r->head, sizeof r->head));
		r->word = tid_self() | FUTEX_WAITERS;
		gate_signal(&g);
		pause();
	}
	gate_wait(&g);
	pid_t waiter = harness_fork();
	if (waiter == 0) {
		OBSERVE_RET("waiter", fut(&r->word, FUTEX_WAIT, pid | FUTEX_WAITERS, NULL, NULL, 0));
		OBSERVE("word", "%#x", r->word);
		_exit(0);
	}
	REQUIRE(wait_blocked(waiter, waiter));
	kill(pid, SIGKILL);
	CHECK_EQ(wait_for(waiter), 0);
	wait_for(pid);
	r->word = FUTEX_TID_MASK - 1; // another's, for no thread has so high a number: left alone
	IN_CHILD(NULL) { REQUIRE_OK(syscall(SYS_set_robust_list, &r->head, sizeof r->head)); }
	OBSERVE("another's", "%u", r->word);
	CHECK_ERR(syscall(SYS_set_robust_list, &r->head, 7), EINVAL);
}

// What is moved to a PI futex may be made its owner's, so that has to be writable; that which it comes from need not be.
CASE(requeue_pi_to_readonly) {
	static const int prots[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE};
	for (int from = 1; from < 3; from++)
		for (int to = 0; to < 3; to++)
			for (int private = 0; private < 2; private++) {
				int *a = mmap(NULL, 4096, prots[from], MAP_SHARED | MAP_ANONYMOUS, -1, 0);
				int *b = mmap(NULL, 4096, prots[to], MAP_SHARED | MAP_ANONYMOUS, -1, 0);
				REQUIRE(a != MAP_FAILED && b != MAP_FAILED);
				if (prots[to]) // whether the page is there shows
					CHECK_EQ(*(volatile int *)b, 0);
				OBSERVE_RET(name("%d to %d%s", prots[from], prots[to], private ? ", private" : ""),
					syscall(SYS_futex, a, FUTEX_CMP_REQUEUE_PI | (private ? FUTEX_PRIVATE_FLAG : 0), 1, 1, b, 0));
			}
}
