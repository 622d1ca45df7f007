// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msync: which flags go together, which ranges are refused, and does the file have what was written?
#include "../harness/memory.h"

static long sync_(void *p, size_t n, int flags) { return syscall(SYS_msync, p, n, flags); }

CASE(flags) {
	int fd = letter_file("f", 2, 0);
	char *p = pages(2, RW, MAP_SHARED, fd);
	for (int f = 0; f < 16; f++)
		OBSERVE_RET(name("flags %#x", f), sync_(p, 2 * PG, f));
	for (int bit = 4; bit < 32; bit++)
		OBSERVE_RET(name("bit %d", bit), sync_(p, PG, 1u << bit));
}

CASE(errors) {
	char *p = anon(4);
	CHECK_ERR(sync_(p + 1, PG, MS_SYNC), EINVAL);
	CHECK_ERR(sync_(bad_ptr(), PG, MS_SYNC), ENOMEM);
	OBSERVE_RET("length 0", sync_(p, 0, MS_SYNC));
	OBSERVE_RET("length 0 nowhere", sync_(bad_ptr(), 0, MS_SYNC));
	OBSERVE_RET("minus one", sync_(p, -1, MS_SYNC));
	OBSERVE_RET("wraps", sync_(p, -PG, MS_SYNC));
	OBSERVE_RET("kernel half", sync_((void *)0xffff800000000000, PG, MS_SYNC));
	OBSERVE_RET("anonymous", sync_(p, 4 * PG, MS_SYNC));
	OBSERVE_RET("PROT_NONE", sync_(p - PG, PG, MS_ASYNC));
	REQUIRE_OK(munmap(p + PG, PG));
	CHECK_ERR(sync_(p, 4 * PG, MS_ASYNC), ENOMEM);
	REQUIRE_OK(mlock(p, PG));
	OBSERVE_RET("invalidate locked", sync_(p, PG, MS_INVALIDATE));
	OBSERVE_RET("invalidate unlocked", sync_(p + 2 * PG, PG, MS_INVALIDATE));
	OBSERVE_RET("invalidate locked and hole", sync_(p, 2 * PG, MS_INVALIDATE));
}

CASE(file_has_it) {
	int fd = letter_file("f", 2, 0), other = REQUIRE_OK(open("f", O_RDONLY));
	char *p = pages(2, RW, MAP_SHARED, fd), c;
	p[PG] = 'w';
	CHECK_OK(sync_(p + PG, 1, MS_SYNC | MS_INVALIDATE));
	REQUIRE(pread(other, &c, 1, PG) == 1);
	OBSERVE("read", "%c", c);
	struct stat st;
	REQUIRE_OK(ftruncate(fd, PG));
	OBSERVE_RET("past the end", sync_(p, 2 * PG, MS_SYNC));
	REQUIRE_OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, PG);
}
