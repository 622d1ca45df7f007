// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// arch_prctl: the fs and gs base of the calling thread, CPUID faulting, and the xstate components.
#include "../harness/harness.h"

#define SET_GS 0x1001
#define SET_FS 0x1002
#define GET_FS 0x1003
#define GET_GS 0x1004
#define GET_CPUID 0x1011
#define SET_CPUID 0x1012
#define GET_XCOMP_SUPP 0x1021
#define GET_XCOMP_PERM 0x1022
#define REQ_XCOMP_PERM 0x1023

// libc's errno lives behind fs: calls that may leave another fs base are made by hand.
static inline long raw(long code, unsigned long arg) {
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(SYS_arch_prctl), "D"(code), "S"(arg) : "rcx", "r11", "memory");
	return r;
}

static unsigned long gs_word(void) {
	unsigned long v;
	__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

static unsigned long fs_word(void) {
	unsigned long v;
	__asm__ volatile("mov %%fs:0, %0" : "=r"(v));
	return v;
}

CASE(fs_base_points_at_itself) {
	unsigned long base = 0;
	CHECK_EQ(raw(GET_FS, (long)&base), 0);
	// The x86_64 ABI: the word at fs:0 is the thread pointer.
	CHECK_EQ(base, fs_word());
}

CASE(gs_base_is_used) {
	unsigned long word = 0x1122334455667788, base = 77;
	OBSERVE("gs at first", "%s", raw(GET_GS, (long)&base) == 0 && base == 0 ? "0" : "other");
	CHECK_EQ(raw(SET_GS, (long)&word), 0);
	CHECK_EQ(gs_word(), word);
	CHECK_EQ(raw(GET_GS, (long)&base), 0);
	CHECK_EQ(base, (unsigned long)&word);
	word++;
	CHECK_EQ(gs_word(), word);
	CHECK_EQ(raw(SET_GS, 0), 0);
}

CASE(fs_base_is_used) {
	unsigned long word[64] = {0x99}, old = 0, seen, now = 0;
	CHECK_EQ(raw(GET_FS, (long)&old), 0);
	long r = raw(SET_FS, (long)word);
	seen = fs_word();
	long r2 = raw(GET_FS, (long)&now);
	raw(SET_FS, old);
	CHECK_EQ(r, 0);
	CHECK_EQ(r2, 0);
	CHECK_EQ(seen, 0x99);
	CHECK_EQ(now, (unsigned long)word);
}

// An address outside of user space is refused; inside, nothing has to be mapped there.
CASE(gs_values) {
	static const unsigned long v[] = {0, 1, 0x1000, 0x7ffffffff000, 0x7fffffffefff, 0x7fffffffffff, 0x800000000000,
					  0x8000000000000000, 0xffff800000000000, 0xffffffffffffffff};
	for (unsigned i = 0; i < sizeof v / sizeof v[0]; i++) {
		unsigned long got = 77;
		long r = raw(SET_GS, v[i]);
		raw(GET_GS, (long)&got);
		OBSERVE(name("%#lx", v[i]), "%s, then %#lx", r == 0 ? "0" : errno_name(-r), got);
	}
	raw(SET_GS, 0);
}

CASE(fs_values_that_are_refused) {
	static const unsigned long v[] = {0x7ffffffff000, 0x800000000000, 0x8000000000000000, 0xffff800000000000, 0xffffffffffffffff};
	unsigned long old = 0;
	long r[5];
	raw(GET_FS, (long)&old);
	for (int i = 0; i < 5; i++) {
		r[i] = raw(SET_FS, v[i]);
		raw(SET_FS, old);
	}
	for (int i = 0; i < 5; i++)
		OBSERVE(name("%#lx", v[i]), "%s", r[i] == 0 ? "0" : errno_name(-r[i]));
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("fs to %s", b->name), syscall(SYS_arch_prctl, GET_FS, b->p));
		OBSERVE_RET(name("gs to %s", b->name), syscall(SYS_arch_prctl, GET_GS, b->p));
	}
	CHECK_ERR(syscall(SYS_arch_prctl, GET_FS, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_arch_prctl, GET_FS, readonly_page()), EFAULT);
	char *p = guard_end(8);
	CHECK_OK(syscall(SYS_arch_prctl, GET_FS, p));
	CHECK_ERR(syscall(SYS_arch_prctl, GET_FS, p + 1), EFAULT);
}

CASE(unknown_codes) {
	static const long codes[] = {0, 1, 0x1000, 0x1005, 0x1010, 0x1013, 0x2000, 0x3001, 0x4000, 0x7fffffff, -1};
	for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++)
		OBSERVE_RET(name("%#lx", codes[i]), syscall(SYS_arch_prctl, codes[i], 0L));
	unsigned long v;
	OBSERVE_RET("a code above 32 bits", syscall(SYS_arch_prctl, 0x100001003L, &v));
}

