// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getpgrp: the caller's own group, inherited and changed; and are the arguments that it does not have ignored?
#include "../harness/harness.h"

CASE(own_group) {
	CHECK_EQ(syscall(SYS_getpgrp), getpid()); // a case leads its group
	CHECK_EQ(syscall(SYS_getpgrp, 1, 2, 3), getpid());
	pid_t mine = getpid();
	IN_CHILD(NULL) {
		CHECK_EQ(syscall(SYS_getpgrp), mine);
		REQUIRE_OK(setpgid(0, 0));
		CHECK_EQ(syscall(SYS_getpgrp), getpid());
		REQUIRE_OK(setpgid(0, mine));
		OBSERVE("back", "%s", syscall(SYS_getpgrp) == mine ? "the case's" : "other");
	}
}

static void *in_thread(void *arg) {
	(void)arg;
	return (void *)syscall(SYS_getpgrp);
}

CASE(threads_share_it) { CHECK_EQ((long)thread_join(thread_start(in_thread, NULL)), getpid()); }

CASE(outlives_its_leader) {
	struct gate died = gate_open(), told = gate_open();
	pid_t leader = harness_fork();
	if (leader == 0) {
		REQUIRE_OK(setpgid(0, 0));
		pid_t me = getpid();
		if (harness_fork() == 0) {
			gate_wait(&died);
			OBSERVE("after the leader's end", "%d", syscall(SYS_getpgrp) == me);
			gate_signal(&told);
			_exit(0);
		}
		_exit(0);
	}
	wait_for(leader);
	gate_signal(&died);
	gate_wait(&told);
}
