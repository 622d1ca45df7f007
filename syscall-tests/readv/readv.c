// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// readv: several buffers in one call: how many, of what lengths, where may they lie, and what of a bad one in the middle?
#include "../harness/rw.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static long one(int fd, void *buf, size_t n, off_t unused) {
	struct iovec iov = {buf, n};
	return syscall(SYS_readv, fd, &iov, 1);
}

static long vec(int fd, const struct iovec *iov, long count, off_t unused, int none) { return syscall(SYS_readv, fd, iov, count); }

CASE(descriptors) {
	signal(SIGPIPE, SIG_IGN);
	observe_rw_descriptors(one);
}
CASE(buffers) { observe_rw_buffers(one, true); }
CASE(counts) { observe_vec_counts(vec); }
CASE(pointers) { observe_vec_pointers(vec); }
CASE(lengths) { observe_rw_lengths(one); }

CASE(fills_one_after_the_other) {
	int fd = make_file("f", "0123456789");
	char a[4] = "", b[4] = "", c[8] = "";
	struct iovec iov[] = {{a, 3}, {b, 0}, {b, 2}, {c, 7}};
	CHECK_EQ(syscall(SYS_readv, fd, iov, 4), 10);
	CHECK_STR(a, "012");
	CHECK_STR(b, "34");
	CHECK_STR(c, "56789");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 10);
	CHECK_EQ(syscall(SYS_readv, fd, iov, 4), 0);
}

CASE(bad_one_in_the_middle) {
	int p[2], fd = make_file("f", "0123456789");
	char a[4] = "", c[4] = "";
	struct iovec iov[] = {{a, 3}, {bad_ptr(), 3}, {c, 3}};
	OBSERVE_RET("file", syscall(SYS_readv, fd, iov, 3));
	OBSERVE_RET("position", lseek(fd, 0, SEEK_CUR));
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE(write(p[1], "0123456789", 10) == 10);
	OBSERVE_RET("pipe", syscall(SYS_readv, p[0], iov, 3));
	OBSERVE("first", "%.3s", a);
}

CASE(overlapping_buffers) {
	int fd = make_file("f", "0123456789");
	char a[8] = "";
	struct iovec iov[] = {{a, 4}, {a + 2, 4}};
	CHECK_EQ(syscall(SYS_readv, fd, iov, 2), 8);
	CHECK_STR(a, "014567");
}

CASE(interrupted) {
	int p[2];
	char c;
	struct iovec iov = {&c, 1};
	REQUIRE_OK(pipe(p));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(syscall(SYS_readv, p[0], &iov, 1), EINTR);
	CHECK(interrupt_done(&it));
}

// A call that moves nothing still asks whether the file can be read at all.
CASE(nothing_from_files_of_every_kind) {
	int pipes[2], sockets[2];
	sigset_t set;
	sigemptyset(&set);
	REQUIRE_OK(pipe(pipes));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	const struct {
		const char *name;
		int fd;
	} files[] = {{"epoll", epoll_create1(0)},
		     {"timerfd", timerfd_create(CLOCK_MONOTONIC, 0)},
		     {"eventfd", eventfd(0, 0)},
		     {"signalfd", signalfd(-1, &set, 0)},
		     {"inotify", inotify_init1(0)},
		     {"pidfd", syscall(SYS_pidfd_open, getpid(), 0)},
		     {"memfd", memfd_create("m", 0)},
		     {"pipe to read", pipes[0]},
		     {"pipe to write", pipes[1]},
		     {"socket", sockets[0]},
		     {"directory", open(".", O_RDONLY)},
		     {"namespace", open("/proc/self/ns/uts", O_RDONLY)},
		     {"null", open("/dev/null", O_RDWR)},
		     {"proc", open("/proc/self/status", O_RDONLY)},
		     {"reader", open("/proc/self/comm", O_WRONLY)}};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		REQUIRE_OK(files[i].fd);
		struct iovec empty = {.iov_base = &empty, .iov_len = 0};
		OBSERVE_RET(name("%s, no ranges", files[i].name), syscall(SYS_readv, files[i].fd, NULL, 0));
		OBSERVE_RET(name("%s, an empty one", files[i].name), syscall(SYS_readv, files[i].fd, &empty, 1));
		OBSERVE_RET(name("%s, bad ranges", files[i].name), syscall(SYS_readv, files[i].fd, bad_ptr(), 1));
		OBSERVE_RET(name("%s, no ranges written", files[i].name), syscall(SYS_writev, files[i].fd, NULL, 0));
		OBSERVE_RET(name("%s, an empty one written", files[i].name), syscall(SYS_writev, files[i].fd, &empty, 1));
		OBSERVE_RET(name("%s, bad ranges written", files[i].name), syscall(SYS_writev, files[i].fd, bad_ptr(), 1));
	}
}
