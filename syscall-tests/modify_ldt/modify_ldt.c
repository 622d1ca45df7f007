// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// modify_ldt: which entries are taken and how they read back, code of 16 and 32 bits that runs by them, signals in such
// code, and who shares the table.
#include "../harness/creds.h"

#include <asm/ldt.h>
#include <ucontext.h>

// The call answers an int in an unsigned register: -EFAULT is 4294967282 to a C library.
static long ldt(int func, void *ptr, unsigned long size) { return syscall(SYS_modify_ldt, func, ptr, size); }
static const char *answer(long r) { return r > 0xfffff000L ? name("-%s", errno_name((int)(0x100000000L - r))) : name("%ld", r); }

static struct user_desc plain(unsigned entry) {
	return (struct user_desc){.entry_number = entry, .base_addr = 0x1000, .limit = 0xfff, .seg_32bit = 1, .useable = 1};
}

CASE(arguments) {
	char buf[512];
	struct user_desc d = plain(1);
	static const int funcs[] = {-1, 0, 1, 2, 3, 0x10, 0x11, 0x12, 0x100};
	for (int i = 0; i < COUNT(funcs); i++)
		for (unsigned size = 0; size < 20; size += size < 14 ? 8 : 1)
			OBSERVE(name("function %d, %u bytes", funcs[i], size), "%s", answer(ldt(funcs[i], funcs[i] == 1 || funcs[i] == 0x11 ? (void *)&d : buf, size)));
	static const unsigned long sizes[] = {100, 128, 200, 512};
	for (int i = 0; i < COUNT(sizes); i++) {
		OBSERVE(name("read %lu", sizes[i]), "%s", answer(ldt(0, buf, sizes[i])));
		OBSERVE(name("read the default, %lu", sizes[i]), "%s", answer(ldt(2, buf, sizes[i])));
	}
}

CASE(pointers) {
	struct user_desc d = plain(1);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE(name("read, no table, %s", b->name), "%s", answer(ldt(0, b->p, 64)));
		OBSERVE(name("default, %s", b->name), "%s", answer(ldt(2, b->p, 64)));
		OBSERVE(name("write, %s", b->name), "%s", answer(ldt(1, b->p, sizeof d)));
		OBSERVE(name("new write, %s", b->name), "%s", answer(ldt(0x11, b->p, sizeof d)));
	}
	OBSERVE("null", "%s %s %s", answer(ldt(0, NULL, 64)), answer(ldt(2, NULL, 64)), answer(ldt(1, NULL, 16)));
	CHECK_EQ(ldt(0x11, guard_copy(&d, sizeof d), sizeof d), 0);
	OBSERVE("one byte too far", "%s", answer(ldt(0x11, (char *)guard_copy(&d, sizeof d) + 1, sizeof d)));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE(name("read, %s", b->name), "%s", answer(ldt(0, b->p, 64)));
	CHECK_EQ(ldt(0, guard_end(16), 16), 16);
	OBSERVE("read beyond the end", "%s", answer(ldt(0, guard_end(16), 24)));
	OBSERVE("read into what can only be read", "%s", answer(ldt(0, readonly_page(), 16)));
}

// Each field in turn, in the old way and the new.
CASE(entries) {
	static const int funcs[] = {1, 0x11};
	for (int f = 0; f < 2; f++)
		for (unsigned i = 0; i < 512; i++) {
			struct user_desc d = {.entry_number = 3, .base_addr = 0x12345678, .limit = 0x9abcd, .seg_32bit = i & 1, .contents = i >> 1 & 3,
					      .read_exec_only = i >> 3 & 1, .limit_in_pages = i >> 4 & 1, .seg_not_present = i >> 5 & 1, .useable = i >> 6 & 1, .lm = i >> 7 & 1};
			if (i >> 8 & 1)
				d.base_addr = d.limit = 0;
			struct user_desc clear = {.entry_number = 3, .read_exec_only = 1, .seg_not_present = 1};
			REQUIRE(ldt(0x11, &clear, sizeof clear) == 0);
			unsigned long all[4] = {0};
			long r = ldt(funcs[f], &d, sizeof d);
			ldt(0, all, sizeof all);
			OBSERVE(name("function %d, %03x", funcs[f], i), "%s %016lx", answer(r), all[3]);
		}
}

