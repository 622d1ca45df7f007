// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// uretprobe: the kernel's own trampoline makes this call. What does anyone else get?
#include "../harness/harness.h"

#define NR_uretprobe 335

static volatile int code;

static void told(int sig, siginfo_t *si, void *uc) {
	(void)sig, (void)uc;
	code = si->si_code;
}

CASE(not_from_the_trampoline, "kernel>=6.11") {
	int st;
	IN_CHILD(&st) { syscall(NR_uretprobe); }
	OBSERVE_STATUS("ends", st);
}

CASE(with_a_handler, "kernel>=6.11") {
	struct sigaction sa = {.sa_sigaction = told, .sa_flags = SA_SIGINFO};
	REQUIRE_OK(sigaction(SIGILL, &sa, NULL));
	long r = syscall(NR_uretprobe);
	OBSERVE("result", "%ld", r);
	OBSERVE("code", "%s", code == SI_KERNEL ? "SI_KERNEL" : name("%d", code));
}

CASE(with_the_signal_blocked, "kernel>=6.11") {
	int st;
	IN_CHILD(&st) {
		sig_block(SIGILL);
		syscall(NR_uretprobe);
	}
	OBSERVE_STATUS("blocked", st);
	IN_CHILD(&st) {
		signal(SIGILL, SIG_IGN);
		syscall(NR_uretprobe);
	}
	OBSERVE_STATUS("ignored", st);
}
