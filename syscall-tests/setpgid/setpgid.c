// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setpgid: who may move whom into which group, and until when?
#include "../harness/signals.h"

CASE(arguments) {
	static const long ids[] = {-1, INT32_MIN, INT32_MAX};
	for (int i = 0; i < 3; i++) {
		OBSERVE_RET(name("pid %ld", ids[i]), syscall(SYS_setpgid, ids[i], 0));
		OBSERVE_RET(name("group %ld", ids[i]), syscall(SYS_setpgid, 0, ids[i]));
	}
	OBSERVE_RET("both bad", syscall(SYS_setpgid, INT32_MAX, -1));
	OBSERVE_RET("parent", syscall(SYS_setpgid, getppid(), 0));
	OBSERVE_RET("init", syscall(SYS_setpgid, 1, 0));
	OBSERVE_RET("0 0 of a leader", syscall(SYS_setpgid, 0, 0));
	CHECK_ERR(syscall(SYS_setpgid, 0, -1), EINVAL);
	CHECK_ERR(syscall(SYS_setpgid, INT32_MAX, 0), ESRCH);
}

CASE(children_move) {
	pid_t a = sleeper(), b = sleeper();
	OBSERVE("inherited", "%d", getpgid(a) == getpgrp());
	OBSERVE_RET("a into its own", syscall(SYS_setpgid, a, 0));
	CHECK_EQ(getpgid(a), a);
	OBSERVE_RET("b into a's", syscall(SYS_setpgid, b, a));
	CHECK_EQ(getpgid(b), a);
	OBSERVE_RET("b back", syscall(SYS_setpgid, b, getpgrp()));
	OBSERVE_RET("b into a group that is none", syscall(SYS_setpgid, b, dead_pid()));
	OBSERVE_RET("self into a's", syscall(SYS_setpgid, 0, a));
	OBSERVE_RET("and back into its own", syscall(SYS_setpgid, 0, 0));
	// A group lives on without its leader.
	OBSERVE_RET("b into a's again", syscall(SYS_setpgid, b, a));
	end_child(a);
	OBSERVE_RET("self into the leaderless", syscall(SYS_setpgid, 0, a));
	OBSERVE_RET("home", syscall(SYS_setpgid, 0, 0));
	end_child(b);
	OBSERVE_RET("nothing left of it", syscall(SYS_setpgid, 0, a));
}

CASE(not_after_exec) {
	int fds[2];
	char c;
	struct gate go = gate_open();
	REQUIRE_OK(pipe2(fds, O_CLOEXEC));
	pid_t child = harness_fork();
	if (child == 0) {
		dup2(go.r, 0);
		close(go.w);
		execl("/bin/cat", "cat", NULL);
		_exit(127);
	}
	close(fds[1]);
	REQUIRE(read(fds[0], &c, 1) == 0); // it has executed
	CHECK_ERR(syscall(SYS_setpgid, child, 0), EACCES);
	OBSERVE_RET("into the group that it is in", syscall(SYS_setpgid, child, getpgrp()));
	gate_close(&go);
	OBSERVE_STATUS("child", wait_for(child));
}

static pid_t case_group;

CASE(sessions) {
	case_group = getpgrp();
	struct gate up = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		REQUIRE_OK(setsid());
		OBSERVE_RET("session leader itself", syscall(SYS_setpgid, 0, 0));
		OBSERVE_RET("into the parent's", syscall(SYS_setpgid, 0, getpgid(getppid())));
		IN_CHILD(NULL) OBSERVE_RET("member into another session's group", syscall(SYS_setpgid, 0, case_group));
		gate_signal(&up);
		for (;;)
			pause();
	}
	gate_wait(&up);
	OBSERVE_RET("leader by its parent", syscall(SYS_setpgid, child, 0));
	OBSERVE_RET("self into its group", syscall(SYS_setpgid, 0, child));
	end_child(child);
}

CASE(grandchildren_are_not_children) {
	int fds[2];
	pid_t grandchild;
	REQUIRE_OK(pipe(fds));
	struct gate end = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		pid_t g = harness_fork();
		if (g == 0) {
			gate_wait(&end);
			_exit(0);
		}
		write(fds[1], &g, sizeof g);
		wait_for(g);
		_exit(0);
	}
	REQUIRE(read(fds[0], &grandchild, sizeof grandchild) == sizeof grandchild);
	CHECK_ERR(syscall(SYS_setpgid, grandchild, 0), ESRCH);
	gate_signal(&end);
	wait_for(child);
}

CASE(zombie) {
	siginfo_t i;
	pid_t child = harness_fork();
	if (child == 0)
		_exit(0);
	REQUIRE_OK(waitid(P_PID, child, &i, WEXITED | WNOWAIT));
	OBSERVE_RET("set", syscall(SYS_setpgid, child, 0));
	OBSERVE("group", "%d", getpgid(child) == child);
	wait_for(child);
}
