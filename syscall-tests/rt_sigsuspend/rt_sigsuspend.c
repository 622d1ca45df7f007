// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigsuspend: which mask holds while it waits, in the handler, and afterwards?
#include "../harness/signals.h"

CASE(arguments) {
	static const long sizes[] = {0, 4, 16, -1};
	uint64_t set = 0;
	for (int i = 0; i < 4; i++)
		OBSERVE_RET(name("size %ld", sizes[i]), syscall(SYS_rt_sigsuspend, &set, sizes[i]));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_rt_sigsuspend, b->p, 8));
	OBSERVE_RET("straddling", syscall(SYS_rt_sigsuspend, (char *)guard_end(8) + 1, 8));
	CHECK_ERR(syscall(SYS_rt_sigsuspend, NULL, 8), EFAULT);
}

CASE(pending_signal_ends_it_at_once) {
	uint64_t set = BIT(SIGHUP);
	log_on(SIGUSR1, SA_RESTART, BIT(SIGINT));
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(SIGTERM));
	raise(SIGUSR1);
	OBSERVE_RET("suspend", syscall(SYS_rt_sigsuspend, &set, 8));
	OBSERVE("mask in the handler", "%s", set_text(sig_log_mask[0]));
	OBSERVE("mask afterwards", "%s", set_text(kmask_now()));
}

CASE(waits_for_a_signal) {
	uint64_t set = ~(BIT(SIGUSR1));
	log_on(SIGUSR1, 0, 0);
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("suspend", syscall(SYS_rt_sigsuspend, &set, 8));
	CHECK(interrupt_done(&it));
	OBSERVE("handled", "%s", log_text());
	OBSERVE("mask afterwards", "%s", set_text(kmask_now()));
}

// Neither an ignored signal nor a stop and continue ends it.
CASE(ignored_signals_do_not_end_it) {
	uint64_t none = 0;
	struct gate ready = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		ksigaction(SIGUSR2, &(struct ksigaction){SIG_IGN}, NULL);
		log_on(SIGUSR1, 0, 0);
		kmask(SIG_SETMASK, BIT(SIGUSR1));
		gate_signal(&ready);
		OBSERVE_RET("suspend", syscall(SYS_rt_sigsuspend, &none, 8));
		OBSERVE("handled", "%s", log_text());
		_exit(0);
	}
	gate_wait(&ready);
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGUSR2);
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGSTOP);
	int st;
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	kill(child, SIGCONT);
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGUSR1);
	OBSERVE_STATUS("child", wait_for(child));
}

CASE(killed_in_it) {
	uint64_t all = ~0ULL;
	pid_t child = harness_fork();
	if (child == 0)
		syscall(SYS_rt_sigsuspend, &all, 8);
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGTERM); // blocked
	kill(child, SIGKILL); // never
	OBSERVE_STATUS("child", wait_for(child));
}

CASE(two_signals_one_return) {
	uint64_t none = 0;
	log_on(SIGUSR1, 0, 0);
	log_on(SIGUSR2, 0, 0);
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(SIGUSR2));
	raise(SIGUSR2);
	raise(SIGUSR1);
	OBSERVE_RET("suspend", syscall(SYS_rt_sigsuspend, &none, 8));
	OBSERVE("handled", "%s", log_text());
}
