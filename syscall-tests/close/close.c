// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// close: what ends with a descriptor, what ends only with the last one, and which descriptors are no descriptors?
#include "../harness/files.h"

CASE(bad_descriptors) {
	static const long fds[] = {-1, 3, 999, 1023, 1024, INT_MAX, INT_MIN, AT_FDCWD};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		OBSERVE_RET(name("close %ld", fds[i]), syscall(SYS_close, fds[i]));
	int fd = make_file("f", "");
	// A descriptor is 32 bits: the rest of the register is not looked at.
	OBSERVE_RET("upper half set", syscall(SYS_close, fd | 1l << 32));
	CHECK_ERR(syscall(SYS_close, fd), EBADF);
}

CASE(once_only) {
	int fd = make_file("f", "x");
	CHECK_EQ(syscall(SYS_close, fd), 0);
	CHECK_ERR(syscall(SYS_close, fd), EBADF);
	CHECK_ERR(fcntl(fd, F_GETFD), EBADF);
	char c;
	CHECK_ERR(read(fd, &c, 1), EBADF);
}

CASE(pipe_end_is_seen_by_the_other) {
	int p[2];
	char c;
	REQUIRE_OK(pipe(p));
	int w = REQUIRE_OK(dup(p[1]));
	CHECK_EQ(write(w, "x", 1), 1);
	syscall(SYS_close, p[1]);
	CHECK_EQ(read(p[0], &c, 1), 1);
	syscall(SYS_close, w);
	CHECK_EQ(read(p[0], &c, 1), 0);
	REQUIRE_OK(pipe(p));
	signal(SIGPIPE, SIG_IGN);
	syscall(SYS_close, p[0]);
	CHECK_ERR(write(p[1], "x", 1), EPIPE);
}

// POSIX record locks go with any descriptor of the file; those of flock with the last one.
CASE(locks) {
	int a = make_file("f", "x"), b = REQUIRE_OK(open("f", O_RDWR)), c = REQUIRE_OK(dup(a));
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	REQUIRE_OK(fcntl(a, F_SETLK, &l));
	syscall(SYS_close, b);
	IN_CHILD(NULL) {
		struct flock other = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		OBSERVE_RET("record lock after another descriptor's close", fcntl(a, F_GETLK, &other));
		OBSERVE("its type", "%d", other.l_type);
	}
	REQUIRE_OK(syscall(SYS_flock, a, LOCK_EX));
	syscall(SYS_close, a);
	int d = REQUIRE_OK(open("f", O_RDWR));
	OBSERVE_RET("flock while a dup lives", syscall(SYS_flock, d, LOCK_EX | LOCK_NB));
	syscall(SYS_close, c);
	OBSERVE_RET("flock after the last", syscall(SYS_flock, d, LOCK_EX | LOCK_NB));
}

static void *close_it(void *fd) { return (void *)syscall(SYS_close, (int)(long)fd); }

CASE(threads_share_the_table) {
	int fd = make_file("f", "x");
	CHECK_EQ((long)thread_join(thread_start(close_it, (void *)(long)fd)), 0);
	CHECK_ERR(syscall(SYS_close, fd), EBADF);
}

CASE(children_do_not) {
	int fd = make_file("f", "x");
	IN_CHILD(NULL) { CHECK_EQ(syscall(SYS_close, fd), 0); }
	CHECK_EQ(syscall(SYS_close, fd), 0);
}
