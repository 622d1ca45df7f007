// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rseq: registering and unregistering with every wrong argument; the fields that the kernel fills in; critical
// sections that signals and faults abort; who inherits an area, and who must not.
#include "../harness/ptraces.h"
#include "../harness/signals.h"

#include <sched.h>

#define SIGNATURE 0x53053053
struct area {
	uint32_t cpu_start, cpu;
	uint64_t section;
	uint32_t flags, node, mm_cid, pad;
} __attribute__((aligned(32)));

static long rseq_(void *p, unsigned len, int flags, unsigned sig) { return syscall(SYS_rseq, p, len, flags, sig); }

// libc has registered an area of its own for every thread; a raw fork's child unregisters nothing, so that one is found and dropped.
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned __rseq_size __attribute__((weak));

static void drop_libcs(void) {
	if (&__rseq_size && __rseq_size)
		REQUIRE_OK(rseq_((char *)__builtin_thread_pointer() + __rseq_offset, 32, 1, SIGNATURE));
}

CASE(registration) {
	static struct area a, b;
	drop_libcs();
	OBSERVE_RET("unregister none", rseq_(&a, 32, 1, SIGNATURE));
	OBSERVE_RET("unaligned", rseq_((char *)&a + 4, 32, 0, SIGNATURE));
	OBSERVE_RET("length 31", rseq_(&a, 31, 0, SIGNATURE));
	OBSERVE_RET("length 0", rseq_(&a, 0, 0, SIGNATURE));
	OBSERVE_RET("flags", rseq_(&a, 32, 4, SIGNATURE));
	OBSERVE_RET("bad pointer", rseq_((void *)((uintptr_t)bad_ptr() & ~31ul), 32, 0, SIGNATURE));
	OBSERVE_RET("kernel half", rseq_((void *)0xffff888000000000, 32, 0, SIGNATURE));
	CHECK_OK(rseq_(&a, 32, 0, SIGNATURE));
	OBSERVE_RET("again", rseq_(&a, 32, 0, SIGNATURE));
	OBSERVE_RET("again, other signature", rseq_(&a, 32, 0, 1));
	OBSERVE_RET("another area", rseq_(&b, 32, 0, SIGNATURE));
	OBSERVE_RET("unregister another", rseq_(&b, 32, 1, SIGNATURE));
	OBSERVE_RET("unregister, other signature", rseq_(&a, 32, 1, 1));
	OBSERVE_RET("unregister, other length", rseq_(&a, 64, 1, SIGNATURE));
	CHECK_OK(rseq_(&a, 32, 1, SIGNATURE));
	OBSERVE("cpu after", "%d %d", (int)a.cpu_start, (int)a.cpu);
}

CASE(processor_is_told) {
	static struct area a;
	unsigned cpu, node;
	drop_libcs();
	a.cpu = -1;
	REQUIRE_OK(rseq_(&a, 32, 0, SIGNATURE));
	// Retried: it may move in between.
	for (int i = 0; i < 1000; i++) {
		REQUIRE_OK(syscall(SYS_getcpu, &cpu, &node, NULL));
		if (cpu == *(volatile uint32_t *)&a.cpu)
			break;
	}
	CHECK_EQ(cpu, a.cpu);
	CHECK_EQ(a.cpu, a.cpu_start);
	CHECK_EQ(a.node, node);
}

CASE(not_kept_over_exec_but_over_fork) {
	static struct area a;
	drop_libcs();
	REQUIRE_OK(rseq_(&a, 32, 0, SIGNATURE));
	pid_t child = (pid_t)syscall(SYS_fork);
	if (child == 0) {
		OBSERVE_RET("child registers the same", rseq_(&a, 32, 0, SIGNATURE));
		_exit(0);
	}
	wait_for(child);
}

// --- Critical sections ---

struct section {
	uint32_t version, flags;
	uint64_t start, length, abort;
} __attribute__((aligned(32)));

#define ABORT_SIGNATURE ".byte 0x0f, 0xb9, 0x3d\n.long 0x53053053\n"
#define HIDDEN __attribute__((visibility("hidden")))

