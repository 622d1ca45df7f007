// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pwritev: writev at an offset, the position untouched
#include "../harness/rw.h"

static long one(int fd, void *buf, size_t n, off_t off) {
	struct iovec iov = {buf, n};
	return syscall(SYS_pwritev, fd, &iov, 1, off, 0);
}

static long vec(int fd, const struct iovec *iov, long count, off_t off, int none) { return syscall(SYS_pwritev, fd, iov, count, off, 0); }

CASE(descriptors) {
	signal(SIGPIPE, SIG_IGN);
	observe_rw_descriptors(one);
}
CASE(buffers) { observe_rw_buffers(one, false); }
CASE(unseekable) { observe_rw_unseekable(one); }
CASE(counts) { observe_vec_counts(vec); }
CASE(pointers) { observe_vec_pointers(vec); }

CASE(at_an_offset) {
	int fd = make_file("f", "0123456789");
	struct iovec iov[] = {{"ab", 2}, {"cd", 2}};
	lseek(fd, 1, SEEK_SET);
	CHECK_EQ(syscall(SYS_pwritev, fd, iov, 2, 8l, 0), 4);
	CHECK_STR(read_file("f"), "01234567abcd");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 1);
	OBSERVE_RET("-1", syscall(SYS_pwritev, fd, iov, 2, -1l, 0));
	OBSERVE_RET("LLONG_MAX", syscall(SYS_pwritev, fd, iov, 2, LLONG_MAX, 0));
	OBSERVE_RET("-1, nothing", syscall(SYS_pwritev, fd, iov, 0, -1l, 0));
}

CASE(append_wins) {
	put_file("f", "content", 0644);
	int fd = REQUIRE_OK(open("f", O_WRONLY | O_APPEND));
	struct iovec iov = {"x", 1};
	CHECK_EQ(syscall(SYS_pwritev, fd, &iov, 1, 0l, 0), 1);
	CHECK_STR(read_file("f"), "contentx");
}
