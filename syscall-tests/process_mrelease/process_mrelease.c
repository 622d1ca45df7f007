// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_mrelease: of which processes the memory may be taken early, and by which descriptor.
#include "../harness/memory.h"

#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif

static long release_(int fd, unsigned flags) { return syscall(SYS_process_mrelease, fd, flags); }
static int pidfd(pid_t pid) { return (int)REQUIRE_OK(syscall(SYS_pidfd_open, pid, 0)); }

CASE(errors, "kernel>=5.15") {
	int self = pidfd(getpid()), file = make_file("f", "");
	CHECK_ERR(release_(-1, 0), EBADF);
	CHECK_ERR(release_(self, 1), EINVAL);
	OBSERVE_RET("flags first", release_(-1, 1));
	OBSERVE_RET("no pidfd", release_(file, 0));
	OBSERVE_RET("itself", release_(self, 0));
	OBSERVE_RET("PIDFD_SELF", release_(-10000, 0));
	OBSERVE_RET("PIDFD_SELF_PROCESS", release_(-10001, 0));
	OBSERVE_RET("below", release_(-10004, 0));
}

CASE(living_and_dead, "kernel>=5.15") {
	struct gate g = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		gate_wait(&g);
		_exit(0);
	}
	int fd = pidfd(pid);
	CHECK_ERR(release_(fd, 0), EINVAL);
	gate_signal(&g);
	siginfo_t info;
	REQUIRE_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	CHECK_ERR(release_(fd, 0), ESRCH);
	wait_for(pid);
	CHECK_ERR(release_(fd, 0), ESRCH);
}

// Killed, it is dying or dead; either way no memory is left afterwards.
CASE(killed, "kernel>=5.15") {
	for (int i = 0; i < 8; i++) {
		struct gate g = gate_open();
		pid_t pid = harness_fork();
		if (pid == 0) {
			lettered(anon(16), 16);
			gate_signal(&g);
			for (;;)
				pause();
		}
		gate_wait(&g);
		int fd = pidfd(pid);
		REQUIRE_OK(kill(pid, SIGKILL));
		long r = release_(fd, 0);
		CHECK(r == 0 || errno == ESRCH || errno == EAGAIN);
		CHECK_EQ(wait_for(pid), SIGKILL);
	}
}
