// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigprocmask: how is the mask changed, which signals can't be in it, who inherits it, and what does unblocking deliver?
#include "../harness/signals.h"

CASE(how) {
	static const int hows[] = {SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK, 3, -1};
	for (int i = 0; i < 5; i++) {
		uint64_t set = BIT(SIGUSR1) | BIT(SIGHUP), old = 0;
		kmask(SIG_SETMASK, BIT(SIGHUP) | BIT(SIGINT));
		OBSERVE_RET(name("how %d", hows[i]), syscall(SYS_rt_sigprocmask, hows[i], &set, &old, 8));
		OBSERVE(name("how %d old", hows[i]), "%s", set_text(old));
		OBSERVE(name("how %d new", hows[i]), "%s", set_text(kmask_now()));
		OBSERVE_RET(name("how %d without a set", hows[i]), syscall(SYS_rt_sigprocmask, hows[i], NULL, &old, 8));
	}
	CHECK_ERR(syscall(SYS_rt_sigprocmask, 3, &(uint64_t){0}, NULL, 8), EINVAL);
}

CASE(kill_and_stop_cannot_be_blocked) {
	kmask(SIG_SETMASK, ~0ULL);
	OBSERVE("mask", "%#llx", (unsigned long long)kmask_now());
	CHECK_EQ(kmask_now(), ~(BIT(SIGKILL) | BIT(SIGSTOP)));
	kmask(SIG_SETMASK, 0);
	kmask(SIG_BLOCK, BIT(SIGKILL) | BIT(SIGSTOP));
	CHECK_EQ(kmask_now(), 0);
}

CASE(set_size_and_memory) {
	static const long sizes[] = {0, 4, 16, -1};
	uint64_t set = BIT(SIGUSR1), old;
	for (int i = 0; i < 4; i++)
		OBSERVE_RET(name("size %ld", sizes[i]), syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, &old, sizes[i]));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("set %s", b->name), syscall(SYS_rt_sigprocmask, SIG_BLOCK, b->p, NULL, 8));
		OBSERVE_RET(name("old %s", b->name), syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, b->p, 8));
		OBSERVE_RET(name("bad how, set %s", b->name), syscall(SYS_rt_sigprocmask, 9, b->p, NULL, 8));
	}
	OBSERVE_RET("straddling", syscall(SYS_rt_sigprocmask, SIG_BLOCK, (char *)guard_copy(&set, 8) + 1, NULL, 8));
	OBSERVE_RET("at the end", syscall(SYS_rt_sigprocmask, SIG_BLOCK, guard_copy(&set, 8), NULL, 8));
	OBSERVE("blocked by that", "%s", set_text(kmask_now()));
	kmask(SIG_SETMASK, 0);
	OBSERVE_RET("old readonly", syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, readonly_page(), 8));
	OBSERVE("the mask changed all the same", "%s", set_text(kmask_now()));
}

CASE(unblocking_delivers_before_it_returns) {
	for (int s = 1; s <= 64; s++)
		if (s != SIGKILL && s != SIGSTOP)
			log_on(s, 0, ~0ULL);
	kmask(SIG_SETMASK, ~0ULL);
	static const int sent[] = {64, 35, SIGUSR2, 34, SIGHUP, SIGUSR1, SIGTERM, SIGSEGV, SIGCHLD, SIGUSR1, 35};
	for (unsigned i = 0; i < sizeof sent / sizeof *sent; i++)
		REQUIRE_OK(queue(getpid(), sent[i], i));
	OBSERVE("pending", "%s", set_text(kpending()));
	kmask(SIG_SETMASK, 0);
	OBSERVE("order", "%s", log_text());
}

// Without a mask in the handlers, all frames are built before the first handler runs: the last built runs first.
CASE(frames_stack_up) {
	static const int sent[] = {34, SIGUSR1, SIGHUP, 35, SIGSEGV};
	for (int i = 0; i < 5; i++)
		log_on(sent[i], 0, 0);
	kmask(SIG_SETMASK, ~0ULL);
	for (int i = 0; i < 5; i++)
		REQUIRE_OK(queue(getpid(), sent[i], i));
	kmask(SIG_SETMASK, 0);
	OBSERVE("order", "%s", log_text());
}

CASE(private_before_shared) {
	log_on(SIGUSR1, 0, ~0ULL);
	log_on(SIGHUP, 0, ~0ULL);
	log_on(SIGINT, 0, ~0ULL);
	kmask(SIG_SETMASK, ~0ULL);
	kill(getpid(), SIGHUP);
	syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1);
	syscall(SYS_tgkill, getpid(), tid_self(), SIGHUP);
	kill(getpid(), SIGINT);
	kmask(SIG_SETMASK, 0);
	OBSERVE("order", "%s", log_text());
}

static void *thread_mask(void *arg) {
	uint64_t *at_start = arg;
	*at_start = kmask_now();
	kmask(SIG_BLOCK, BIT(SIGQUIT));
	return NULL;
}

CASE(each_thread_has_its_own) {
	uint64_t at_start = 0;
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	thread_join(thread_start(thread_mask, &at_start));
	OBSERVE("thread starts with", "%s", set_text(at_start));
	OBSERVE("main afterwards", "%s", set_text(kmask_now()));
	IN_CHILD(NULL) OBSERVE("child", "%s", set_text(kmask_now()));
}

CASE(handler_can_unblock_itself) {
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	log_on(SIGUSR1, 0, BIT(SIGUSR2));
	log_on(SIGUSR2, 0, 0);
	raise(SIGUSR1);
	raise(SIGUSR2);
	OBSERVE("before", "%s", log_text());
	kmask(SIG_UNBLOCK, BIT(SIGUSR1));
	OBSERVE("after", "%s", log_text());
	OBSERVE("mask", "%s", set_text(kmask_now()));
}

CASE(blocked_fault_kills) {
	int st;
	IN_CHILD(&st) {
		kmask(SIG_SETMASK, BIT(SIGSEGV));
		log_on(SIGSEGV, 0, 0);
		*(volatile char *)bad_ptr() = 1;
	}
	OBSERVE_STATUS("blocked", st);
	IN_CHILD(&st) {
		ksigaction(SIGSEGV, &(struct ksigaction){SIG_IGN}, NULL);
		*(volatile char *)bad_ptr() = 1;
	}
	OBSERVE_STATUS("ignored", st);
	IN_CHILD(&st) {
		// Sent, not caused: that one may wait.
		kmask(SIG_SETMASK, BIT(SIGSEGV));
		raise(SIGSEGV);
		_exit(5);
	}
	OBSERVE_STATUS("sent while blocked", st);
}