// Each takes the address of the area's pointer to the section and the section: 0 is done, 1 is aborted. rseq_spin never is
// done; rseq_load loads from a pointer; rseq_add adds 1 there; rseq_call makes a system call.
__asm__(".pushsection .text\n"
	"rseq_spin: mov %rsi, (%rdi)\n"
	"rseq_spin_start: pause\njmp rseq_spin_start\n"
	"rseq_spin_end: ret\n"
	"rseq_load: mov %rsi, (%rdi)\n"
	"rseq_load_start: mov (%rdx), %eax\n"
	"rseq_load_end: xor %eax, %eax\nret\n"
	"rseq_add: mov %rsi, (%rdi)\n"
	"rseq_add_start: mov (%rdx), %rax\ninc %rax\nmov %rax, (%rdx)\n"
	"rseq_add_end: xor %eax, %eax\nret\n"
	"rseq_call: mov %rsi, (%rdi)\nmov %rdx, %rax\nmov %rcx, %rdi\nmov %r8, %rsi\n"
	"rseq_call_start: syscall\n.rept 64\nnop\n.endr\n"
	"rseq_call_end: xor %eax, %eax\nret\n" ABORT_SIGNATURE "rseq_abort: mov $1, %eax\nret\n"
	".long 0\nrseq_unsigned: mov $2, %eax\nret\n"
	".popsection\n");
extern HIDDEN int rseq_spin(volatile uint64_t *area, const struct section *s);
extern HIDDEN int rseq_load(volatile uint64_t *area, const struct section *s, const void *p);
extern HIDDEN int rseq_add(volatile uint64_t *area, const struct section *s, volatile uint64_t *p);
extern HIDDEN int rseq_call(volatile uint64_t *area, const struct section *s, long nr, long a, long b);
extern HIDDEN char rseq_spin_start[], rseq_spin_end[], rseq_load_start[], rseq_load_end[], rseq_add_start[], rseq_add_end[];
extern HIDDEN char rseq_call_start[], rseq_call_end[], rseq_abort[], rseq_unsigned[];

static struct area own;
static volatile int hits;
static volatile uint64_t hit_ip, hit_section;
static void *volatile hit_addr;

static void on_hit(int sig, siginfo_t *info, void *ctx) {
	(void)sig;
	hit_ip = ((ucontext_t *)ctx)->uc_mcontext.gregs[REG_RIP];
	hit_section = *(volatile uint64_t *)&own.section;
	hit_addr = info->si_addr;
	hits++;
}

static struct section section(const char *start, const char *end) {
	return (struct section){0, 0, (uint64_t)start, (uint64_t)(end - start), (uint64_t)rseq_abort};
}

static void register_own(void) {
	drop_libcs();
	REQUIRE_OK(rseq_(&own, 32, 0, SIGNATURE));
}

CASE(sections_run_through_or_not_at_all) {
	static volatile uint64_t sum;
	struct section s = section(rseq_add_start, rseq_add_end);
	uint64_t done = 0;
	register_own();
	for (int i = 0; i < 200000; i++)
		done += rseq_add(&own.section, &s, &sum) == 0;
	CHECK_EQ(sum, done);
	CHECK(done > 0);
}

CASE(a_signal_aborts_a_section) {
	struct section s = section(rseq_spin_start, rseq_spin_end);
	handle_with(SIGALRM, on_hit, 0, 0);
	register_own();
	for (int i = 1; i <= 5; i++) {
		ualarm(2000, 0);
		while (hits < i) // preemption aborts it as well
			CHECK_EQ(rseq_spin(&own.section, &s), 1);
		CHECK(hit_ip - s.start >= s.length);
		CHECK_EQ(hit_section, 0);
	}
}

CASE(a_fault_aborts_a_section) {
	struct section s = section(rseq_load_start, rseq_load_end);
	void *nowhere = bad_ptr();
	handle_with(SIGSEGV, on_hit, 0, 0);
	register_own();
	while (!hits)
		CHECK_EQ(rseq_load(&own.section, &s, nowhere), 1);
	CHECK_EQ(hit_ip, (uint64_t)rseq_abort);
	CHECK(hit_addr == nowhere);
	CHECK_EQ(hit_section, 0);
}

CASE(a_signal_at_a_call_aborts_the_section) {
	struct section s = section(rseq_call_start, rseq_call_end);
	handle_with(SIGUSR1, on_hit, 0, 0);
	register_own();
	while (!hits)
		rseq_call(&own.section, &s, SYS_kill, getpid(), SIGUSR1);
	CHECK_EQ(hit_ip, (uint64_t)rseq_abort);
	CHECK_EQ(hit_section, 0);
}

