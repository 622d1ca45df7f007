// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sigaltstack: which stacks are accepted, which handlers run there, and who inherits it?
#include "../harness/signals.h"

#include <setjmp.h>

static char *stack_memory(void) {
	char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	return p;
}

static const char *stack_text(const stack_t *s, const void *base) {
	return name("%s flags %#x size %zu", addr_name(s->ss_sp, base), (unsigned)s->ss_flags, s->ss_size);
}

CASE(none_at_first) {
	stack_t old;
	CHECK_OK(syscall(SYS_sigaltstack, NULL, &old));
	OBSERVE("old", "%s", stack_text(&old, NULL));
	CHECK_OK(syscall(SYS_sigaltstack, NULL, NULL));
}

CASE(flags) {
	char *mem = stack_memory();
	static const unsigned flags[] = {0, SS_DISABLE, SS_ONSTACK, SS_ONSTACK | SS_DISABLE, 1u << 31, (1u << 31) | SS_DISABLE, (1u << 31) | SS_ONSTACK, 4, 8, 1u << 30};
	for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
		stack_t s = {.ss_sp = mem, .ss_flags = (int)flags[i], .ss_size = 65536}, old;
		OBSERVE_RET(name("set %#x", flags[i]), syscall(SYS_sigaltstack, &s, NULL));
		REQUIRE_OK(syscall(SYS_sigaltstack, NULL, &old));
		OBSERVE(name("after %#x", flags[i]), "%s", stack_text(&old, mem));
	}
}

CASE(sizes) {
	char *mem = stack_memory();
	static const long sizes[] = {0, 1, 2047, 65536};
	for (int i = 0; i < 4; i++) {
		stack_t s = {.ss_sp = mem, .ss_size = sizes[i]}, old;
		OBSERVE_RET(name("size %ld", sizes[i]), syscall(SYS_sigaltstack, &s, NULL));
		REQUIRE_OK(syscall(SYS_sigaltstack, NULL, &old));
		OBSERVE(name("after %ld", sizes[i]), "%s", stack_text(&old, mem));
		s.ss_flags = SS_DISABLE;
		OBSERVE_RET(name("disable, size %ld", sizes[i]), syscall(SYS_sigaltstack, &s, NULL));
	}
	CHECK_ERR(syscall(SYS_sigaltstack, &(stack_t){.ss_sp = mem, .ss_size = 100}, NULL), ENOMEM);
	// Any address will do until it is used.
	OBSERVE_RET("nowhere", syscall(SYS_sigaltstack, &(stack_t){.ss_sp = bad_ptr(), .ss_size = 65536}, NULL));
	OBSERVE_RET("NULL", syscall(SYS_sigaltstack, &(stack_t){.ss_size = 65536}, NULL));
	// A stack that reaches beyond the end of memory: everything is on it from then on.
	OBSERVE_RET("size -1", syscall(SYS_sigaltstack, &(stack_t){.ss_sp = mem, .ss_size = -1}, NULL));
	OBSERVE_RET("and then", syscall(SYS_sigaltstack, &(stack_t){.ss_sp = mem, .ss_size = 65536}, NULL));
}

CASE(bad_memory) {
	stack_t s = {.ss_sp = stack_memory(), .ss_size = 65536}, old;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("new %s", b->name), syscall(SYS_sigaltstack, b->p, NULL));
		OBSERVE_RET(name("old %s", b->name), syscall(SYS_sigaltstack, NULL, b->p));
	}
	OBSERVE_RET("new straddling", syscall(SYS_sigaltstack, (char *)guard_copy(&s, sizeof s) + 8, NULL));
	OBSERVE_RET("new good, old bad", syscall(SYS_sigaltstack, &s, bad_ptr()));
	REQUIRE_OK(syscall(SYS_sigaltstack, NULL, &old));
	OBSERVE("in force", "%s", stack_text(&old, s.ss_sp));
}

static char *alt;
static volatile int on_alt[8], calls;
static volatile stack_t within;
static volatile long set_within, set_errno;

static void where(int sig, siginfo_t *info, void *ctx) {
	char here;
	(void)sig, (void)info, (void)ctx;
	char *volatile p = &here;
	on_alt[calls++ & 7] = p >= alt && p < alt + 65536;
	syscall(SYS_sigaltstack, NULL, (void *)&within);
	set_within = syscall(SYS_sigaltstack, &(stack_t){.ss_flags = SS_DISABLE}, NULL);
	set_errno = errno;
}

static void set_alt(int flags) {
	if (!alt)
		alt = stack_memory();
	REQUIRE_OK(syscall(SYS_sigaltstack, &(stack_t){.ss_sp = alt, .ss_flags = flags, .ss_size = 65536}, NULL));
}

