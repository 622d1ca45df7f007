// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// prctl: syscall user dispatch: what is handed to the process by SIGSYS, and what goes through.
#include "../harness/creds.h"

#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>

#define PRCTL(...) syscall(SYS_prctl, __VA_ARGS__)

// --- Syscall user dispatch ---

static volatile char selector;
static volatile int dispatched, dispatched_nr, dispatched_code;
static volatile uint64_t dispatched_ip, dispatched_rax, dispatched_addr;

static void on_sigsys(int sig, siginfo_t *i, void *ctx) {
	ucontext_t *uc = ctx;
	(void)sig;
	selector = 0;
	dispatched++;
	dispatched_nr = i->si_syscall, dispatched_code = i->si_code, dispatched_addr = (uintptr_t)i->si_call_addr;
	dispatched_ip = uc->uc_mcontext.gregs[REG_RIP], dispatched_rax = uc->uc_mcontext.gregs[REG_RAX];
	uc->uc_mcontext.gregs[REG_RAX] = 4242;
}

static void dispatch_all(void) {
	struct sigaction sa = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};
	REQUIRE_OK(sigaction(SIGSYS, &sa, NULL));
	REQUIRE_OK(PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector));
}

CASE(dispatch_arguments) {
	static const long v[][3] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {3, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 5, -1}, {1, 5, 0}, {-1, 0, 0}, {2, 4096, 0}, {2, 4096, 4096}};
	for (int i = 0; i < COUNT(v); i++) {
		if (v[i][0] == 1 && !v[i][1])
			continue; // nothing could be done any more
		OBSERVE_RET(name("%ld %ld %ld", v[i][0], v[i][1], v[i][2]), PRCTL(PR_SET_SYSCALL_USER_DISPATCH, v[i][0], v[i][1], v[i][2], 0));
		if (i == COUNT(v) - 1)
			OBSERVE_OK("a call from elsewhere", syscall(SYS_getpid));
		PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0);
	}
	OBSERVE_RET("selector in the kernel's half", PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, 1ul << 63));
	OBSERVE_RET("off with a selector", PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, &selector));
}

CASE(dispatch_blocks_and_lets_through) {
	dispatch_all();
	CHECK_EQ(syscall(SYS_getpid), getpid());
	CHECK_EQ(dispatched, 0);
	selector = 1;
	long r = syscall(SYS_getppid, 1, 2, 3);
	OBSERVE("result", "%ld", r);
	OBSERVE("dispatched", "%d nr %d code %d rax %d", dispatched, dispatched_nr, dispatched_code, (int)dispatched_rax);
	CHECK_EQ(dispatched_ip, dispatched_addr);
	selector = 1;
	syscall(123456);
	OBSERVE("unknown number", "%d nr %d rax %d", dispatched, dispatched_nr, (int)dispatched_rax);
	IN_CHILD(NULL) {
		selector = 1;
		OBSERVE_OK("a child's calls", syscall(SYS_getpid));
		selector = 0;
	}
	REQUIRE_OK(PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0));
	selector = 1;
	CHECK_EQ(syscall(SYS_getpid), getpid());
}

CASE(dispatch_kills) {
	static const char *const what[] = {"selector 2", "selector at nowhere", "blocked", "ignored", "no handler", "no handler, selector 2"};
	for (int i = 0; i < COUNT(what); i++) {
		int st;
		IN_CHILD(&st) {
			dispatch_all();
			if (i == 1)
				REQUIRE_OK(PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, bad_ptr()));
			if (i == 2)
				sig_block(SIGSYS);
			if (i == 3)
				signal(SIGSYS, SIG_IGN);
			if (i >= 4)
				signal(SIGSYS, SIG_DFL);
			selector = i == 0 || i == 5 ? 2 : 1;
			syscall(SYS_getpid);
			_exit(0);
		}
		OBSERVE_STATUS(what[i], st);
	}
}

CASE(dispatch_ends_with_exec) {
	int st;
	IN_CHILD(&st) {
		static const char *const argv[] = {"true", NULL};
		dispatch_all();
		execv("/bin/true", (char **)argv);
		_exit(127);
	}
	OBSERVE_STATUS("true", st);
}

