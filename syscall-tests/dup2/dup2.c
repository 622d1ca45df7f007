// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// dup2: the number asked for, closing what was there; itself left alone
#include "../harness/files.h"

CASE(replaces) {
	int a = make_file("a", "aaa"), b = make_file("b", "bbb");
	char c = 0;
	CHECK_EQ(syscall(SYS_dup2, a, b), b);
	CHECK_EQ(read(b, &c, 1), 1);
	CHECK_EQ(c, 'a');
	CHECK_EQ(lseek(a, 0, SEEK_CUR), 1);
	OBSERVE("descriptor flags", "%d", fcntl(b, F_GETFD));
	CHECK_EQ(syscall(SYS_dup2, a, 77), 77);
	CHECK_EQ(syscall(SYS_dup2, a, 0), 0);
}

CASE(closes_what_was_there) {
	int p[2], a = make_file("a", "");
	char c;
	REQUIRE_OK(pipe(p));
	CHECK_EQ(syscall(SYS_dup2, a, p[1]), p[1]);
	CHECK_EQ(read(p[0], &c, 1), 0);
}

CASE(itself) {
	int a = make_file("a", "");
	CHECK_EQ(syscall(SYS_dup2, a, a), a);
	OBSERVE("O_CLOEXEC stays", "%d", fcntl(a, F_GETFD));
	CHECK_ERR(syscall(SYS_dup2, 99, 99), EBADF);
}

CASE(bad_descriptors) {
	int a = make_file("a", "");
	static const int fds[] = {-1, INT_MIN, 1 << 30, INT_MAX, AT_FDCWD};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		OBSERVE_RET(name("to %d", fds[i]), syscall(SYS_dup2, a, fds[i]));
		OBSERVE_RET(name("from %d", fds[i]), syscall(SYS_dup2, fds[i], a));
		OBSERVE_RET(name("from and to %d", fds[i]), syscall(SYS_dup2, fds[i], fds[i]));
	}
	// A failure leaves the target alone.
	CHECK_ERR(syscall(SYS_dup2, 99, a), EBADF);
	CHECK_OK(fcntl(a, F_GETFD));
}

CASE(limit) {
	int a = make_file("a", "");
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){10, 10}));
	OBSERVE_RET("9", syscall(SYS_dup2, a, 9));
	OBSERVE_RET("10", syscall(SYS_dup2, a, 10));
	OBSERVE_RET("999", syscall(SYS_dup2, a, 999));
	OBSERVE_RET("bad to 10", syscall(SYS_dup2, 99, 10));
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, 10}));
	OBSERVE_RET("itself above the limit", syscall(SYS_dup2, a, a));
	OBSERVE_RET("an open one above the limit", syscall(SYS_dup2, a, 9));
}
