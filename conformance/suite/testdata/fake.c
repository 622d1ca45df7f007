// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Cases that end in every way that a case can, for the harness's own test.
#include "../harness/harness.h"

CASE(passes) {
	OBSERVE_RET("bad fd", syscall(SYS_close, -1));
	OBSERVE_OK("fork", 17);
	OBSERVE("text", "\"quoted\" \\ \t %c \xff", 7);
	OBSERVE_STATUS("status", 9);
	OBSERVE("pid", "%s %s", pid_name(getpid()), pid_name(-1));
	CHECK(1);
	CHECK_EQ(2, 2);
	CHECK_ERR(syscall(SYS_close, -1), EBADF);
	char *p = guard_copy("ab", 3);
	CHECK_STR(p, "ab");
}

CASE(fails) {
	CHECK(1 == 2);
	CHECK_EQ(1 + 1, 3);
	CHECK_STR("a", "b");
	CHECK_ERR(syscall(SYS_close, -1), EINVAL);
	CHECK_OK(syscall(SYS_close, -1));
	OBSERVE("still", "here");
}

CASE(requires) {
	REQUIRE(1 == 2);
	OBSERVE("never", "here");
}

CASE(crashes) {
	OBSERVE("before", "1");
	*(volatile int *)bad_ptr() = 1;
}

CASE(exits) { _exit(0); }

CASE(crashes_with_child_alive) {
	struct gate g = gate_open();
	if (harness_fork() == 0)
		gate_wait(&g);
	abort();
}

CASE(child_fails) {
	int st;
	IN_CHILD(&st) {
		CHECK(!"in the child");
		_exit(3);
	}
	OBSERVE_STATUS("child", st);
	IN_CHILD(NULL) _exit(4);
}

CASE(skips) { SKIP("no %s today", "luck"); }
CASE(unmet, "root nonroot") {}
CASE(too_new, "kernel>=99.1") {}
CASE(old_enough, "kernel>=2.6 cores>=1 file:/proc") {}

CASE(is_in_an_empty_directory) {
	CHECK_OK(syscall(SYS_mkdir, "d", 0));
	close(make_file("f", "content"));
	CHECK_STR(read_file("f"), "content");
	CHECK_EQ(dup(0), 3);
}

static void *block(void *gate) {
	gate_wait(gate);
	return NULL;
}

CASE(is_interrupted) {
	char c;
	int fds[2];
	REQUIRE_OK(pipe(fds));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(read(fds[0], &c, 1), EINTR);
	CHECK(interrupt_done(&it));
	CHECK_EQ(sig_count[SIGUSR1], 1);
	struct gate g = gate_open();
	pthread_t t = thread_start(block, &g);
	gate_signal(&g);
	thread_join(t);
}

CASE(hangs) {
	OBSERVE("before", "1");
	for (;;)
		pause();
}

// A child that lives in a session of its own must not hold up the run either.
CASE(hangs_with_a_session) {
	if (harness_fork() == 0) {
		setsid();
		alarm(4);
		for (;;)
			pause();
	}
	for (;;)
		pause();
}

CASE(spins) {
	sig_catch(SIGTERM, 0);
	for (;;)
		;
}
