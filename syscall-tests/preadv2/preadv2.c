// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// preadv2: preadv with flags, where the offset -1 means the position
#include "../harness/rw.h"
#include <sys/uio.h>
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static long one(int fd, void *buf, size_t n, off_t off) {
	struct iovec iov = {buf, n};
	return syscall(SYS_preadv2, fd, &iov, 1, off, 0, 0);
}

static long vec(int fd, const struct iovec *iov, long count, off_t off, int flags) { return syscall(SYS_preadv2, fd, iov, count, off, 0, flags); }

CASE(descriptors) { observe_rw_descriptors(one); }
CASE(buffers) { observe_rw_buffers(one, false); }
CASE(lengths) { observe_rw_lengths(one); }
CASE(offsets) { observe_rw_offsets(one); }
CASE(unseekable) { observe_rw_unseekable(one); }
CASE(counts) { observe_vec_counts(vec); }
CASE(pointers) { observe_vec_pointers(vec); }

CASE(position_by_minus_one) {
	int fd = make_file("f", "0123456789");
	char a[4] = "";
	struct iovec iov = {a, 3};
	CHECK_EQ(syscall(SYS_preadv2, fd, &iov, 1, -1l, 0, 0), 3);
	CHECK_STR(a, "012");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
	CHECK_EQ(syscall(SYS_preadv2, fd, &iov, 1, 7l, 0, 0), 3);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
	OBSERVE_RET("-1 in both halves", syscall(SYS_preadv2, fd, &iov, 1, -1l, -1l, 0));
	OBSERVE_RET("position", lseek(fd, 0, SEEK_CUR));
	OBSERVE_RET("-2", syscall(SYS_preadv2, fd, &iov, 1, -2l, 0, 0));
}

CASE(pipe_by_minus_one) {
	int p[2];
	char a[4] = "";
	struct iovec iov = {a, 3};
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE(write(p[1], "abc", 3) == 3);
	CHECK_EQ(syscall(SYS_preadv2, p[0], &iov, 1, -1l, 0, 0), 3);
	CHECK_STR(a, "abc");
	OBSERVE_RET("at 0", syscall(SYS_preadv2, p[0], &iov, 1, 0l, 0, 0));
}

// RWF_HIPRI, RWF_NOWAIT, RWF_ATOMIC and RWF_DONTCACHE are the file system's to support; each kernel adds further ones.
CASE(each_flag) {
	int fd = make_file("f", "content");
	char a[4];
	struct iovec iov = {a, 3};
	for (int bit = 0; bit < 32; bit++) {
		if (bit == 0 || bit == 3 || bit == 6 || bit == 7 || (bit > 7 && bit < 30))
			continue;
		OBSERVE_RET(name("flag %#x", 1u << bit), syscall(SYS_preadv2, fd, &iov, 1, 0l, 0, 1u << bit));
		OBSERVE_RET(name("flag %#x, nothing", 1u << bit), syscall(SYS_preadv2, fd, &iov, 0, 0l, 0, 1u << bit));
	}
	OBSERVE_RET("bad fd, bad flag", syscall(SYS_preadv2, 99, &iov, 1, 0l, 0, 1 << 20));
	OBSERVE_RET("APPEND|NOAPPEND", syscall(SYS_preadv2, fd, &iov, 1, 0l, 0, 0x30));
}

CASE(nowait_on_an_empty_pipe) {
	int p[2];
	char c;
	struct iovec iov = {&c, 1};
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("empty", syscall(SYS_preadv2, p[0], &iov, 1, -1l, 0, 8));
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE_RET("full", syscall(SYS_preadv2, p[0], &iov, 1, -1l, 0, 8));
}

CASE(flags_on_a_directory) {
	char c;
	struct iovec v = {&c, 1};
	int fd = open(".", O_RDONLY | O_DIRECTORY);
	REQUIRE_OK(fd);
	OBSERVE_RET("none", syscall(SYS_preadv2, fd, &v, 1, 0, 0, 0));
	OBSERVE_RET("RWF_HIPRI", syscall(SYS_preadv2, fd, &v, 1, 0, 0, 1));
	OBSERVE_RET("RWF_APPEND", syscall(SYS_preadv2, fd, &v, 1, 0, 0, 16));
	OBSERVE_RET("RWF_SYNC", syscall(SYS_preadv2, fd, &v, 1, 0, 0, 4));
}

// A position that no byte can have comes before the flags.
CASE(flags_at_the_end_of_all_positions) {
	char c;
	struct iovec v = {&c, 1};
	static const long at[] = {0x7fffffffffffffff, 0x7ffffffffffffffe};
	int dir = REQUIRE_OK(open(".", O_RDONLY | O_DIRECTORY)), file = REQUIRE_OK(open("f", O_RDWR | O_CREAT, 0600));
	for (int i = 0; i < 2; i++)
		for (int flags = 0; flags < 1 << 10; flags = flags ? flags << 1 : 1) {
			OBSERVE_RET(name("directory, %lx, %x", at[i], flags), syscall(SYS_preadv2, dir, &v, 1, at[i], 0, flags));
			if (i == 0)
				OBSERVE_RET(name("file, %x", flags), syscall(SYS_preadv2, file, &v, 1, at[i], 0, flags));
		}
}

static int queue(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
	int q = REQUIRE_OK(mq_open("/kinds", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr));
	mq_unlink("/kinds");
	return q;
}

// Each flag on files that have no operation that knows of any (read and write of old).
CASE(flags_of_plain_files, "root") {
	int p[2];
	sigset_t none;
	sigemptyset(&none);
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	struct { const char *name; int fd; } files[] = {
		{"eventfd", REQUIRE_OK(eventfd(5, EFD_NONBLOCK))},
		{"timerfd", REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK))},
		{"signalfd", REQUIRE_OK(signalfd(-1, &none, SFD_NONBLOCK))},
		{"inotify", REQUIRE_OK(inotify_init1(IN_NONBLOCK))},
		{"fanotify", REQUIRE_OK(syscall(SYS_fanotify_init, 2, 0))},
		{"queue", queue()},
		{"epoll", REQUIRE_OK(epoll_create1(0))},
		{"comm", REQUIRE_OK(open("/proc/self/comm", O_RDWR))},
		{"uptime", REQUIRE_OK(open("/proc/uptime", O_RDONLY))},
		{"mem", REQUIRE_OK(open("/proc/self/mem", O_RDWR))},
		{"uid_map", REQUIRE_OK(open("/proc/self/uid_map", O_RDWR))},
		{"pipe", p[0]},
		{"null", REQUIRE_OK(open("/dev/null", O_RDWR))},
	};
	char b[8] = "";
	struct iovec v = {b, 1}, zero = {b, 0};
	for (int i = 0; i < 13; i++)
		for (int bit = 0; bit < 10; bit++) {
			OBSERVE_OK(name("%s %#x", files[i].name, 1 << bit), vec(files[i].fd, &v, 1, -1, 1 << bit));
			OBSERVE_OK(name("%s %#x at 0", files[i].name, 1 << bit), vec(files[i].fd, &v, 1, 0, 1 << bit));
			OBSERVE_OK(name("nothing of %s %#x", files[i].name, 1 << bit), vec(files[i].fd, &zero, 1, -1, 1 << bit));
		}
}
