// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// preadv: readv at an offset; the upper offset argument is nothing on a 64-bit machine
#include "../harness/rw.h"

static long one(int fd, void *buf, size_t n, off_t off) {
	struct iovec iov = {buf, n};
	return syscall(SYS_preadv, fd, &iov, 1, off, 0);
}

static long vec(int fd, const struct iovec *iov, long count, off_t off, int none) { return syscall(SYS_preadv, fd, iov, count, off, 0); }

CASE(descriptors) { observe_rw_descriptors(one); }
CASE(buffers) { observe_rw_buffers(one, false); }
CASE(lengths) { observe_rw_lengths(one); }
CASE(offsets) { observe_rw_offsets(one); }
CASE(unseekable) { observe_rw_unseekable(one); }
CASE(counts) { observe_vec_counts(vec); }
CASE(pointers) { observe_vec_pointers(vec); }

CASE(at_an_offset) {
	int fd = make_file("f", "0123456789");
	char a[4] = "", b[8] = "";
	struct iovec iov[] = {{a, 2}, {b, 4}};
	lseek(fd, 1, SEEK_SET);
	CHECK_EQ(syscall(SYS_preadv, fd, iov, 2, 5l, 0), 5);
	CHECK_STR(a, "56");
	CHECK_STR(b, "789");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 1);
	OBSERVE_RET("upper half set", syscall(SYS_preadv, fd, iov, 2, 5l, 1l));
}
