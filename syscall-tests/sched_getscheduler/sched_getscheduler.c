// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_getscheduler: whose policy is told, and with the reset-on-fork bit?
#include "../harness/sched.h"

CASE(arguments) {
	OBSERVE_RET("self", syscall(SYS_sched_getscheduler, 0));
	OBSERVE_RET("by pid", syscall(SYS_sched_getscheduler, getpid()));
	OBSERVE_RET("-1", syscall(SYS_sched_getscheduler, -1));
	OBSERVE_RET("smallest", syscall(SYS_sched_getscheduler, INT32_MIN));
	OBSERVE_RET("dead", syscall(SYS_sched_getscheduler, dead_pid()));
	CHECK_ERR(syscall(SYS_sched_getscheduler, -1), EINVAL);
	CHECK_ERR(syscall(SYS_sched_getscheduler, INT32_MAX), ESRCH);
}

CASE(tells_what_was_set) {
	int zero = 0;
	static const int set[] = {SCHED_BATCH, SCHED_IDLE, SCHED_BATCH | SCHED_RESET_ON_FORK, SCHED_OTHER | SCHED_RESET_ON_FORK};
	for (int i = 0; i < 4; i++)
		IN_CHILD(NULL) {
			REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, set[i], &zero));
			OBSERVE(name("set %#x", set[i]), "%s", sched_text());
			IN_CHILD(NULL) OBSERVE(name("child of %#x", set[i]), "%s", sched_text());
		}
}

static void *in_thread(void *arg) {
	int zero = 0;
	(void)arg;
	REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &zero));
	return (void *)syscall(SYS_sched_getscheduler, 0);
}

CASE(each_thread_has_its_own) {
	OBSERVE("thread", "%ld", (long)thread_join(thread_start(in_thread, NULL)));
	OBSERVE_RET("main", syscall(SYS_sched_getscheduler, 0));
}

CASE(of_others) {
	pid_t child = sleeper();
	OBSERVE_RET("child", syscall(SYS_sched_getscheduler, child));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("as nobody", syscall(SYS_sched_getscheduler, child));
	}
	end_child(child);
}