static void *other_gs(void *arg) {
	unsigned long base = 77, word = 5;
	(void)arg;
	CHECK_EQ(raw(GET_GS, (long)&base), 0);
	OBSERVE("gs of a new thread", "%s", base == 0 ? "0" : "inherited");
	CHECK_EQ(raw(SET_GS, (long)&word), 0);
	CHECK_EQ(gs_word(), 5);
	return NULL;
}

CASE(each_thread_has_its_own) {
	unsigned long word = 6, base = 0;
	CHECK_EQ(raw(SET_GS, (long)&word), 0);
	thread_join(thread_start(other_gs, NULL));
	CHECK_EQ(gs_word(), 6);
	CHECK_EQ(raw(GET_GS, (long)&base), 0);
	CHECK_EQ(base, (unsigned long)&word);
	raw(SET_GS, 0);
}

CASE(fork_inherits) {
	unsigned long word = 6;
	CHECK_EQ(raw(SET_GS, (long)&word), 0);
	IN_CHILD(NULL) {
		CHECK_EQ(gs_word(), 6);
		word = 7;
		CHECK_EQ(gs_word(), 7);
	}
	CHECK_EQ(gs_word(), 6);
	raw(SET_GS, 0);
}

static volatile unsigned long in_handler;
static void look(int sig) {
	(void)sig;
	in_handler = gs_word();
}

CASE(a_signal_handler_sees_it) {
	unsigned long word = 0x66;
	CHECK_EQ(raw(SET_GS, (long)&word), 0);
	REQUIRE(signal(SIGUSR1, look) != SIG_ERR);
	REQUIRE_OK(raise(SIGUSR1));
	CHECK_EQ(in_handler, 0x66);
	CHECK_EQ(gs_word(), 0x66);
	raw(SET_GS, 0);
}

CASE(cpuid_faulting) {
	OBSERVE_RET("get", syscall(SYS_arch_prctl, GET_CPUID, 0L));
	OBSERVE_RET("get ignores its argument", syscall(SYS_arch_prctl, GET_CPUID, 5L));
	OBSERVE_RET("allow", syscall(SYS_arch_prctl, SET_CPUID, 1L));
	if (syscall(SYS_arch_prctl, SET_CPUID, 0L)) {
		OBSERVE("forbid", "%s", errno_name(errno)); // the processor can't
		return;
	}
	OBSERVE_RET("forbidden", syscall(SYS_arch_prctl, GET_CPUID, 0L));
	int status = 0;
	IN_CHILD(&status) {
		OBSERVE_RET("forbidden to a child", syscall(SYS_arch_prctl, GET_CPUID, 0L));
		signal(SIGSEGV, SIG_DFL);
		__asm__ volatile("cpuid" : : "a"(0) : "rbx", "rcx", "rdx");
	}
	OBSERVE_STATUS("cpuid", status);
	OBSERVE_RET("allowed again", syscall(SYS_arch_prctl, SET_CPUID, 1L));
	__asm__ volatile("cpuid" : : "a"(0) : "rbx", "rcx", "rdx");
}

CASE(xstate_components, "kernel>=5.17") {
	unsigned long supported = 0, permitted = 0;
	OBSERVE_RET("supported", syscall(SYS_arch_prctl, GET_XCOMP_SUPP, &supported));
	OBSERVE_RET("permitted", syscall(SYS_arch_prctl, GET_XCOMP_PERM, &permitted));
	CHECK_EQ(permitted & ~supported, 0);
	CHECK_EQ(supported & 3, 3); // x87 and SSE
	OBSERVE_RET("supported to a bad pointer", syscall(SYS_arch_prctl, GET_XCOMP_SUPP, bad_ptr()));
	OBSERVE_RET("request a number that is none", syscall(SYS_arch_prctl, REQ_XCOMP_PERM, 64L));
	OBSERVE_RET("request -1", syscall(SYS_arch_prctl, REQ_XCOMP_PERM, -1L));
}

// Components that a program must ask leave for: on a processor without any, and numbers that are none.
CASE(xstate_requests, "kernel>=6.18") {
	unsigned long supported = 0;
	for (long i = 0; i < 24; i++)
		OBSERVE_RET(name("component %ld", i), syscall(SYS_arch_prctl, REQ_XCOMP_PERM, i));
	OBSERVE_RET("of a guest", syscall(SYS_arch_prctl, 0x1025, 5L));
	OBSERVE_RET("guest's leave", syscall(SYS_arch_prctl, 0x1024, &supported));
}
