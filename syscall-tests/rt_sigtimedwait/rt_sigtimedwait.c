// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigtimedwait: which signal does it take, what does it tell about it, and when does it give up?
#include "../harness/signals.h"

#include <time.h>

static long take(uint64_t set, siginfo_t *info, const struct timespec *ts) {
	return syscall(SYS_rt_sigtimedwait, &set, info, ts, 8);
}

static const struct timespec now = {0, 0};

CASE(arguments) {
	static const long sizes[] = {0, 4, 16, -1};
	uint64_t set = BIT(SIGUSR1);
	siginfo_t info;
	for (int i = 0; i < 4; i++)
		OBSERVE_RET(name("size %ld", sizes[i]), syscall(SYS_rt_sigtimedwait, &set, &info, &now, sizes[i]));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("set %s", b->name), syscall(SYS_rt_sigtimedwait, b->p, &info, &now, 8));
		OBSERVE_RET(name("timeout %s", b->name), syscall(SYS_rt_sigtimedwait, &set, &info, b->p, 8));
		OBSERVE_RET(name("info %s, nothing to tell", b->name), syscall(SYS_rt_sigtimedwait, &set, b->p, &now, 8));
	}
	static const struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}, {0, 999999999}, {-1, 1000000000}};
	for (int i = 0; i < 5; i++)
		if (i != 3)
			OBSERVE_RET(name("timeout %ld.%ld", (long)bad[i].tv_sec, bad[i].tv_nsec), take(set, &info, &bad[i]));
	CHECK_ERR(take(set, &info, &now), EAGAIN);
	OBSERVE_RET("empty set", take(0, &info, &now));
	OBSERVE_RET("unblockable", take(BIT(SIGKILL) | BIT(SIGSTOP), &info, &now));
}

CASE(takes_in_order_and_tells_all) {
	siginfo_t info;
	kmask(SIG_SETMASK, ~0ULL);
	queue(getpid(), 36, 1);
	queue(getpid(), 35, 2);
	queue(getpid(), 35, 3);
	queue(getpid(), SIGUSR1, 4);
	queue(getpid(), SIGUSR1, 5);
	kill(getpid(), SIGHUP);
	syscall(SYS_tgkill, getpid(), tid_self(), SIGTERM);
	syscall(SYS_tgkill, getpid(), tid_self(), SIGSEGV);
	for (int i = 0; i < 9; i++) {
		memset(&info, 0xee, sizeof info);
		long r = OBSERVE_RET(name("%d", i), take(~0ULL, &info, &now));
		if (r > 0) {
			OBSERVE(name("info %d", i), "%s", info_text(&info, 0));
			// All 128 bytes are written: the rest is zero.
			int dirty = 0;
			for (unsigned k = 40; k < sizeof info; k++)
				dirty += ((unsigned char *)&info)[k] != 0;
			OBSERVE(name("rest %d", i), "%d", dirty);
		}
	}
}

CASE(info_that_cannot_be_told_is_lost) {
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	raise(SIGUSR1);
	OBSERVE_RET("wait", take(BIT(SIGUSR1), bad_ptr(), &now));
	OBSERVE("pending", "%s", set_text(kpending()));
	raise(SIGUSR1);
	OBSERVE_RET("without info", take(BIT(SIGUSR1), NULL, NULL));
}

CASE(only_signals_of_the_set) {
	kmask(SIG_SETMASK, ~0ULL);
	raise(SIGUSR1);
	OBSERVE_RET("other", take(BIT(SIGUSR2), NULL, &now));
	OBSERVE_RET("that one", take(BIT(SIGUSR1) | BIT(SIGUSR2), NULL, &now));
	OBSERVE("left", "%s", set_text(kpending()));
}

CASE(interrupted_by_a_handler) {
	log_on(SIGUSR2, SA_RESTART, 0);
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	struct interrupter it = interrupt_me(SIGUSR2);
	OBSERVE_RET("forever", take(BIT(SIGUSR1), NULL, NULL));
	CHECK(interrupt_done(&it));
	it = interrupt_me(SIGUSR2);
	OBSERVE_RET("for a minute", take(BIT(SIGUSR1), NULL, &(struct timespec){60, 0}));
	CHECK(interrupt_done(&it));
	OBSERVE("handled", "%s", log_text());
}

CASE(woken_by_what_it_waits_for) {
	siginfo_t info;
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("wait", take(BIT(SIGUSR1), &info, NULL));
	pid_t helper = it.helper;
	OBSERVE("info", "%s", info_text(&info, helper));
	CHECK(interrupt_done(&it));
	OBSERVE("mask", "%s", set_text(kmask_now()));
}

// An unblocked signal with a handler is taken by the wait, not handled, while it waits.
CASE(unblocked_signal_is_taken) {
	log_on(SIGUSR1, 0, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("wait", take(BIT(SIGUSR1), NULL, NULL));
	CHECK(interrupt_done(&it));
	OBSERVE("handled", "%s", log_text());
}

CASE(times_out) {
	struct timespec a, b;
	REQUIRE_OK(clock_gettime(CLOCK_MONOTONIC, &a));
	CHECK_ERR(take(BIT(SIGUSR1), NULL, &(struct timespec){0, 20000000}), EAGAIN);
	REQUIRE_OK(clock_gettime(CLOCK_MONOTONIC, &b));
	CHECK((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec >= 20000000);
}

static void *waiter(void *arg) {
	struct gate *ready = arg;
	write(ready->w, "x", 1);
	return (void *)take(BIT(SIGUSR1), NULL, NULL);
}

CASE(a_process_signal_goes_to_the_waiting_thread) {
	struct gate ready = gate_open();
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	pthread_t t = thread_start(waiter, &ready);
	gate_wait(&ready);
	kill(getpid(), SIGUSR1);
	OBSERVE("thread took", "%ld", (long)thread_join(t));
	OBSERVE("pending", "%s", set_text(kpending()));
}
