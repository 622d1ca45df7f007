// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pidfd_getfd: is it the same open file, with which flags, and from whom may it be taken?
#include "../harness/signals.h"

static long getfd(int pidfd, int fd, unsigned flags) { return syscall(SYS_pidfd_getfd, pidfd, fd, flags); }

CASE(arguments) {
	int self = (int)REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0)), file = make_file("f", "abc");
	OBSERVE_OK("ok", getfd(self, file, 0));
	OBSERVE_OK("bad pidfd", getfd(99, file, 0));
	OBSERVE_OK("not a pidfd", getfd(file, file, 0));
	OBSERVE_OK("bad fd", getfd(self, 99, 0));
	OBSERVE_OK("fd -1", getfd(self, -1, 0));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_OK(name("flag bit %d", bit), getfd(self, file, 1u << bit));
	OBSERVE_OK("all wrong", getfd(99, 99, 1));
	CHECK_ERR(getfd(self, 99, 0), EBADF);
	CHECK_ERR(getfd(self, file, 1), EINVAL);
}

CASE(shares_the_open_file) {
	struct gate up = gate_open(), go = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		int fd = make_file("theirs", "hello world");
		REQUIRE_OK(dup2(fd, 50));
		gate_signal(&up);
		gate_wait(&go);
		OBSERVE("their offset", "%ld", (long)lseek(50, 0, SEEK_CUR));
		OBSERVE("their flags", "%#x", fcntl(50, F_GETFL));
		_exit(0);
	}
	gate_wait(&up);
	char buf[6] = "";
	int pidfd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, child, 0));
	int fd = (int)REQUIRE_OK(getfd(pidfd, 50, 0));
	OBSERVE("lowest number", "%d", fd == pidfd + 1);
	OBSERVE_RET("close on exec", fcntl(fd, F_GETFD));
	OBSERVE_RET("read", read(fd, buf, 5));
	OBSERVE("content", "%s", buf);
	REQUIRE_OK(fcntl(fd, F_SETFL, O_APPEND));
	gate_signal(&go);
	OBSERVE_STATUS("child", wait_for(child));
	OBSERVE_OK("from the dead", getfd(pidfd, 50, 0));
}

CASE(zombie) {
	siginfo_t i;
	pid_t child = harness_fork();
	if (child == 0)
		_exit(0);
	int pidfd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, child, 0));
	REQUIRE_OK(waitid(P_PID, child, &i, WEXITED | WNOWAIT));
	OBSERVE_OK("from a zombie", getfd(pidfd, 0, 0));
	wait_for(child);
}

CASE(permission, "root") {
	pid_t child = sleeper();
	int pidfd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, child, 0));
	CHECK_OK(getfd(pidfd, 0, 0));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(getfd(pidfd, 0, 0), EPERM);
		OBSERVE_OK("bad fd", getfd(pidfd, 99, 0));
	}
	end_child(child);
}
