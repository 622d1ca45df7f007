// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ftruncate: truncate of a descriptor open for writing
#include "../harness/truncates.h"

static long call(const char *path, long length) {
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	long r = syscall(SYS_ftruncate, fd, length);
	int err = errno;
	close(fd);
	errno = err;
	return r;
}

CASE(lengths) { observe_truncate_lengths(call); }
CASE(zeros) { check_truncate_zeros(call); }
CASE(limit) { observe_truncate_limit(call); }
CASE(times) { observe_truncate_times(call); }
CASE(setid_bits, "root") { observe_truncate_setid(call); }

CASE(descriptors) {
	int p[2];
	put_file("f", "content", 0644);
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("-1", syscall(SYS_ftruncate, -1, 3));
	OBSERVE_RET("99", syscall(SYS_ftruncate, 99, 3));
	OBSERVE_RET("O_RDONLY", syscall(SYS_ftruncate, open("f", O_RDONLY), 3));
	OBSERVE_RET("O_PATH", syscall(SYS_ftruncate, open("f", O_PATH), 3));
	OBSERVE_RET("directory", syscall(SYS_ftruncate, open(".", O_RDONLY), 3));
	OBSERVE_RET("pipe", syscall(SYS_ftruncate, p[1], 3));
	OBSERVE_RET("/dev/null", syscall(SYS_ftruncate, open("/dev/null", O_RDWR), 3));
	OBSERVE_RET("O_APPEND", syscall(SYS_ftruncate, open("f", O_RDWR | O_APPEND), 3));
	OBSERVE_RET("bad fd, negative", syscall(SYS_ftruncate, -1, -1l));
	OBSERVE_RET("O_RDONLY, negative", syscall(SYS_ftruncate, open("f", O_RDONLY), -1l));
	OBSERVE("file", "%s", entry_text("f"));
}

CASE(mapping_beyond_the_end) {
	int st, fd = make_file("f", "");
	REQUIRE_OK(syscall(SYS_ftruncate, fd, 8192));
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(p != MAP_FAILED);
	p[8191] = 'x';
	CHECK_OK(syscall(SYS_ftruncate, fd, 100));
	p[200] = 'y';
	IN_CHILD(&st) { *(volatile char *)(p + 4096); }
	OBSERVE_STATUS("touch of a page beyond", st);
	CHECK_OK(syscall(SYS_ftruncate, fd, 8192));
	CHECK_EQ(p[8191], 0);
}

CASE(memfd_seals) {
	int fd = REQUIRE_OK(memfd_create("m", MFD_ALLOW_SEALING));
	REQUIRE_OK(syscall(SYS_ftruncate, fd, 100));
	REQUIRE_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	OBSERVE_RET("shrink", syscall(SYS_ftruncate, fd, 50));
	OBSERVE_RET("grow", syscall(SYS_ftruncate, fd, 150));
	REQUIRE_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	OBSERVE_RET("grow, sealed", syscall(SYS_ftruncate, fd, 200));
	OBSERVE_RET("same", syscall(SYS_ftruncate, fd, 150));
}

CASE(pidfd) {
	int fd = syscall(SYS_pidfd_open, getpid(), 0);
	REQUIRE_OK(fd);
	OBSERVE_RET("ftruncate", ftruncate(fd, 1));
	OBSERVE_RET("nothing", ftruncate(fd, 0));
}

CASE(pidfd_beyond_2_gib) {
	static const long sizes[] = {INT_MAX, INT_MAX + 1l, LONG_MAX, -1};
	int fd = REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		OBSERVE_RET(name("%ld", sizes[i]), syscall(SYS_ftruncate, fd, sizes[i]));
}
