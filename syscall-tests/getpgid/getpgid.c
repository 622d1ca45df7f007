// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getpgid: whose group is told, also of threads, zombies and other sessions?
#include "../harness/signals.h"

CASE(arguments) {
	static const long ids[] = {-1, INT32_MIN, INT32_MAX};
	for (int i = 0; i < 3; i++)
		OBSERVE_RET(name("pid %ld", ids[i]), syscall(SYS_getpgid, ids[i]));
	OBSERVE_RET("dead", syscall(SYS_getpgid, dead_pid()));
	CHECK_EQ(syscall(SYS_getpgid, 0), syscall(SYS_getpgid, getpid()));
	CHECK_EQ(syscall(SYS_getpgid, 0), getpid()); // a case leads its group
	CHECK_ERR(syscall(SYS_getpgid, INT32_MAX), ESRCH);
}

static void *in_thread(void *arg) {
	(void)arg;
	return (void *)syscall(SYS_getpgid, tid_self());
}

CASE(of_a_thread) { CHECK_EQ((long)thread_join(thread_start(in_thread, NULL)), getpgrp()); }

CASE(of_a_zombie_and_of_others) {
	siginfo_t i;
	pid_t child = harness_fork();
	if (child == 0)
		_exit(0);
	REQUIRE_OK(waitid(P_PID, child, &i, WEXITED | WNOWAIT));
	OBSERVE("zombie", "%s", syscall(SYS_getpgid, child) == getpgrp() ? "ours" : "other");
	wait_for(child);
	pid_t other = sleeper();
	REQUIRE_OK(setpgid(other, 0));
	CHECK_EQ(syscall(SYS_getpgid, other), other);
	IN_CHILD(NULL) {
		REQUIRE_OK(setsid());
		CHECK_EQ(syscall(SYS_getpgid, other), other);
		CHECK_EQ(syscall(SYS_getpgid, 0), getpid());
	}
	end_child(other);
}
