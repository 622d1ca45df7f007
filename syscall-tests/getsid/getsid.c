// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getsid: whose session is told?
#include "../harness/signals.h"

CASE(arguments) {
	static const long ids[] = {-1, INT32_MIN, INT32_MAX};
	for (int i = 0; i < 3; i++)
		OBSERVE_RET(name("pid %ld", ids[i]), syscall(SYS_getsid, ids[i]));
	OBSERVE_RET("dead", syscall(SYS_getsid, dead_pid()));
	CHECK_EQ(syscall(SYS_getsid, 0), syscall(SYS_getsid, getpid()));
	CHECK_ERR(syscall(SYS_getsid, INT32_MAX), ESRCH);
}

static void *in_thread(void *arg) {
	(void)arg;
	return (void *)syscall(SYS_getsid, tid_self());
}

CASE(inherited) {
	long mine = syscall(SYS_getsid, 0);
	IN_CHILD(NULL) {
		CHECK_EQ(syscall(SYS_getsid, 0), mine);
		REQUIRE_OK(setsid());
		CHECK_EQ(syscall(SYS_getsid, 0), getpid());
		CHECK_EQ((long)thread_join(thread_start(in_thread, NULL)), getpid());
		// Another session's member is no secret.
		CHECK_EQ(syscall(SYS_getsid, getppid()), mine);
	}
}

CASE(of_a_zombie) {
	siginfo_t i;
	pid_t child = harness_fork();
	if (child == 0)
		_exit(0);
	REQUIRE_OK(waitid(P_PID, child, &i, WEXITED | WNOWAIT));
	OBSERVE("zombie", "%s", syscall(SYS_getsid, child) == getsid(0) ? "ours" : "other");
	wait_for(child);
}
