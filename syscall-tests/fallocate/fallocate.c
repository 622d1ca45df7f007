// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fallocate: room made, kept out of the size, punched out; which modes go together?
#include "../harness/files.h"
#include <sys/resource.h>

#include <linux/falloc.h>
#include <mqueue.h>

static long call(int fd, int mode, long off, long len) { return syscall(SYS_fallocate, fd, mode, off, len); }

CASE(ranges) {
	static const long ranges[][2] = {{0, 10}, {0, 0}, {-1, 10}, {0, -1}, {5, 0}, {100, 10}, {LONG_MAX, 1}, {LONG_MAX, LONG_MAX}, {1, LONG_MAX}, {-5, -5}};
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		int fd = make_file("f", "content");
		OBSERVE_RET(name("%ld+%ld", ranges[i][0], ranges[i][1]), call(fd, 0, ranges[i][0], ranges[i][1]));
		OBSERVE(name("%ld+%ld: file", ranges[i][0], ranges[i][1]), "%s", entry_text("f"));
		close(fd);
	}
}

CASE(extends_with_zeros) {
	char buf[16];
	int fd = make_file("f", "content");
	CHECK_OK(call(fd, 0, 0, 12));
	CHECK_EQ(pread(fd, buf, 16, 0), 12);
	CHECK_EQ(memcmp(buf, "content\0\0\0\0\0", 12), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
}

CASE(keep_size) {
	int fd = make_file("f", "content");
	CHECK_OK(call(fd, FALLOC_FL_KEEP_SIZE, 0, 100000));
	CHECK_EQ(stat_of("f").st_size, 7);
}

CASE(punch_hole, "fs:fallocate") {
	static char buf[12288];
	int fd = make_file("f", "");
	memset(buf, 'x', sizeof buf);
	REQUIRE(write(fd, buf, sizeof buf) == sizeof buf);
	CHECK_ERR(call(fd, FALLOC_FL_PUNCH_HOLE, 0, 100), EOPNOTSUPP);
	CHECK_OK(call(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4000, 4200));
	CHECK_EQ(pread(fd, buf, sizeof buf, 0), 12288);
	int zeros = 0;
	for (int i = 0; i < 12288; i++)
		zeros += buf[i] == 0;
	CHECK_EQ(zeros, 4200);
	CHECK_EQ(buf[3999], 'x');
	CHECK_EQ(buf[8200], 'x');
	CHECK_OK(call(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 12000, 100000));
	CHECK_EQ(stat_of("f").st_size, 12288);
	OBSERVE_RET("all beyond the end", call(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100000, 100));
}

// Combinations that no file system takes.
CASE(refused_modes) {
	static const int modes[] = {0x100, 0x4, 0x80000000, 0x2 | 0x10, 0x8 | 0x1, 0x20 | 0x1, 0x8 | 0x20, 0x40 | 0x2, 0x12 | 1};
	int fd = make_file("f", "content");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		OBSERVE_RET(name("mode %#x", modes[i]), call(fd, modes[i], 0, 4096));
}

CASE(descriptors) {
	int p[2];
	put_file("f", "content", 0644);
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("-1", call(-1, 0, 0, 10));
	OBSERVE_RET("O_RDONLY", call(open("f", O_RDONLY), 0, 0, 10));
	OBSERVE_RET("O_PATH", call(open("f", O_PATH), 0, 0, 10));
	OBSERVE_RET("directory", call(open(".", O_RDONLY), 0, 0, 10));
	OBSERVE_RET("pipe", call(p[1], 0, 0, 10));
	OBSERVE_RET("/dev/null", call(open("/dev/null", O_RDWR), 0, 0, 10));
	OBSERVE_RET("bad fd, bad range", call(-1, 0, -1, -1));
	OBSERVE_RET("O_APPEND", call(open("f", O_RDWR | O_APPEND), 0, 0, 10));
}

CASE(limit) {
	int fd = make_file("f", "content");
	sig_catch(SIGXFSZ, 0);
	limit_fsize(10);
	OBSERVE_RET("to the limit", call(fd, 0, 0, 10));
	OBSERVE_RET("beyond", call(fd, 0, 0, 11));
	OBSERVE("signals", "%d", sig_count[SIGXFSZ]);
	OBSERVE("file", "%s", entry_text("f"));
}

CASE(times) {
	int fd = make_file("f", "content");
	struct stat f = stat_of("f");
	next_stamp();
	CHECK_OK(call(fd, 0, 0, 100));
	OBSERVE("times", "%s", times_moved(&f, "f"));
}

// On tmpfs, which can't do all.
CASE(modes_on_tmpfs, "file:/dev/shm") {
	char path[64];
	snprintf(path, sizeof path, "/dev/shm/fallocate-%d", getpid());
	int fd = REQUIRE_OK(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	unlink(path);
	REQUIRE(write(fd, "some data", 9) == 9);
	for (int mode = 2; mode < 0x100; mode <<= 1)
		for (int keep = 0; keep < 2; keep++)
			OBSERVE_RET(name("mode %#x, keep %d", mode, keep), syscall(SYS_fallocate, fd, mode | keep, 4096, 4096));
	int reader = REQUIRE_OK(open("r", O_CREAT | O_RDONLY | O_CLOEXEC, 0600));
	OBSERVE_RET("read only, mode 0x80", syscall(SYS_fallocate, reader, 0x80, 0, 4096));
}

CASE(limit_where_the_size_stays, "file:/dev/shm") {
	signal(SIGXFSZ, SIG_IGN);
	for (int shm = 0; shm < 2; shm++) {
		char path[64] = "limited";
		if (shm)
			snprintf(path, sizeof path, "/dev/shm/limited.%d", getpid());
		int fd = REQUIRE_OK(open(path, O_RDWR | O_CREAT | O_EXCL, 0644));
		unlink(path);
		REQUIRE_OK(ftruncate(fd, 100));
		IN_CHILD(NULL) {
			struct rlimit r = {50, RLIM_INFINITY};
			REQUIRE_OK(setrlimit(RLIMIT_FSIZE, &r));
			const char *where = shm ? "tmpfs" : "here";
			OBSERVE_RET(name("%s: within the size", where), syscall(SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE, 0L, 80L));
			OBSERVE_RET(name("%s: beyond it", where), syscall(SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE, 0L, 120L));
			OBSERVE_RET(name("%s: a hole", where), syscall(SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0L, 4096L));
		}
		close(fd);
	}
}

CASE(pidfd) {
	int fd = syscall(SYS_pidfd_open, getpid(), 0);
	REQUIRE_OK(fd);
	OBSERVE_RET("fallocate", fallocate(fd, 0, 0, 4096));
	OBSERVE_RET("FALLOC_FL_INSERT_RANGE", fallocate(fd, 32, 4096, 4096));
}

static int queue(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
	int q = REQUIRE_OK(mq_open("/kinds", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr));
	mq_unlink("/kinds");
	return q;
}

CASE(message_queue) {
	int q = queue();
	for (int bit = 0; bit < 9; bit++)
		OBSERVE_RET(name("mode %#x", 1 << bit), syscall(SYS_fallocate, q, 1 << bit, 1l, 1l));
	OBSERVE_RET("plain", syscall(SYS_fallocate, q, 0, 0l, 1l));
	OBSERVE_RET("nothing", syscall(SYS_fallocate, q, 0, 0l, 0l));
	OBSERVE_RET("too far", syscall(SYS_fallocate, q, 0, INT64_MAX, 1l));
}
