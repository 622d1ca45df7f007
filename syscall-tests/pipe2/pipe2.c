// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pipe2: its flags, and packets (O_DIRECT).
#include "../harness/pipes.h"

static long make(int *p) { return syscall(SYS_pipe2, p, 0); }

CASE(fresh) { observe_fresh_pipe(make); }
CASE(errors) { observe_pipe_errors(make); }

CASE(flags) {
	for (int f = 0; f < 8; f++) {
		int flags = (f & 1 ? O_CLOEXEC : 0) | (f & 2 ? O_NONBLOCK : 0) | (f & 4 ? O_DIRECT : 0), p[2];
		OBSERVE_RET(name("pipe2 %#x", flags), syscall(SYS_pipe2, p, flags));
		for (int i = 0; i < 2; i++)
			OBSERVE(name("%#x, end %d", flags, i), "%d %#x", fcntl(p[i], F_GETFD), fcntl(p[i], F_GETFL));
	}
	// O_EXCL is O_NOTIFICATION_PIPE, which not every kernel is built with.
	for (int bit = 0; bit < 32; bit++) {
		int p[2], flag = 1 << bit;
		if (flag == O_EXCL || flag == O_CLOEXEC || flag == O_NONBLOCK || flag == O_DIRECT)
			continue;
		OBSERVE_RET(name("flag %#x", flag), syscall(SYS_pipe2, p, flag));
	}
	CHECK_ERR(syscall(SYS_pipe2, bad_ptr(), O_RDWR), EINVAL);
	OBSERVE_RET("good flag, bad pointer", syscall(SYS_pipe2, bad_ptr(), O_NONBLOCK));
}

CASE(packets) {
	int p[2];
	static char b[70000];
	REQUIRE_OK(syscall(SYS_pipe2, p, O_DIRECT | O_NONBLOCK));
	REQUIRE(write(p[1], "one", 3) == 3);
	REQUIRE(write(p[1], "three", 5) == 5);
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE_RET("there is", queued(p[0]));
	OBSERVE_RET("a packet", read(p[0], b, sizeof b));
	OBSERVE_RET("part of a packet, the rest is lost", read(p[0], b, 2));
	OBSERVE_RET("the next", read(p[0], b, sizeof b));
	OBSERVE_RET("none", read(p[0], b, sizeof b));
	OBSERVE_RET("empty packet", write(p[1], b, 0));
	OBSERVE_RET("which is none", read(p[0], b, sizeof b));
	OBSERVE_RET("larger than a page", write(p[1], b, 5000));
	OBSERVE_RET("comes in pieces", read(p[0], b, sizeof b));
	OBSERVE_RET("of a page", read(p[0], b, sizeof b));
	struct iovec v[2] = {{"ab", 2}, {"cd", 2}};
	OBSERVE_RET("writev", writev(p[1], v, 2));
	OBSERVE_RET("is one packet", read(p[0], b, sizeof b));
	int n = 0;
	while (write(p[1], "p", 1) == 1)
		n++;
	OBSERVE("packets that fit", "%d", n);
	OBSERVE_RET("read nothing", read(p[0], b, 0));
	OBSERVE_RET("still there", queued(p[0]));
}

CASE(packets_switched_on_and_off) {
	int p[2];
	char b[64];
	REQUIRE_OK(syscall(SYS_pipe2, p, O_NONBLOCK));
	REQUIRE(write(p[1], "ab", 2) == 2);
	OBSERVE_RET("F_SETFL O_DIRECT", fcntl(p[1], F_SETFL, O_NONBLOCK | O_DIRECT));
	OBSERVE("flags", "%#x", fcntl(p[1], F_GETFL));
	REQUIRE(write(p[1], "cd", 2) == 2);
	OBSERVE_RET("off", fcntl(p[1], F_SETFL, O_NONBLOCK));
	REQUIRE(write(p[1], "ef", 2) == 2);
	OBSERVE_RET("first read", read(p[0], b, sizeof b));
	OBSERVE_RET("second read", read(p[0], b, sizeof b));
	OBSERVE_RET("third read", read(p[0], b, sizeof b));
}

CASE(close_on_exec) {
	int p[2];
	REQUIRE_OK(syscall(SYS_pipe2, p, O_CLOEXEC));
	int kept = REQUIRE_OK(dup(p[1])), st;
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", name("test -e /proc/$$/fd/%d && exit 1; test -e /proc/$$/fd/%d || exit 2; exit 9", p[1], kept), NULL);
	}
	OBSERVE_STATUS("sh", st);
}
