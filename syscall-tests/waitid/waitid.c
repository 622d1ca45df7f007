// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// waitid: which id types and options are taken, and what exactly stands in the siginfo, also when there is nothing?
#include "../harness/signals.h"

#include <sys/resource.h>
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static long waitid_(int type, int id, siginfo_t *i, int options) { return syscall(SYS_waitid, type, id, i, options, NULL); }

static pid_t exits(int code) {
	pid_t pid = harness_fork();
	if (pid == 0)
		_exit(code);
	return pid;
}

static const char *text(const siginfo_t *i, pid_t child) {
	return name("signo %d errno %d code %d pid %s uid %d status %d", i->si_signo, i->si_errno, i->si_code,
		    i->si_pid == child ? "child" : pid_name(i->si_pid), (int)i->si_uid, i->si_status);
}

CASE(id_types) {
	siginfo_t i;
	for (int type = -1; type < 6; type++) {
		OBSERVE_RET(name("type %d id 0", type), waitid_(type, 0, &i, WEXITED | WNOHANG));
		OBSERVE_RET(name("type %d id -1", type), waitid_(type, -1, &i, WEXITED | WNOHANG));
		OBSERVE_RET(name("type %d id max", type), waitid_(type, INT32_MAX, &i, WEXITED | WNOHANG));
	}
	CHECK_ERR(waitid_(P_ALL, 0, &i, WEXITED), ECHILD);
	CHECK_ERR(waitid_(P_PID, 0, &i, WEXITED), EINVAL);
	CHECK_ERR(waitid_(P_PIDFD, 999, &i, WEXITED), EBADF);
}

CASE(option_bits) {
	siginfo_t i;
	pid_t child = sleeper();
	OBSERVE_RET("none", waitid_(P_PID, child, &i, 0));
	OBSERVE_RET("WNOHANG alone", waitid_(P_PID, child, &i, WNOHANG));
	OBSERVE_RET("WNOWAIT alone", waitid_(P_PID, child, &i, WNOWAIT | WNOHANG));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("bit %d", bit), waitid_(P_PID, child, &i, (int)(1u << bit) | WNOHANG | WEXITED));
	end_child(child);
}

CASE(nothing_yet_clears_the_info) {
	siginfo_t i;
	pid_t child = sleeper();
	memset(&i, 0xee, sizeof i);
	OBSERVE_RET("wait", waitid_(P_PID, child, &i, WEXITED | WNOHANG));
	OBSERVE("info", "%s", text(&i, child));
	// Only the fields that it uses are written.
	OBSERVE_BYTES("bytes", &i, sizeof i);
	memset(&i, 0xee, sizeof i);
	OBSERVE_RET("error", waitid_(P_PID, 1, &i, WEXITED | WNOHANG));
	OBSERVE_BYTES("bytes after an error", &i, 32);
	end_child(child);
}

CASE(what_ended_it) {
	siginfo_t i;
	static const int ends[] = {0, 255, -SIGKILL, -SIGSEGV, -34};
	for (int k = 0; k < 5; k++) {
		pid_t child = harness_fork();
		if (child == 0) {
			if (ends[k] < 0)
				kill(getpid(), -ends[k]);
			_exit(ends[k]);
		}
		memset(&i, 0xee, sizeof i);
		OBSERVE_RET(name("wait %d", ends[k]), waitid_(P_PID, child, &i, WEXITED));
		OBSERVE(name("info %d", ends[k]), "%s", text(&i, child));
	}
}

