// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pread64: read at an offset, the position untouched; which offsets and files does it take?
#include "../harness/rw.h"
#include <sys/socket.h>

static long try_pread(int fd, void *buf, size_t n, off_t off) { return syscall(SYS_pread64, fd, buf, n, off); }

CASE(descriptors) { observe_rw_descriptors(try_pread); }
CASE(buffers) { observe_rw_buffers(try_pread, false); }
CASE(lengths) { observe_rw_lengths(try_pread); }
CASE(offsets) { observe_rw_offsets(try_pread); }
CASE(unseekable) { observe_rw_unseekable(try_pread); }

CASE(leaves_the_position) {
	int fd = make_file("f", "0123456789");
	char buf[8] = "";
	lseek(fd, 5, SEEK_SET);
	CHECK_EQ(syscall(SYS_pread64, fd, buf, 3, 2), 3);
	CHECK_STR(buf, "234");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 5);
	CHECK_EQ(syscall(SYS_pread64, fd, buf, 8, 8), 2);
	CHECK_EQ(syscall(SYS_pread64, fd, buf, 8, 10), 0);
}

CASE(memory_ends_within_the_buffer) {
	int fd = make_file("f", repeat("content", 7000, ""));
	OBSERVE_RET("over the end", syscall(SYS_pread64, fd, guard_end(10), 100, 0));
	OBSERVE_RET("over the end, across a page of the file", syscall(SYS_pread64, fd, guard_end(10), 100, 4090));
}

// A process's descriptor has positions, for it is a regular file within, but nothing to read or write; a socket has none, which
// counts before the memory.
CASE(pidfd_and_streams) {
	char c = 0;
	int p[2], fd = syscall(SYS_pidfd_open, getpid(), 0);
	REQUIRE_OK(fd);
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	OBSERVE_RET("pidfd", syscall(SYS_pread64, fd, &c, 1, 1));
	OBSERVE_RET("pidfd, bad memory", syscall(SYS_pread64, fd, -4096l, 1, 1));
	OBSERVE_RET("socket, bad memory", syscall(SYS_pread64, p[0], -4096l, 1, 1));
	OBSERVE_RET("pidfd, lseek", lseek(fd, 0, SEEK_CUR));
}
