// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fstat: what every kind of descriptor says about itself
#include "../harness/stats.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static long through_fd(const char *path, struct stat *st) {
	int fd = open(path, O_PATH);
	long r = syscall(SYS_fstat, fd, st);
	close(fd);
	return r;
}

CASE(types) { observe_types(through_fd); }
CASE(buffer) { observe_stat_buffer(through_fd); }
CASE(identity) { check_identity(through_fd); }

CASE(bad_descriptors) {
	struct stat st;
	static const int fds[] = {-1, 99, AT_FDCWD, INT_MAX, INT_MIN};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		OBSERVE_RET(name("fd %d", fds[i]), syscall(SYS_fstat, fds[i], &st));
	OBSERVE_RET("bad fd, bad buffer", syscall(SYS_fstat, -1, bad_ptr()));
}

static void observe_fd(const char *what, int fd) {
	struct stat st;
	REQUIRE(fd >= 0);
	OBSERVE_RET(what, syscall(SYS_fstat, fd, &st));
	OBSERVE(name("%s: mode", what), "%o", st.st_mode);
	OBSERVE(name("%s: size", what), "%lld", (long long)st.st_size);
	OBSERVE(name("%s: links", what), "%d", (int)st.st_nlink);
	CHECK_EQ(st.st_uid, geteuid());
}

CASE(nameless) {
	int p[2];
	REQUIRE_OK(pipe(p));
	observe_fd("pipe", p[0]);
	observe_fd("pipe, other end", p[1]);
	observe_fd("memfd", memfd_create("m", 0));
	struct stat a, b;
	REQUIRE_OK(syscall(SYS_fstat, p[0], &a));
	REQUIRE_OK(syscall(SYS_fstat, p[1], &b));
	CHECK_EQ(a.st_ino, b.st_ino);
	REQUIRE(write(p[1], "abc", 3) == 3);
	observe_fd("pipe with 3 bytes", p[0]);
}

CASE(sockets) {
	int s[2];
	struct stat a, b;
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	observe_fd("socket", s[0]);
	REQUIRE_OK(syscall(SYS_fstat, s[0], &a));
	REQUIRE_OK(syscall(SYS_fstat, s[1], &b));
	CHECK(a.st_ino != b.st_ino);
}

CASE(anonymous_inodes) {
	struct stat st;
	const int fds[] = {eventfd(0, 0), epoll_create1(0), timerfd_create(CLOCK_MONOTONIC, 0)};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		OBSERVE_RET(name("%zu", i), syscall(SYS_fstat, fds[i], &st));
		OBSERVE(name("%zu: mode", i), "%o", st.st_mode);
	}
}

CASE(unlinked) {
	struct stat st;
	int fd = make_file("f", "content");
	put_dir("d", 0755);
	int dir = REQUIRE_OK(open("d", O_RDONLY));
	REQUIRE_OK(unlink("f"));
	REQUIRE_OK(rmdir("d"));
	REQUIRE_OK(syscall(SYS_fstat, fd, &st));
	OBSERVE("file", "%s", stat_text(&st));
	REQUIRE_OK(syscall(SYS_fstat, dir, &st));
	CHECK_EQ(st.st_nlink, 0);
}
