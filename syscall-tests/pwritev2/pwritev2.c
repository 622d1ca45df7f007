// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pwritev2: pwritev with flags: RWF_APPEND and RWF_NOAPPEND decide where, the sync ones how far
#include "../harness/rw.h"

#define RWF_APPEND_ 0x10
#define RWF_NOAPPEND_ 0x20

static long one(int fd, void *buf, size_t n, off_t off) {
	struct iovec iov = {buf, n};
	return syscall(SYS_pwritev2, fd, &iov, 1, off, 0, 0);
}

static long vec(int fd, const struct iovec *iov, long count, off_t off, int flags) { return syscall(SYS_pwritev2, fd, iov, count, off, 0, flags); }

CASE(descriptors) {
	signal(SIGPIPE, SIG_IGN);
	observe_rw_descriptors(one);
}
CASE(buffers) { observe_rw_buffers(one, false); }
CASE(unseekable) { observe_rw_unseekable(one); }
CASE(counts) { observe_vec_counts(vec); }
CASE(pointers) { observe_vec_pointers(vec); }

// What one "XY" leaves behind, written to "content" at an offset with the position at 3.
static void try_place(const char *what, int open_flags, off_t off, int flags) {
	struct iovec iov = {"XY", 2};
	put_file("f", "content", 0644);
	int fd = REQUIRE_OK(open("f", O_RDWR | open_flags));
	REQUIRE_OK(lseek(fd, 3, SEEK_SET));
	OBSERVE_RET(what, syscall(SYS_pwritev2, fd, &iov, 1, off, 0, flags));
	OBSERVE(name("%s: after", what), "%s at %lld", read_file("f"), (long long)lseek(fd, 0, SEEK_CUR));
	close(fd);
}

CASE(where_it_goes) {
	try_place("at 1", 0, 1, 0);
	try_place("at -1", 0, -1, 0);
	try_place("at -2", 0, -2, 0);
	try_place("at 1, RWF_APPEND", 0, 1, RWF_APPEND_);
	try_place("at -1, RWF_APPEND", 0, -1, RWF_APPEND_);
	try_place("O_APPEND, at 1", O_APPEND, 1, 0);
	try_place("O_APPEND, at -1", O_APPEND, -1, 0);
}

CASE(noappend, "kernel>=6.9") {
	try_place("at 1", 0, 1, RWF_NOAPPEND_);
	try_place("O_APPEND, at 1", O_APPEND, 1, RWF_NOAPPEND_);
	try_place("O_APPEND, at -1", O_APPEND, -1, RWF_NOAPPEND_);
	try_place("both", 0, 1, RWF_APPEND_ | RWF_NOAPPEND_);
}

CASE(each_flag) {
	int fd = make_file("f", "content");
	struct iovec iov = {"abc", 3};
	for (int bit = 0; bit < 32; bit++) {
		// HIPRI, NOWAIT, ATOMIC and DONTCACHE are the file system's to support; each kernel adds further ones.
		if (bit == 0 || bit == 3 || bit == 6 || bit == 7 || (bit > 7 && bit < 30))
			continue;
		OBSERVE_RET(name("flag %#x", 1u << bit), syscall(SYS_pwritev2, fd, &iov, 1, 0l, 0, 1u << bit));
		OBSERVE(name("flag %#x: after", 1u << bit), "%s", entry_text("f"));
	}
	OBSERVE_RET("bad fd, bad flag", syscall(SYS_pwritev2, 99, &iov, 1, 0l, 0, 1 << 20));
}

CASE(nowait_on_a_full_pipe) {
	int p[2];
	static char big[65536];
	struct iovec iov = {big, 1};
	REQUIRE_OK(pipe(p));
	REQUIRE(write(p[1], big, sizeof big) == sizeof big);
	OBSERVE_RET("full", syscall(SYS_pwritev2, p[1], &iov, 1, -1l, 0, 8));
}

#include "../harness/mounts.h"
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

// On a file system in memory, which takes none of those flags that are the file system's to support.
CASE(flags_of_the_file_system, "root cap:21 kernel>=6.14") {
	IN_CHILD(NULL) {
		own_mounts();
		int fd = REQUIRE_OK(open("f", O_CREAT | O_RDWR, 0600));
		char text[8] = "content";
		struct iovec v = {text, 8};
		static const int flags[] = {1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 9, 0x48, 0x88, 0xc0, 0x18};
		for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
			OBSERVE_RET(name("pwritev2 %#x", flags[i]), syscall(SYS_pwritev2, fd, &v, 1, 0, 0, flags[i]));
			OBSERVE_RET(name("preadv2 %#x", flags[i]), syscall(SYS_preadv2, fd, &v, 1, 0, 0, flags[i]));
		}
		OBSERVE_RET("size", lseek(fd, 0, SEEK_END));
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
		{"mem", REQUIRE_OK(open("/proc/self/mem", O_RDWR))},
		{"uid_map", REQUIRE_OK(open("/proc/self/uid_map", O_RDWR))},
		{"pipe", p[1]},
		{"null", REQUIRE_OK(open("/dev/null", O_RDWR))},
	};
	char b[8] = "";
	struct iovec v = {b, 1}, zero = {b, 0};
	for (int i = 0; i < 12; i++)
		for (int bit = 0; bit < 10; bit++) {
			OBSERVE_OK(name("%s %#x", files[i].name, 1 << bit), vec(files[i].fd, &v, 1, -1, 1 << bit));
			OBSERVE_OK(name("nothing of %s %#x", files[i].name, 1 << bit), vec(files[i].fd, &zero, 1, -1, 1 << bit));
		}
}
