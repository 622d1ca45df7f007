// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sync_file_range: which ranges, flags and descriptors does it take?
#include "../harness/syncs.h"

static long call(int fd) { return syscall(SYS_sync_file_range, fd, 0l, 0l, 7); }
static int file;
static long bit(unsigned long f) {
	file = open("file", O_RDWR | O_CLOEXEC);
	long r = syscall(SYS_sync_file_range, file, 0l, 10l, f);
	int err = errno;
	close(file);
	errno = err;
	return r;
}

CASE(descriptors) { observe_sync_descriptors(call); }
CASE(sockets) { observe_sync_socket(call); }
CASE(keeps_everything) { check_sync_keeps(call); }
CASE(each_flag) { observe_flag_bits(bit, 32); }

CASE(ranges) {
	static const long ranges[][2] = {{0, 0}, {5, 100}, {100, 0}, {-1, 1}, {1, -1}, {LONG_MAX, 0}, {LONG_MAX, 1}, {LONG_MAX, LONG_MAX}, {LONG_MIN, 0}};
	int fd = make_file("f", "content");
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		OBSERVE_RET(name("%ld+%ld", ranges[i][0], ranges[i][1]), syscall(SYS_sync_file_range, fd, ranges[i][0], ranges[i][1], 7));
	OBSERVE_RET("bad fd, bad flag", syscall(SYS_sync_file_range, -1, 0l, 0l, 8));
	OBSERVE_RET("bad flag, bad range", syscall(SYS_sync_file_range, fd, -1l, 0l, 8));
}

CASE(pidfd) {
	int fd = syscall(SYS_pidfd_open, getpid(), 0);
	REQUIRE_OK(fd);
	OBSERVE_RET("sync_file_range", sync_file_range(fd, 0, 100, SYNC_FILE_RANGE_WRITE));
}
