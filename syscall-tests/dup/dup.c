// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// dup: the lowest free number, the same open file, its own close-on-exec flag
#include "../harness/files.h"

CASE(shares_the_open_file) {
	int a = make_file("f", "content"), b = CHECK_OK(syscall(SYS_dup, a));
	char c;
	CHECK_EQ(read(a, &c, 1), 1);
	CHECK_EQ(lseek(b, 0, SEEK_CUR), 1);
	CHECK_EQ(lseek(b, 3, SEEK_SET), 3);
	CHECK_EQ(lseek(a, 0, SEEK_CUR), 3);
	REQUIRE_OK(fcntl(a, F_SETFL, O_APPEND | O_NONBLOCK));
	OBSERVE("status flags of the other", "%#o", fcntl(b, F_GETFL));
	OBSERVE("descriptor flags, 1 of the first", "%d", fcntl(b, F_GETFD));
	close(a);
	CHECK_EQ(pread(b, &c, 1, 0), 1);
}

CASE(lowest_number) {
	int a = make_file("f", "");
	CHECK_EQ(syscall(SYS_dup, a), 4);
	CHECK_EQ(syscall(SYS_dup, a), 5);
	close(0);
	close(4);
	CHECK_EQ(syscall(SYS_dup, a), 0);
	CHECK_EQ(syscall(SYS_dup, a), 4);
	CHECK_EQ(syscall(SYS_dup, a), 6);
}

CASE(bad_descriptors) {
	static const int fds[] = {-1, 99, 1024, INT_MAX, INT_MIN, AT_FDCWD};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		OBSERVE_RET(name("dup %d", fds[i]), syscall(SYS_dup, fds[i]));
}

CASE(limit) {
	int a = make_file("f", "");
	for (int limit = 0; limit <= 5; limit++)
		IN_CHILD(NULL) {
			REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){limit, limit}));
			OBSERVE_RET(name("limit %d", limit), syscall(SYS_dup, a));
			OBSERVE_RET(name("limit %d, a bad one", limit), syscall(SYS_dup, -1));
		}
}

CASE(o_path) {
	make_file("f", "");
	int a = REQUIRE_OK(open("f", O_PATH)), b = CHECK_OK(syscall(SYS_dup, a));
	OBSERVE("flags", "%#o", fcntl(b, F_GETFL));
}

CASE(offset_is_shared_with_children) {
	int a = make_file("f", "content");
	IN_CHILD(NULL) {
		char buf[3];
		REQUIRE(read(syscall(SYS_dup, a), buf, 3) == 3);
	}
	CHECK_EQ(lseek(a, 0, SEEK_CUR), 3);
}
