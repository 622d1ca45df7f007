// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setsid: who may, what are session and group afterwards, and what becomes of the terminal and of the children?
#include "../harness/signals.h"

#include <sys/ioctl.h>

CASE(group_leader_may_not) {
	CHECK_ERR(syscall(SYS_setsid), EPERM);
	// Nor one whose pid is still the id of a group that it has left.
	pid_t leader = harness_fork();
	if (leader == 0) {
		pid_t old = getpgrp();
		REQUIRE_OK(setpgid(0, 0));
		pid_t member = sleeper();
		REQUIRE_OK(setpgid(0, old));
		OBSERVE_OK("left its group with a member in it", syscall(SYS_setsid));
		end_child(member);
		OBSERVE_OK("with the group gone", syscall(SYS_setsid));
		_exit(0);
	}
	OBSERVE_STATUS("child", wait_for(leader));
}

CASE(new_session) {
	IN_CHILD(NULL) {
		CHECK_EQ(syscall(SYS_setsid), getpid());
		CHECK_EQ(getsid(0), getpid());
		CHECK_EQ(getpgrp(), getpid());
		OBSERVE_OK("again", syscall(SYS_setsid));
		int tty = open("/dev/tty", O_RDWR);
		OBSERVE("terminal", "%s", tty < 0 ? errno_name(errno) : "open");
		IN_CHILD(NULL) {
			CHECK_EQ(getsid(0), getppid());
			CHECK_EQ(syscall(SYS_setsid), getpid());
		}
	}
}

static void *in_thread(void *arg) {
	(void)arg;
	return (void *)syscall(SYS_setsid);
}

CASE(by_a_thread) {
	IN_CHILD(NULL) {
		CHECK_EQ((long)thread_join(thread_start(in_thread, NULL)), getpid());
		CHECK_EQ(getsid(0), getpid());
	}
}

CASE(children_stay_in_the_old_one) {
	pid_t old = getsid(0);
	IN_CHILD(NULL) {
		pid_t child = sleeper();
		REQUIRE_OK(setsid());
		CHECK_EQ(getsid(child), old);
		OBSERVE_RET("move the child into the new group", setpgid(child, getpid()));
		end_child(child);
	}
}