CASE(numbers) {
	static const unsigned numbers[] = {0, 1, 15, 4095, 8191, 8192, 0x7fffffff, 0xffffffff};
	static unsigned long all[8192];
	for (int i = 0; i < COUNT(numbers); i++) {
		struct user_desc d = plain(numbers[i]);
		OBSERVE(name("entry %x", numbers[i]), "%s", answer(ldt(0x11, &d, sizeof d)));
		memset(all, 0xff, sizeof all);
		long r = ldt(0, all, sizeof all);
		int set = 0;
		for (long n = 0; n < r / 8; n++)
			set += all[n] != 0;
		OBSERVE(name("then there are %x", numbers[i]), "%ld bytes, %d entries", r, set);
	}
}

// Some virtual machines take entries, and fault when one is used.
static void usable(void) {
	int st;
	IN_CHILD(&st) {
		struct user_desc d = {.entry_number = 0, .limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1, .useable = 1};
		if (ldt(0x11, &d, sizeof d) == 0)
			__asm__ volatile("mov %0, %%es" ::"r"(7));
	}
	if (st != 0)
		SKIP("the processor loads no segment of the table");
}

// Code in low memory that enters the segment 7 (entry 0 of the table) by a far jump, does what is there, and comes back.
struct low {
	unsigned char enter[32], there[64], back[16];
	struct {
		unsigned offset;
		unsigned short selector;
	} __attribute__((packed)) far;
	unsigned long saved;
};

static struct low *low_code(bool wide, const char *payload, int n) {
	usable();
	struct low *l = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	REQUIRE(l != MAP_FAILED);
	unsigned base = (unsigned)(unsigned long)l;
	unsigned saved = (unsigned)(unsigned long)&l->saved, stack = base + 8192 - 64, far = (unsigned)(unsigned long)&l->far;
	unsigned char *p = l->enter;
	memcpy(p, "\x48\x89\x24\x25", 4), memcpy(p + 4, &saved, 4), p += 8;   // mov %rsp, saved
	*p = 0xbc, memcpy(p + 1, &stack, 4), p += 5;                           // mov $stack, %esp
	memcpy(p, "\xff\x2c\x25", 3), memcpy(p + 3, &far, 4);                  // ljmp *far
	l->far.offset = wide ? (unsigned)(unsigned long)l->there : (unsigned)offsetof(struct low, there);
	l->far.selector = 7;
	p = l->there;
	memcpy(p, payload, n), p += n;
	if (!wide)
		*p++ = 0x66;
	unsigned back = (unsigned)(unsigned long)l->back;
	*p = 0xea, memcpy(p + 1, &back, 4), memcpy(p + 5, "\x33\0", 2);        // ljmp $0x33, $back
	memcpy(l->back, "\x48\x8b\x24\x25", 4), memcpy(l->back + 4, &saved, 4); // mov saved, %rsp
	l->back[8] = 0xc3;
	struct user_desc d = {.entry_number = 0, .base_addr = wide ? 0 : base, .limit = 0xfffff, .seg_32bit = wide, .contents = 2, .limit_in_pages = wide, .useable = 1};
	REQUIRE(ldt(0x11, &d, sizeof d) == 0);
	return l;
}

static long enter(struct low *l) {
	long r;
	__asm__ volatile("call *%1" : "=a"(r) : "r"(l->enter) : "rcx", "rdx", "memory", "cc");
	return r;
}

#define WIDE "\xb8\x34\x12\x00\x00" // mov $0x1234, %eax
#define NARROW "\xb8\x34\x12"       // mov $0x1234, %ax

CASE(code_of_32_bits) {
	struct low *l = low_code(true, WIDE "\x8c\xca", 7); // mov %cs, %edx
	OBSERVE("result", "%lx", enter(l));
	for (int i = 0; i < 1000; i++)
		CHECK(enter(l) == 0x1234 && getppid() > 0);
}

CASE(code_of_16_bits) {
	struct low *l = low_code(false, NARROW, 3);
	OBSERVE("result", "%lx", enter(l) & 0xffff);
}

static volatile unsigned long seen[4];
static void caught(int sig, siginfo_t *si, void *ctx) {
	greg_t *g = ((ucontext_t *)ctx)->uc_mcontext.gregs;
	seen[0] = g[REG_CSGSFS] & 0xffff, seen[1] = g[REG_CSGSFS] >> 48, seen[2] = ((ucontext_t *)ctx)->uc_flags, seen[3] = si->si_code;
	g[REG_RIP] += 2;
	(void)sig;
}