CASE(stops_and_nowait) {
	siginfo_t i;
	pid_t child = sleeper();
	kill(child, SIGSTOP);
	for (int k = 0; k < 2; k++) {
		REQUIRE_OK(waitid_(P_PID, child, &i, WSTOPPED | WNOWAIT));
		OBSERVE(name("stopped %d", k), "%s", text(&i, child));
	}
	REQUIRE_OK(waitid_(P_PID, child, &i, WSTOPPED));
	memset(&i, 0xee, sizeof i);
	OBSERVE_RET("taken", waitid_(P_PID, child, &i, WSTOPPED | WNOHANG));
	OBSERVE("taken info", "%s", text(&i, child));
	kill(child, SIGCONT);
	REQUIRE_OK(waitid_(P_PID, child, &i, WCONTINUED | WNOWAIT));
	OBSERVE("continued", "%s", text(&i, child));
	REQUIRE_OK(waitid_(P_PID, child, &i, WCONTINUED));
	OBSERVE_RET("continued taken", waitid_(P_PID, child, &i, WCONTINUED | WNOHANG));
	kill(child, SIGTERM);
	for (int k = 0; k < 2; k++) {
		REQUIRE_OK(waitid_(P_PID, child, &i, WEXITED | WNOWAIT));
		OBSERVE(name("end %d", k), "%s", text(&i, child));
	}
	OBSERVE_RET("reap", waitid_(P_PID, child, &i, WEXITED));
	OBSERVE_RET("reap again", waitid_(P_PID, child, &i, WEXITED));
}

// A wait for stops alone does not find an end, and blocks or says so.
CASE(exit_is_not_a_stop) {
	siginfo_t i;
	pid_t child = exits(0);
	REQUIRE_OK(waitid_(P_PID, child, &i, WEXITED | WNOWAIT));
	OBSERVE_RET("stopped", waitid_(P_PID, child, &i, WSTOPPED | WNOHANG));
	OBSERVE_RET("continued", waitid_(P_PID, child, &i, WCONTINUED | WNOHANG));
	wait_for(child);
}

CASE(by_group) {
	siginfo_t i;
	pid_t a = sleeper(), b = sleeper();
	REQUIRE_OK(setpgid(b, b));
	OBSERVE_RET("own by zero", waitid_(P_PGID, 0, &i, WEXITED | WNOHANG));
	OBSERVE_RET("other", waitid_(P_PGID, b, &i, WEXITED | WNOHANG));
	OBSERVE_RET("no such", waitid_(P_PGID, dead_pid(), &i, WEXITED | WNOHANG));
	kill(b, SIGTERM);
	OBSERVE_RET("wait", waitid_(P_PGID, b, &i, WEXITED));
	OBSERVE("found", "%s", text(&i, b));
	end_child(a);
}

CASE(by_pidfd) {
	siginfo_t i;
	pid_t child = exits(7);
	int fd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, child, 0));
	OBSERVE_RET("wait", waitid_(P_PIDFD, fd, &i, WEXITED));
	OBSERVE("info", "%s", text(&i, child));
	OBSERVE_RET("again", waitid_(P_PIDFD, fd, &i, WEXITED));
	OBSERVE_RET("a file", waitid_(P_PIDFD, 0, &i, WEXITED));
	OBSERVE_RET("self", waitid_(P_PIDFD, (int)REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0)), &i, WEXITED));
	OBSERVE_RET("id -1", waitid_(P_PIDFD, -1, &i, WEXITED));
	// A non-blocking pidfd does not wait.
	child = sleeper();
	fd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, child, O_NONBLOCK));
	OBSERVE_RET("nonblocking", waitid_(P_PIDFD, fd, &i, WEXITED));
	OBSERVE_RET("nonblocking, WNOHANG", waitid_(P_PIDFD, fd, &i, WEXITED | WNOHANG));
	end_child(child);
}

CASE(bad_memory) {
	struct rusage ru;
	siginfo_t i;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		pid_t child = exits(0);
		OBSERVE_RET(b->name, waitid_(P_PID, child, b->p, WEXITED));
		OBSERVE(name("reaped %s", b->name), "%d", kill(child, 0) != 0);
		waitid_(P_PID, child, NULL, WEXITED);
	}
	pid_t child = exits(0);
	OBSERVE_RET("NULL info", syscall(SYS_waitid, P_PID, child, NULL, WEXITED, &ru));
	child = exits(0);
	OBSERVE_RET("bad rusage", syscall(SYS_waitid, P_PID, child, &i, WEXITED, bad_ptr()));
	OBSERVE("reaped", "%d", kill(child, 0) != 0);
}

CASE(interrupted) {
	siginfo_t i;
	pid_t child = sleeper();
	log_on(SIGUSR1, 0, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(waitid_(P_PID, child, &i, WEXITED), EINTR);
	CHECK(interrupt_done(&it));
	end_child(child);
}
