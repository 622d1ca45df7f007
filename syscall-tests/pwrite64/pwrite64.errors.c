// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pwrite64: what is said of descriptors that can't be written to?
#include "../harness/rwerrors.h"

WRITE_ERRORS(syscall(SYS_pwrite64, fd, buf, n, 0L))

// On tmpfs a write that finds nothing to read has made its page by then, and the file reaches as far.
static void observe_unreadable(const char *what, int fd, off_t at) {
	struct stat s;
	OBSERVE_RET(name("%s at %ld", what, (long)at), syscall(SYS_pwrite64, fd, bad_ptr(), 10L, at));
	REQUIRE_OK(fstat(fd, &s));
	OBSERVE(name("%s after %ld", what, (long)at), "%ld bytes, %ld blocks", (long)s.st_size, (long)s.st_blocks);
}

static int in_shm(void) {
	char path[] = "/dev/shm/pwrite64-XXXXXX";
	int fd = REQUIRE_OK(mkstemp(path));
	unlink(path);
	return fd;
}

CASE(unreadable_on_tmpfs, "file:/dev/shm kernel>=6.18") {
	static const off_t at[] = {0, 50, 4096, 8192, 20000, 5 << 20};
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		int fd = in_shm(), mapped = in_shm();
		observe_unreadable("fresh", fd, at[i]);
		observe_unreadable("again", fd, at[i]);
		REQUIRE_OK(ftruncate(mapped, 6000));
		REQUIRE(mmap(NULL, 4096, PROT_READ, MAP_SHARED, mapped, 0) != MAP_FAILED);
		observe_unreadable("mapped", mapped, at[i]);
	}
}

CASE(unreadable_in_memory) {
	static const off_t at[] = {0, 50, 4096, 8192, 20000, 5 << 20};
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		int fd = REQUIRE_OK(memfd_create("m", 0)), mapped = REQUIRE_OK(memfd_create("m", 0));
		observe_unreadable("fresh", fd, at[i]);
		observe_unreadable("again", fd, at[i]);
		REQUIRE_OK(ftruncate(mapped, 6000));
		REQUIRE(mmap(NULL, 4096, PROT_READ, MAP_SHARED, mapped, 0) != MAP_FAILED);
		observe_unreadable("mapped", mapped, at[i]);
	}
}

CASE(half_readable, "file:/dev/shm kernel>=6.18") {
	struct { const char *what; int fd; } on[] = {{"memfd", REQUIRE_OK(memfd_create("m", 0))}, {"tmpfs", in_shm()}};
	struct stat s;
	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		OBSERVE_RET(name("%s, to the end of a page", on[i].what), syscall(SYS_pwrite64, on[i].fd, (char *)guard_end(96), 200L, 4000L));
		REQUIRE_OK(fstat(on[i].fd, &s));
		OBSERVE(name("%s then", on[i].what), "%ld bytes, %ld blocks", (long)s.st_size, (long)s.st_blocks);
	}
}