// ud2 in such code: the handler sees its selector, and goes back to where it was.
CASE(signal_in_such_code) {
	struct sigaction sa = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
	REQUIRE_OK(sigaction(SIGILL, &sa, NULL));
	static char stack[65536];
	REQUIRE_OK(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL));
	sa.sa_flags |= SA_ONSTACK;
	REQUIRE_OK(sigaction(SIGILL, &sa, NULL));
	struct low *l = low_code(true, "\x0f\x0b" WIDE, 7);
	OBSERVE("32 bits", "%lx", enter(l));
	OBSERVE("32 bits: frame", "cs %lx ss %lx flags %lx code %ld", seen[0], seen[1], seen[2], seen[3]);
	l = low_code(false, "\x0f\x0b" NARROW, 5);
	OBSERVE("16 bits", "%lx", enter(l) & 0xffff);
	OBSERVE("16 bits: frame", "cs %lx ss %lx flags %lx code %ld", seen[0], seen[1], seen[2], seen[3]);
}

// A segment that is not there, and one that is none of code.
CASE(faults_at_entry) {
	usable();
	for (int i = 0; i < 3; i++) {
		int st;
		IN_CHILD(&st) {
			struct low *l = low_code(true, WIDE, 5);
			struct user_desc d = {.entry_number = 0, .limit = 0xfffff, .seg_32bit = 1, .contents = i == 1 ? 0 : 2, .limit_in_pages = 1,
					      .seg_not_present = i == 0, .read_exec_only = i == 2, .useable = 1};
			REQUIRE(ldt(0x11, &d, sizeof d) == 0);
			sig_catch(SIGSEGV, SA_RESETHAND);
			sig_catch(SIGBUS, SA_RESETHAND);
			enter(l);
		}
		OBSERVE(name("kind %d", i), "%s", status_text(st));
	}
}

static unsigned read_gs(void) {
	unsigned v;
	__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

// gs by an entry of the table: system calls don't mind.
CASE(data_by_gs) {
	usable();
	unsigned *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	REQUIRE(p != MAP_FAILED);
	for (int i = 0; i < 100; i++)
		getppid();
	*p = 0xabcdef;
	struct user_desc d = {.entry_number = 2, .base_addr = (unsigned)(unsigned long)p, .limit = 0xfff, .seg_32bit = 1, .useable = 1};
	REQUIRE(ldt(0x11, &d, sizeof d) == 0);
	__asm__ volatile("mov %0, %%gs" ::"r"(2 << 3 | 7));
	OBSERVE("by gs", "%x", read_gs());
	bool same = true;
	for (int i = 0; i < 1000; i++)
		same &= syscall(SYS_getpid) > 0 && read_gs() == 0xabcdef;
	OBSERVE("after system calls", "%d", same);
	IN_CHILD(NULL) OBSERVE("in a child", "%x", read_gs());
	unsigned sel;
	__asm__ volatile("mov %%gs, %0" : "=r"(sel));
	OBSERVE("selector", "%x", sel);
}

static void *other(void *arg) {
	unsigned long all[4] = {0};
	long r = ldt(0, all, sizeof all);
	OBSERVE("a thread reads", "%ld, entry %d", r, all[0] != 0);
	struct user_desc d = plain(1);
	CHECK_EQ(ldt(0x11, &d, sizeof d), 0);
	return arg;
}

CASE(shared_by_threads_copied_by_fork) {
	unsigned long all[4] = {0};
	struct user_desc first = plain(0);
	CHECK_EQ(ldt(0x11, &first, sizeof first), 0);
	thread_join(thread_start(other, NULL));
	ldt(0, all, sizeof all);
	OBSERVE("the thread's entry", "%d", all[1] != 0);
	IN_CHILD(NULL) {
		unsigned long has[4] = {0};
		ldt(0, has, sizeof has);
		OBSERVE("a child has", "%d %d", has[0] != 0, has[1] != 0);
		struct user_desc d = plain(2);
		CHECK_EQ(ldt(0x11, &d, sizeof d), 0);
	}
	ldt(0, all, sizeof all);
	OBSERVE("the child's entry", "%d", all[2] != 0);
}

static void *enters(void *l) {
	OBSERVE("a thread runs", "%lx", enter(l));
	return NULL;
}

CASE(code_runs_in_threads_and_children) {
	struct low *l = low_code(true, WIDE, 5);
	thread_join(thread_start(enters, l));
	IN_CHILD(NULL) OBSERVE("a child runs", "%lx", enter(l));
}
