// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigpending: which signals are reported, to which thread, and how much of the set is written?
#include "../harness/signals.h"

CASE(sizes) {
	static const long sizes[] = {0, 1, 4, 7, 8, 9, 16, -1};
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(40));
	raise(SIGUSR1);
	queue(getpid(), 40, 0);
	for (int i = 0; i < 8; i++) {
		unsigned char set[16];
		memset(set, 0xee, sizeof set);
		OBSERVE_RET(name("size %ld", sizes[i]), syscall(SYS_rt_sigpending, set, sizes[i]));
		OBSERVE_BYTES(name("bytes %ld", sizes[i]), set, sizeof set);
	}
}

CASE(bad_memory) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_rt_sigpending, b->p, 8));
	OBSERVE_RET("NULL", syscall(SYS_rt_sigpending, NULL, 8));
	OBSERVE_RET("NULL of no size", syscall(SYS_rt_sigpending, NULL, 0));
	OBSERVE_RET("readonly", syscall(SYS_rt_sigpending, readonly_page(), 8));
	OBSERVE_RET("straddling", syscall(SYS_rt_sigpending, (char *)guard_end(8) + 4, 8));
	OBSERVE_RET("half at the end", syscall(SYS_rt_sigpending, (char *)guard_end(8) + 4, 4));
	CHECK_ERR(syscall(SYS_rt_sigpending, bad_ptr(), 8), EFAULT);
}

static void *in_thread(void *arg) {
	(void)arg;
	syscall(SYS_tgkill, getpid(), tid_self(), SIGHUP);
	OBSERVE("thread", "%s", set_text(kpending()));
	return NULL;
}

CASE(own_and_shared) {
	kmask(SIG_SETMASK, ~0ULL);
	kill(getpid(), SIGUSR1);
	syscall(SYS_tkill, tid_self(), SIGUSR2);
	thread_join(thread_start(in_thread, NULL));
	OBSERVE("main", "%s", set_text(kpending()));
	IN_CHILD(NULL) OBSERVE("child", "%s", set_text(kpending()));
}

CASE(only_blocked_ones) {
	log_on(SIGUSR1, 0, 0);
	raise(SIGUSR1);
	CHECK_EQ(kpending(), 0);
	ksigaction(SIGUSR2, &(struct ksigaction){SIG_IGN}, NULL);
	raise(SIGUSR2);
	CHECK_EQ(kpending(), 0);
	kmask(SIG_SETMASK, BIT(SIGUSR2) | BIT(SIGCHLD) | BIT(SIGURG));
	raise(SIGUSR2);
	raise(SIGCHLD);
	raise(SIGURG);
	OBSERVE("ignored and blocked", "%s", set_text(kpending()));
}

CASE(stop_and_continue_cancel_each_other) {
	kmask(SIG_SETMASK, BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGCONT));
	raise(SIGTSTP);
	raise(SIGTTIN);
	OBSERVE("stops", "%s", set_text(kpending()));
	raise(SIGCONT);
	OBSERVE("continue", "%s", set_text(kpending()));
	raise(SIGTSTP);
	OBSERVE("stop again", "%s", set_text(kpending()));
}
