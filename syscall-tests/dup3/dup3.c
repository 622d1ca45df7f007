// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// dup3: dup2 with O_CLOEXEC, that refuses to copy a descriptor onto itself
#include "../harness/files.h"

CASE(cloexec) {
	make_file("a", "");
	int a = REQUIRE_OK(open("a", O_RDONLY));
	CHECK_EQ(syscall(SYS_dup3, a, 20, 0), 20);
	CHECK_EQ(fcntl(20, F_GETFD), 0);
	CHECK_EQ(syscall(SYS_dup3, a, 21, O_CLOEXEC), 21);
	CHECK_EQ(fcntl(21, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(a, F_GETFD), 0);
	// The flag of what was there before does not stay.
	CHECK_EQ(syscall(SYS_dup3, a, 21, 0), 21);
	CHECK_EQ(fcntl(21, F_GETFD), 0);
}

CASE(each_flag) {
	int a = make_file("a", "");
	for (int bit = 0; bit < 32; bit++) {
		OBSERVE_RET(name("flag %#x", 1u << bit), syscall(SYS_dup3, a, 20, 1u << bit));
		close(20);
	}
	OBSERVE_RET("O_CLOEXEC|O_NONBLOCK", syscall(SYS_dup3, a, 20, O_CLOEXEC | O_NONBLOCK));
}

CASE(errors) {
	int a = make_file("a", "");
	CHECK_ERR(syscall(SYS_dup3, a, a, 0), EINVAL);
	OBSERVE_RET("itself, closed", syscall(SYS_dup3, 99, 99, 0));
	OBSERVE_RET("itself, bad flag", syscall(SYS_dup3, a, a, 1));
	OBSERVE_RET("from -1", syscall(SYS_dup3, -1, 20, 0));
	OBSERVE_RET("to -1", syscall(SYS_dup3, a, -1, 0));
	OBSERVE_RET("to INT_MAX", syscall(SYS_dup3, a, INT_MAX, 0));
	OBSERVE_RET("from 99 to INT_MAX", syscall(SYS_dup3, 99, INT_MAX, 0));
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){10, 10}));
	OBSERVE_RET("to the limit", syscall(SYS_dup3, a, 10, 0));
}

CASE(exec_closes) {
	int st;
	make_file("a", "");
	int a = REQUIRE_OK(open("a", O_RDONLY));
	syscall(SYS_dup3, a, 20, 0);
	syscall(SYS_dup3, a, 21, O_CLOEXEC);
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", "test -e /proc/self/fd/20 && ! test -e /proc/self/fd/21", NULL);
		_exit(99);
	}
	OBSERVE_STATUS("20 there, 21 not", st);
}