CASE(only_onstack_handlers_use_it) {
	set_alt(0);
	handle_with(SIGUSR1, where, 0, 0);
	handle_with(SIGUSR2, where, SA_ONSTACK, 0);
	raise(SIGUSR2);
	OBSERVE("inside", "%s", name("%s flags %#x", addr_name(within.ss_sp, alt), (unsigned)within.ss_flags));
	OBSERVE("change inside", "%ld %s", set_within, errno_name(set_errno));
	raise(SIGUSR1);
	OBSERVE("onstack, plain", "%d %d", on_alt[0], on_alt[1]);
	stack_t now;
	REQUIRE_OK(syscall(SYS_sigaltstack, NULL, &now));
	OBSERVE("afterwards", "%s", stack_text(&now, alt));
}

CASE(autodisarm) {
	stack_t now;
	set_alt((int)(1u << 31));
	handle_with(SIGUSR2, where, SA_ONSTACK, 0);
	raise(SIGUSR2);
	OBSERVE("inside", "%s flags %#x", addr_name(within.ss_sp, alt), (unsigned)within.ss_flags);
	OBSERVE("change inside", "%ld", set_within);
	REQUIRE_OK(syscall(SYS_sigaltstack, NULL, &now));
	OBSERVE("restored by the return", "%s", stack_text(&now, alt));
}

static sigjmp_buf out;
static void leave(int sig, siginfo_t *info, void *ctx) {
	where(sig, info, ctx);
	siglongjmp(out, 1);
}

static int overflow(volatile int n) {
	volatile char block[4096];
	block[0] = (char)n;
	return overflow(n + 1) + block[0];
}

// A stack that overflowed can only be handled on another one.
CASE(stack_overflow) {
	int st;
	set_alt(0);
	handle_with(SIGSEGV, leave, SA_ONSTACK, 0);
	if (sigsetjmp(out, 1) == 0)
		overflow(0);
	OBSERVE("handled on it", "%d", on_alt[0]);
	IN_CHILD(&st) {
		handle_with(SIGSEGV, leave, 0, 0);
		overflow(0);
	}
	OBSERVE_STATUS("without it", st);
}

// The handler's frame does not fit, or the stack is nowhere: SIGSEGV.
CASE(unusable_stack) {
	int st;
	IN_CHILD(&st) {
		REQUIRE_OK(syscall(SYS_sigaltstack, &(stack_t){.ss_sp = bad_ptr(), .ss_size = 65536}, NULL));
		handle_with(SIGUSR1, where, SA_ONSTACK, 0);
		syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1);
	}
	OBSERVE_STATUS("nowhere", st);
	IN_CHILD(&st) {
		// The SIGSEGV of the failed delivery can be handled elsewhere.
		REQUIRE_OK(syscall(SYS_sigaltstack, &(stack_t){.ss_sp = bad_ptr(), .ss_size = 65536}, NULL));
		handle_with(SIGUSR1, where, SA_ONSTACK, 0);
		log_on(SIGSEGV, 0, 0);
		syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1);
		OBSERVE("handled", "%s", log_text());
		OBSERVE("info", "%s", info_text(&sig_log[0], 0));
	}
	OBSERVE_STATUS("with a handler", st);
}

// A signal that comes while a handler runs there continues below it, on the same stack.
static volatile int outer_low;
static void inner(int sig, siginfo_t *info, void *ctx) {
	char here;
	(void)sig, (void)info, (void)ctx;
	char *volatile p = &here;
	on_alt[1] = p >= alt && p < alt + 65536;
	outer_low = (int)(p - alt) < on_alt[2];
}
static void outer(int sig, siginfo_t *info, void *ctx) {
	char here;
	(void)sig, (void)info, (void)ctx;
	char *volatile p = &here;
	on_alt[0] = p >= alt && p < alt + 65536;
	on_alt[2] = (int)(p - alt);
	syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1);
}

CASE(nested_handlers_share_it) {
	set_alt(0);
	handle_with(SIGUSR2, outer, SA_ONSTACK, 0);
	handle_with(SIGUSR1, inner, SA_ONSTACK, 0);
	raise(SIGUSR2);
	OBSERVE("both on it, inner below", "%d %d %d", on_alt[0], on_alt[1], outer_low);
}

static void *in_thread(void *arg) {
	stack_t old;
	(void)arg;
	REQUIRE_OK(syscall(SYS_sigaltstack, NULL, &old));
	OBSERVE("thread", "%s", stack_text(&old, alt));
	return NULL;
}

CASE(inherited_by_fork_not_by_threads) {
	stack_t old;
	set_alt(0);
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_sigaltstack, NULL, &old));
		OBSERVE("child", "%s", stack_text(&old, alt));
	}
	thread_join(thread_start(in_thread, NULL));
}
