// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// tee: copies from pipe to pipe and leaves the first as it was.
#include "../harness/pipes.h"

static long ktee(int in, int out, size_t n, unsigned flags) { return syscall(SYS_tee, in, out, n, flags); }

CASE(copies) {
	int p[2], q[2];
	pipe_with(p, "hello world");
	REQUIRE_OK(pipe(q));
	OBSERVE_RET("5 of 11", ktee(p[0], q[1], 5, 0));
	OBSERVE_RET("all", ktee(p[0], q[1], 100, 0));
	OBSERVE("copied", "%s", drain(q[0]));
	OBSERVE("left", "%s", drain(p[0]));
	OBSERVE_RET("nothing there", ktee(p[0], q[1], 5, SPLICE_F_NONBLOCK));
	OBSERVE_RET("nothing asked", ktee(p[0], q[1], 0, 0));
	close(p[1]);
	OBSERVE_RET("no writer", ktee(p[0], q[1], 5, 0));
}

CASE(several_writes_and_little_room) {
	int p[2], q[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(q));
	for (int i = 0; i < 6; i++)
		REQUIRE(write(p[1], "abcdef", i + 1) == i + 1);
	OBSERVE_RET("over several writes", ktee(p[0], q[1], 8, 0));
	OBSERVE("copied", "%s", drain(q[0]));
	fill(q[1]);
	OBSERVE_RET("full", ktee(p[0], q[1], 8, SPLICE_F_NONBLOCK));
	REQUIRE_OK(fcntl(q[1], F_SETFL, O_NONBLOCK));
	OBSERVE_RET("full, O_NONBLOCK", ktee(p[0], q[1], 8, 0));
	close(q[0]);
	sig_catch(SIGPIPE, 0);
	OBSERVE_RET("no reader", ktee(p[0], q[1], 8, 0));
	OBSERVE("SIGPIPE", "%d", (int)sig_count[SIGPIPE]);
}

CASE(errors) {
	int p[2], q[2], f = make_file("f", "x"), s[2];
	pipe_with(p, "data");
	REQUIRE_OK(pipe(q));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	CHECK_ERR(ktee(99, q[1], 1, 0), EBADF);
	CHECK_ERR(ktee(p[0], 99, 1, 0), EBADF);
	OBSERVE_RET("nothing, bad descriptors", ktee(99, 98, 0, 0));
	CHECK_ERR(ktee(p[0], p[1], 1, 0), EINVAL);
	CHECK_ERR(ktee(f, q[1], 1, 0), EINVAL);
	CHECK_ERR(ktee(p[0], f, 1, 0), EINVAL);
	OBSERVE_RET("socket", ktee(p[0], s[0], 1, 0));
	OBSERVE_RET("writing end", ktee(p[1], q[1], 1, 0));
	OBSERVE_RET("reading end", ktee(p[0], q[0], 1, 0));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %#x", 1U << bit), ktee(p[0], q[1], 1, 1U << bit));
}

CASE(interrupted_and_woken) {
	int p[2], q[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(q));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(ktee(p[0], q[1], 4, 0), EINTR);
	CHECK(interrupt_done(&it));
	struct waker w;
	wake_me(&w, p[1]);
	OBSERVE_RET("woken", ktee(p[0], q[1], 4, 0));
	thread_join(w.thread);
}
