// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lseek: which positions are there, in files, directories, pipes and devices, and where do data and holes begin?
#include "../harness/files.h"
#include <mqueue.h>
#include <limits.h>

static long seek(int fd, off_t off, int whence) { return syscall(SYS_lseek, fd, off, whence); }

CASE(whence) {
	int fd = make_file("f", "0123456789");
	CHECK_EQ(seek(fd, 4, SEEK_SET), 4);
	CHECK_EQ(seek(fd, 3, SEEK_CUR), 7);
	CHECK_EQ(seek(fd, -7, SEEK_CUR), 0);
	CHECK_EQ(seek(fd, -1, SEEK_END), 9);
	CHECK_EQ(seek(fd, 100, SEEK_END), 110);
	CHECK_EQ(stat_of("f").st_size, 10);
	CHECK_ERR(seek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERR(seek(fd, -11, SEEK_END), EINVAL);
	CHECK_ERR(seek(fd, -111, SEEK_CUR), EINVAL);
	CHECK_EQ(seek(fd, 0, SEEK_CUR), 110);
}

CASE(unknown_whence) {
	int fd = make_file("f", "0123456789"), p[2];
	static const int whence[] = {-1, 5, 6, 100, INT_MAX, INT_MIN};
	REQUIRE_OK(pipe(p));
	for (size_t i = 0; i < ARRAY_SIZE(whence); i++) {
		OBSERVE_RET(name("whence %d", whence[i]), seek(fd, 0, whence[i]));
		OBSERVE_RET(name("whence %d, pipe", whence[i]), seek(p[0], 0, whence[i]));
		OBSERVE_RET(name("whence %d, bad fd", whence[i]), seek(99, 0, whence[i]));
	}
}

CASE(overflow) {
	int fd = make_file("f", "0123456789");
	OBSERVE_RET("SET LLONG_MIN", seek(fd, LLONG_MIN, SEEK_SET));
	OBSERVE_RET("END LLONG_MAX", seek(fd, LLONG_MAX, SEEK_END));
	OBSERVE_RET("CUR LLONG_MIN", seek(fd, LLONG_MIN, SEEK_CUR));
	CHECK_EQ(seek(fd, 1l << 40, SEEK_SET), 1l << 40);
	OBSERVE_RET("CUR LLONG_MAX", seek(fd, LLONG_MAX, SEEK_CUR));
	OBSERVE_RET("position", seek(fd, 0, SEEK_CUR));
}

CASE(unseekable) {
	int p[2];
	static const int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE};
	put_file("f", "x", 0644);
	REQUIRE_OK(pipe(p));
	int path = REQUIRE_OK(open("f", O_PATH));
	for (size_t i = 0; i < ARRAY_SIZE(whence); i++) {
		OBSERVE_RET(name("pipe, %d", whence[i]), seek(p[0], 0, whence[i]));
		OBSERVE_RET(name("O_PATH, %d", whence[i]), seek(path, 0, whence[i]));
		OBSERVE_RET(name("bad fd, %d", whence[i]), seek(-1, 0, whence[i]));
	}
}

CASE(devices) {
	static const char *const devs[] = {"/dev/null", "/dev/zero", "/dev/full"};
	for (size_t i = 0; i < ARRAY_SIZE(devs); i++) {
		int fd = REQUIRE_OK(open(devs[i], O_RDONLY));
		OBSERVE_RET(name("%s SET 100", devs[i]), seek(fd, 100, SEEK_SET));
		OBSERVE_RET(name("%s CUR 5", devs[i]), seek(fd, 5, SEEK_CUR));
		OBSERVE_RET(name("%s END 0", devs[i]), seek(fd, 0, SEEK_END));
		OBSERVE_RET(name("%s SET -1", devs[i]), seek(fd, -1, SEEK_SET));
	}
}

// Where a hole begins within a file is the file system's business; that the end is one is not.
CASE(data_and_holes) {
	int fd = make_file("f", "0123456789");
	CHECK_EQ(seek(fd, 0, SEEK_DATA), 0);
	CHECK_EQ(seek(fd, 4, SEEK_DATA), 4);
	CHECK_EQ(seek(fd, 4, SEEK_HOLE), 10);
	OBSERVE_RET("position", seek(fd, 0, SEEK_CUR));
	CHECK_ERR(seek(fd, 10, SEEK_DATA), ENXIO);
	CHECK_ERR(seek(fd, 10, SEEK_HOLE), ENXIO);
	CHECK_ERR(seek(fd, -1, SEEK_DATA), ENXIO);
	OBSERVE_RET("HOLE -1", seek(fd, -1, SEEK_HOLE));
	int empty = make_file("e", "");
	CHECK_ERR(seek(empty, 0, SEEK_DATA), ENXIO);
	CHECK_ERR(seek(empty, 0, SEEK_HOLE), ENXIO);
}

CASE(sparse_file) {
	int fd = make_file("f", "");
	REQUIRE_OK(ftruncate(fd, 3 << 20));
	REQUIRE(pwrite(fd, "x", 1, 1 << 20) == 1);
	off_t data = seek(fd, 0, SEEK_DATA), hole = seek(fd, 1 << 20, SEEK_HOLE);
	CHECK(data <= 1 << 20);
	CHECK(hole > 1 << 20 && hole <= 3 << 20);
}

// A file that is all hole is looked through at once, however large.
CASE(sparse_without_end) {
	int fd = make_file("f", "");
	REQUIRE_OK(ftruncate(fd, 1l << 43));
	CHECK_ERR(seek(fd, 0, SEEK_DATA), ENXIO);
	CHECK_EQ(seek(fd, 12345, SEEK_HOLE), 12345);
	REQUIRE(pwrite(fd, "x", 1, 0) == 1);
	CHECK_EQ(seek(fd, 0, SEEK_DATA), 0);
	CHECK_ERR(seek(fd, 1 << 20, SEEK_DATA), ENXIO);
	CHECK_EQ(seek(fd, 1l << 42, SEEK_HOLE), 1l << 42);
	CHECK_ERR(seek(fd, 1l << 43, SEEK_HOLE), ENXIO);
}

CASE(directory) {
	put_dir("d", 0755);
	int fd = REQUIRE_OK(open("d", O_RDONLY));
	CHECK_EQ(seek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(seek(fd, 0, SEEK_CUR), 0);
	OBSERVE_RET("SET -1", seek(fd, -1, SEEK_SET));
}

CASE(shared_by_dup_and_fork) {
	int fd = make_file("f", "0123456789"), copy = REQUIRE_OK(dup(fd)), own = REQUIRE_OK(open("f", O_RDONLY));
	CHECK_EQ(seek(fd, 3, SEEK_SET), 3);
	CHECK_EQ(seek(copy, 0, SEEK_CUR), 3);
	IN_CHILD(NULL) { CHECK_EQ(seek(copy, 2, SEEK_CUR), 5); }
	CHECK_EQ(seek(fd, 0, SEEK_CUR), 5);
	CHECK_EQ(seek(own, 0, SEEK_CUR), 0);
}

static int queue(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
	int q = REQUIRE_OK(mq_open("/kinds", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr));
	mq_unlink("/kinds");
	return q;
}

CASE(message_queue) {
	static const int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE, 5};
	static const long offs[] = {0, 1, -1, 79, 80, 81, 1000, LONG_MIN, LONG_MAX};
	int q = queue();
	for (int w = 0; w < 6; w++)
		for (int i = 0; i < 9; i++)
			OBSERVE_RET(name("whence %d, %ld", whence[w], offs[i]), seek(q, offs[i], whence[w]));
}
