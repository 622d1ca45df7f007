// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pause: what ends it, and is it never restarted?
#include "../harness/signals.h"

CASE(ends_with_EINTR_despite_restart) {
	log_on(SIGUSR1, SA_RESTART, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(syscall(SYS_pause), EINTR);
	CHECK(interrupt_done(&it));
	OBSERVE("handled", "%s", log_text());
}

CASE(killed_by_the_default_action) {
	static const int sigs[] = {SIGTERM, SIGALRM, SIGUSR1, 34, 64, SIGSYS, SIGXCPU, SIGPWR, SIGSTKFLT, SIGPROF};
	for (int i = 0; i < 10; i++) {
		pid_t child = harness_fork();
		if (child == 0)
			_exit((int)syscall(SYS_pause));
		REQUIRE(wait_blocked(child, child));
		kill(child, sigs[i]);
		OBSERVE_STATUS(sig_name(sigs[i]), wait_for(child));
	}
}

CASE(not_ended_by_ignored_or_blocked_signals) {
	pid_t child = harness_fork();
	if (child == 0) {
		log_on(SIGUSR1, 0, 0);
		log_on(SIGHUP, 0, 0);
		kmask(SIG_SETMASK, BIT(SIGHUP));
		OBSERVE_RET("pause", syscall(SYS_pause));
		OBSERVE("handled", "%s", log_text());
		OBSERVE("pending", "%s", set_text(kpending()));
		_exit(0);
	}
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGCHLD);
	kill(child, SIGWINCH);
	kill(child, SIGURG);
	kill(child, SIGCONT);
	kill(child, SIGHUP);
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGUSR1);
	OBSERVE_STATUS("child", wait_for(child));
}

CASE(stopped_and_continued_it_goes_on) {
	int st;
	pid_t child = harness_fork();
	if (child == 0) {
		log_on(SIGUSR1, 0, 0);
		OBSERVE_RET("pause", syscall(SYS_pause));
		_exit(3);
	}
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGTSTP);
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	OBSERVE_STATUS("stop", st);
	kill(child, SIGCONT);
	REQUIRE_OK(waitpid(child, &st, WCONTINUED));
	OBSERVE_STATUS("continue", st);
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGUSR1);
	OBSERVE_STATUS("end", wait_for(child));
}

static void *pauser(void *arg) {
	*(pid_t *)arg = tid_self();
	return (void *)syscall(SYS_pause);
}

// A signal to the process goes to one thread; the other one sleeps on.
CASE(one_thread_is_woken) {
	static volatile pid_t tid;
	log_on(SIGUSR1, 0, 0);
	kmask(SIG_SETMASK, 0);
	pthread_t t = thread_start(pauser, (void *)&tid);
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	while (!tid)
		sched_yield();
	REQUIRE(wait_blocked(getpid(), tid));
	kill(getpid(), SIGUSR1);
	OBSERVE("thread's pause", "%ld", (long)thread_join(t));
	OBSERVE("handled", "%s", log_text());
}
