// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// prctl: the time-stamp counter that faults, and who inherits that; the futexes' own table; names of memory.
#include "../harness/creds.h"
#include "../harness/memory.h"

#include <sys/prctl.h>
#include <time.h>
#include <ucontext.h>

#define PR_FUTEX_HASH 78

static volatile int faults;
static void skip(int sig, siginfo_t *si, void *ctx) {
	memory_fault = *si;
	faults++;
	((ucontext_t *)ctx)->uc_mcontext.gregs[REG_RIP] += 2; // rdtsc
	(void)sig;
}

static const char *tsc(void) {
	struct sigaction sa = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO}, old;
	unsigned mode = 77;
	sigaction(SIGSEGV, &sa, &old);
	faults = 0;
	__asm__ volatile("rdtsc" ::: "rax", "rdx");
	sigaction(SIGSEGV, &old, NULL);
	syscall(SYS_prctl, PR_GET_TSC, &mode, 0, 0, 0);
	return faults ? name("mode %u, faults, code %d at %p", mode, memory_fault.si_code, memory_fault.si_addr) : name("mode %u, reads", mode);
}

static void *in_thread(void *who) {
	OBSERVE(who, "%s", tsc());
	return NULL;
}

CASE(tsc_faults) {
	int st;
	OBSERVE("at first", "%s", tsc());
	for (long v = -1; v < 5; v++)
		if (v != PR_TSC_SIGSEGV)
			OBSERVE_RET(name("set %ld", v), syscall(SYS_prctl, PR_SET_TSC, v, 0, 0, 0));
	OBSERVE_RET("more than 32 bits", syscall(SYS_prctl, PR_SET_TSC, 0x100000001, 0, 0, 0));
	OBSERVE_RET("set with more arguments", syscall(SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 1, 2, 3));
	OBSERVE("set", "%s", tsc());
	thread_join(thread_start(in_thread, "a thread"));
	IN_CHILD(NULL) {
		OBSERVE("a child", "%s", tsc());
		CHECK_OK(syscall(SYS_prctl, PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
		OBSERVE("a child, enabled", "%s", tsc());
	}
	OBSERVE("after the child's change", "%s", tsc());
	IN_CHILD(&st) {
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	OBSERVE("a program whose loader reads it", "%s", status_text(st));
	for (int i = 0; i < 100; i++)
		syscall(SYS_getppid);
	CHECK_OK(syscall(SYS_prctl, PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
	OBSERVE("enabled again", "%s", tsc());
}

static void *sets(void *arg) {
	CHECK_OK(syscall(SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	return arg;
}

CASE(tsc_belongs_to_the_thread) {
	thread_join(thread_start(sets, NULL));
	OBSERVE("after another thread's change", "%s", tsc());
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("get to %s", b->name), syscall(SYS_prctl, PR_GET_TSC, b->p, 0, 0, 0));
}

// Waits, wakes and timeouts work without it.
CASE(tsc_does_not_matter_to_the_kernel) {
	CHECK_OK(syscall(SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	struct timespec ts = {0, 1000000};
	unsigned word = 0;
	OBSERVE_RET("nanosleep", syscall(SYS_nanosleep, &ts, NULL));
	OBSERVE_RET("futex", syscall(SYS_futex, &word, 0, 0, &ts, NULL, 0));
	OBSERVE_RET("clock_gettime by the kernel", syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts));
	struct gate g = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		gate_wait(&g);
		_exit(3);
	}
	CHECK(wait_blocked(pid, pid));
	gate_signal(&g);
	OBSERVE("child", "%s", status_text(wait_for(pid)));
}

CASE(tsc_of_strict_mode) {
	int st;
	IN_CHILD(&st) {
		REQUIRE_OK(syscall(SYS_prctl, PR_SET_SECCOMP, 1, 0, 0, 0));
		__asm__ volatile("rdtsc" ::: "rax", "rdx");
		syscall(SYS_exit, 0);
	}
	OBSERVE("reading it in strict mode", "%s", status_text(st));
	IN_CHILD(&st) {
		REQUIRE_OK(syscall(SYS_prctl, PR_SET_SECCOMP, 1, 0, 0, 0));
		syscall(SYS_exit, 0);
	}
	OBSERVE("without", "%s", status_text(st));
}

static long hash(long op, long a, long b, long c) { return syscall(SYS_prctl, PR_FUTEX_HASH, op, a, b, c); }

CASE(futex_hash, "kernel>=6.17") {
	for (int op = 0; op < 6; op++)
		if (op != 1)
			IN_CHILD(NULL) OBSERVE_RET(name("operation %d", op), hash(op, 0, 0, 0));
	static const long slots[] = {0, 1, 2, 3, 16, 17, 1024, -1};
	for (int i = 0; i < COUNT(slots); i++)
		IN_CHILD(NULL) {
			OBSERVE_RET(name("%ld slots", slots[i]), hash(1, slots[i], 0, 0));
			OBSERVE_RET(name("then there are, of %ld", slots[i]), hash(2, 0, 0, 0));
			IN_CHILD(NULL) OBSERVE_RET(name("a child's, of %ld", slots[i]), hash(2, 0, 0, 0));
			OBSERVE_RET(name("once more after %ld", slots[i]), hash(1, 8, 0, 0));
		}
	IN_CHILD(NULL) OBSERVE_RET("flags", hash(1, 16, 1, 0));
	IN_CHILD(NULL) OBSERVE_RET("a fourth argument", hash(1, 16, 0, 1));
	IN_CHILD(NULL) OBSERVE_RET("arguments to get", hash(2, 1, 2, 3));
	IN_CHILD(NULL) {
		unsigned word = 5;
		struct timespec ts = {0, 1000000};
		REQUIRE_OK(hash(1, 4, 0, 0));
		OBSERVE_RET("a futex there", syscall(SYS_futex, &word, 128, 5, &ts, NULL, 0));
	}
}

CASE(names_of_memory) {
	char *p = anon(4);
	if (syscall(SYS_prctl, PR_SET_VMA, 0, p, 4096, "some") < 0 && errno == EINVAL)
		SKIP("a kernel without names of memory");
	syscall(SYS_prctl, PR_SET_VMA, 0, p, 4096, NULL);
	static const unsigned long sizes[] = {0, 1, 4095, 4096, 4097, 4 * 4096, -1, -4096, -5000};
	for (int i = 0; i < COUNT(sizes); i++) {
		OBSERVE_RET(name("%ld bytes", (long)sizes[i]), syscall(SYS_prctl, PR_SET_VMA, 0, p, sizes[i], "some"));
		const char *maps = read_file("/proc/self/maps");
		int lines = 0, named = 0;
		for (const char *l = maps; l && *l; l = strchr(l, '\n') ? strchr(l, '\n') + 1 : NULL) {
			char *end;
			unsigned long from = strtoul(l, &end, 16), to = strtoul(end + 1, NULL, 16);
			CHECK(from % 4096 == 0 && to % 4096 == 0);
			if (from >= (unsigned long)p && to <= (unsigned long)p + 4 * PG)
				lines++, named += strncmp(strchr(l, '\n') - 11, "[anon:some]", 11) == 0 ? (int)((to - from) / PG) : 0;
		}
		OBSERVE(name("mappings after %ld", (long)sizes[i]), "%d, %d pages named", lines, named);
		syscall(SYS_prctl, PR_SET_VMA, 0, p, 4 * PG, NULL);
	}
	OBSERVE_RET("from the middle of a page", syscall(SYS_prctl, PR_SET_VMA, 0, p + 1, 4096, "some"));
}
