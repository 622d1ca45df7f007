// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getppid: who is the parent, across fork, threads, and the parent's death?
#include "../harness/harness.h"

#include <sys/prctl.h>

CASE(child_sees_its_maker) {
	pid_t me = getpid();
	IN_CHILD(NULL) {
		CHECK_EQ(syscall(SYS_getppid), me);
		OBSERVE("parent", "%s", pid_name(syscall(SYS_getppid)));
	}
}

static void *ppid_of_thread(void *arg) {
	(void)arg;
	return (void *)syscall(SYS_getppid);
}

CASE(threads_share_the_parent) {
	pthread_t t = thread_start(ppid_of_thread, NULL);
	CHECK_EQ((long)thread_join(t), syscall(SYS_getppid));
}

// The grandchild asks after its parent's death, which it learns from a gate that its parent's exit leaves unsignalled.
CASE(orphan_goes_to_the_subreaper) {
	struct gate died = gate_open();
	REQUIRE_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid_t middle = harness_fork();
	if (middle == 0) {
		if (harness_fork() == 0) {
			gate_wait(&died);
			OBSERVE("after the parent's death", "%s", pid_name(syscall(SYS_getppid)));
			_exit(7);
		}
		_exit(0);
	}
	OBSERVE_STATUS("middle", wait_for(middle));
	gate_signal(&died);
	int st;
	REQUIRE_OK(wait(&st));
	OBSERVE_STATUS("orphan", st);
}
