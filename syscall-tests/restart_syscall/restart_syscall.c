// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// restart_syscall: nothing to restart is EINTR; and sleeps that are stopped and continued go on through it.
#include "../harness/signals.h"

#include <poll.h>
#include <time.h>

CASE(nothing_to_restart) {
	CHECK_ERR(syscall(SYS_restart_syscall), EINTR);
	OBSERVE_RET("first", syscall(SYS_restart_syscall));
	OBSERVE_RET("second", syscall(SYS_restart_syscall, 1, 2, 3));
}

CASE(nothing_after_a_handled_interruption) {
	log_on(SIGUSR1, 0, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	struct timespec left = {0, 0};
	OBSERVE_RET("nanosleep", syscall(SYS_nanosleep, &(struct timespec){60, 0}, &left));
	CHECK(interrupt_done(&it));
	OBSERVE("time is left", "%d", left.tv_sec >= 40);
	OBSERVE_RET("restart", syscall(SYS_restart_syscall));
}

// A stop and a continue, without a handler: the calls go on, with the time that was left.
static void stop_and_go(const char *what, int kind) {
	int st, fds[2];
	char c;
	REQUIRE_OK(pipe(fds));
	struct timespec a, b;
	REQUIRE_OK(clock_gettime(CLOCK_MONOTONIC, &a));
	pid_t child = harness_fork();
	if (child == 0) {
		struct pollfd p = {fds[0], POLLIN};
		switch (kind) {
		case 0:
			OBSERVE_RET(what, syscall(SYS_nanosleep, &(struct timespec){0, 300000000}, NULL));
			break;
		case 1:
			OBSERVE_RET(what, syscall(SYS_poll, &p, 1, 300));
			break;
		case 2:
			OBSERVE_RET(what, syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &(struct timespec){0, 300000000}, NULL));
			break;
		case 3:
			OBSERVE_RET(what, read(fds[0], &c, 1));
			break;
		}
		_exit(0);
	}
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGSTOP);
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	kill(child, SIGCONT);
	REQUIRE_OK(waitpid(child, &st, WCONTINUED));
	if (kind == 3)
		REQUIRE(write(fds[1], "x", 1) == 1);
	OBSERVE_STATUS(name("%s child", what), wait_for(child));
	REQUIRE_OK(clock_gettime(CLOCK_MONOTONIC, &b));
	if (kind != 3)
		CHECK((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 >= 299);
}

CASE(sleeps_go_on_after_a_stop) {
	stop_and_go("nanosleep", 0);
	stop_and_go("poll", 1);
	stop_and_go("clock_nanosleep", 2);
	stop_and_go("read", 3);
}
