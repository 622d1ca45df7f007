// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// vfork: the parent waits until the child has executed or ended, and sees what it did to the memory.
#include "../harness/signals.h"

static volatile int shared;

// libc's vfork: a call from a C function could not return twice on one stack.
CASE(memory_is_shared_until_exit) {
	shared = 1;
	pid_t child = vfork();
	if (child == 0) {
		shared = 2;
		_exit(4);
	}
	CHECK_EQ(shared, 2);
	OBSERVE_STATUS("child", wait_for(child));
}

CASE(parent_goes_on_at_exec) {
	struct gate go = gate_open();
	shared = 1;
	pid_t child = vfork();
	if (child == 0) {
		shared = 3;
		dup2(go.r, 0);
		execl("/bin/sh", "sh", "-c", "read x; exit 6", NULL);
		_exit(127);
	}
	// It runs on, waiting for us.
	OBSERVE("shared", "%d", shared);
	OBSERVE_RET("not yet ended", waitpid(child, NULL, WNOHANG));
	REQUIRE(write(go.w, "x\n", 2) == 2);
	OBSERVE_STATUS("child", wait_for(child));
}

CASE(failed_exec_then_exit) {
	volatile int err = 0;
	pid_t child = vfork();
	if (child == 0) {
		execl("/nonexistent", "x", NULL);
		err = errno;
		_exit(9);
	}
	OBSERVE("errno seen by the parent", "%s", errno_name(err));
	OBSERVE_STATUS("child", wait_for(child));
}

CASE(child_is_killed) {
	pid_t child = vfork();
	if (child == 0) {
		syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
		_exit(1);
	}
	OBSERVE_STATUS("child", wait_for(child));
}

CASE(descriptors_and_handlers_are_its_own) {
	log_on(SIGUSR1, 0, 0);
	int fd = (int)REQUIRE_OK(dup(0));
	pid_t child = vfork();
	if (child == 0) {
		close(fd);
		ksigaction(SIGUSR1, &(struct ksigaction){SIG_IGN}, NULL);
		_exit(0);
	}
	wait_for(child);
	struct ksigaction sa;
	ksigaction(SIGUSR1, NULL, &sa);
	OBSERVE("parent's", "%s %s", fcntl(fd, F_GETFD) < 0 ? "closed" : "open", sa.handler == SIG_IGN ? "ignored" : "handler");
}

// A handler runs in the waiting parent only when the child is done.
CASE(signals_wait_for_the_child) {
	log_on(SIGUSR1, 0, 0);
	pid_t child = vfork();
	if (child == 0) {
		kill(getppid(), SIGUSR1);
		shared = 10 + sig_logged;
		_exit(0);
	}
	OBSERVE("handled before the child's end", "%d", shared - 10);
	OBSERVE("handled", "%s", log_text());
	wait_for(child);
}