CASE(bad_sections_kill) {
	static const char *const what[] = {"version", "flags", "abort inside", "no signature", "kernel half", "section at nowhere", "area gone"};
	for (int i = 0; i < (int)(sizeof what / sizeof *what); i++) {
		int st;
		IN_CHILD(&st) {
			struct area *a = writable_page();
			struct section s = section(rseq_call_start, rseq_call_end);
			handle_with(SIGUSR1, on_hit, 0, 0);
			drop_libcs();
			REQUIRE_OK(rseq_(a, 32, 0, SIGNATURE));
			s.version = i == 0;
			s.flags = i == 1;
			if (i == 2)
				s.abort = s.start + 2;
			if (i == 3)
				s.abort = (uint64_t)rseq_unsigned;
			if (i == 4)
				s.start = 0xffff888000000000;
			if (i == 6) {
				munmap(a, page_size());
				kill(getpid(), SIGUSR1);
				_exit(0);
			}
			// It may be preempted, and die, before the signal: all the same.
			rseq_call(&a->section, i == 5 ? bad_ptr() : &s, SYS_kill, getpid(), SIGUSR1);
			_exit(0);
		}
		OBSERVE_STATUS(what[i], st);
	}
}

// --- Whose it is ---

static void *no_area(void *arg) {
	(void)arg;
	if (&__rseq_size && __rseq_size) // it registers none in the threads of one that has none any more
		rseq_((char *)__builtin_thread_pointer() + __rseq_offset, 32, 1, SIGNATURE);
	OBSERVE_RET("a thread's own", rseq_(&own, 32, 1, SIGNATURE));
	OBSERVE_RET("a thread registers the same", rseq_(&own, 32, 0, SIGNATURE));
	return NULL;
}

CASE(a_thread_has_none_of_its_makers) {
	register_own();
	thread_join(thread_start(no_area, NULL));
	OBSERVE_RET("its maker's is still there", rseq_(&own, 32, 1, SIGNATURE));
}

static int vfork_child(void *arg) {
	(void)arg;
	_exit(rseq_(&own, 32, 1, SIGNATURE) == -1 ? errno : 0);
}

CASE(a_child_in_the_same_memory_has_none) {
	static char stack[65536] __attribute__((aligned(16)));
	register_own();
	pid_t pid = REQUIRE_OK(clone(vfork_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
	OBSERVE_STATUS("vfork's child unregisters", wait_for(pid));
	OBSERVE_RET("the parent", rseq_(&own, 32, 1, SIGNATURE));
}

static void *no_work(void *arg) { return arg; }

// What a thread leaves behind may be used for something else as soon as it is known to be dead.
CASE(nothing_is_written_after_the_end) {
	enum { SIZE = 128 << 10, ROUNDS = 100 };
	char *stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(stack != MAP_FAILED);
	int bad = 0;
	for (int i = 0; i < ROUNDS; i++) {
		pthread_attr_t attr;
		pthread_t t;
		pthread_attr_init(&attr);
		REQUIRE(pthread_attr_setstack(&attr, stack, SIZE) == 0);
		REQUIRE(pthread_create(&t, &attr, no_work, NULL) == 0);
		REQUIRE(pthread_join(t, NULL) == 0);
		memset(stack, 0x5a, SIZE);
		sched_yield();
		for (int j = 0; j < SIZE; j++)
			bad += stack[j] != 0x5a;
		if (i % 2) {
			munmap(stack, SIZE);
			REQUIRE(mmap(stack, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == stack);
		}
	}
	CHECK_EQ(bad, 0);
}

static void registers_and_execs(void) {
	register_own();
	kill(getpid(), SIGUSR1);
	execl("/bin/true", "true", NULL);
}

CASE(a_tracer_sees_it_and_exec_drops_it) {
	struct {
		uint64_t area;
		uint32_t size, signature, flags, pad;
	} c;
	pid_t pid = traced(registers_and_execs);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGUSR1");
	OBSERVE_RET("registered", pt(PTRACE_GET_RSEQ_CONFIGURATION, pid, sizeof c, (unsigned long)&c));
	CHECK_EQ(c.area, (uint64_t)&own);
	OBSERVE("it is", "%u %#x %u", c.size, c.signature, c.flags);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	OBSERVE_RET("after exec", pt(PTRACE_GET_RSEQ_CONFIGURATION, pid, sizeof c, (unsigned long)&c));
	OBSERVE("it is gone", "%#lx %u", c.area, c.size);
	end(pid);
}
