// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mincore: which ranges and vectors are refused, and which pages are there?
#include "../harness/memory.h"

static long core(void *p, size_t n, void *vec) { return syscall(SYS_mincore, p, n, vec); }

CASE(errors) {
	char *p = anon(4);
	unsigned char vec[8];
	CHECK_ERR(core(p + 1, PG, vec), EINVAL);
	CHECK_ERR(core(bad_ptr(), PG, vec), ENOMEM);
	CHECK_ERR(core(p, -1, vec), ENOMEM);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("vector %s", b->name), core(p, PG, b->p));
	OBSERVE_RET("NULL", core(p, PG, NULL));
	CHECK_ERR(core(p, PG, readonly_page()), EFAULT);
	OBSERVE_RET("length 0", core(p, 0, NULL));
	OBSERVE_RET("length 0 nowhere", core(bad_ptr(), 0, vec));
	OBSERVE_RET("kernel half", core((void *)0xffff800000000000, PG, vec));
	OBSERVE_RET("bad vector and hole", core(bad_ptr(), PG, bad_ptr()));
	REQUIRE_OK(munmap(p + 2 * PG, PG));
	memset(vec, 0xee, sizeof vec);
	*p = 1;
	CHECK_ERR(core(p, 4 * PG, vec), ENOMEM);
	OBSERVE_BYTES("vector after the hole", vec, 5);
	unsigned char *end = guard_end(2);
	OBSERVE_RET("vector just fits", core(p, 2 * PG, end));
	OBSERVE_RET("vector too short", core(p, 2 * PG, end + 1));
}

CASE(what_is_there) {
	char *p = anon(8);
	OBSERVE("untouched", "%s", resident(p, 8));
	p[PG] = 1;
	(void)*(volatile char *)(p + 3 * PG);
	OBSERVE("written and read", "%s", resident(p, 8));
	unsigned char vec[4];
	memset(vec, 0xee, sizeof vec);
	REQUIRE_OK(core(p + PG, 1, vec));
	OBSERVE_BYTES("one byte is a page, no more is written", vec, 2);
	REQUIRE_OK(madvise(p, 8 * PG, MADV_DONTNEED));
	OBSERVE("thrown away", "%s", resident(p, 8));
	REQUIRE_OK(mlock(p + 2 * PG, 2 * PG));
	OBSERVE("locked", "%s", resident(p, 8));
	REQUIRE_OK(mprotect(p + 2 * PG, PG, PROT_NONE));
	OBSERVE("not accessible", "%s", resident(p, 8));
	IN_CHILD(NULL) { OBSERVE("child", "%s", resident(p, 8)); }
}

CASE(shared_and_files) {
	char *s = shared(4);
	s[PG] = 1;
	OBSERVE("shared", "%s", resident(s, 4));
	IN_CHILD(NULL) { s[3 * PG] = 1; }
	OBSERVE("touched by a child", "%s", resident(s, 4));
	int fd = (int)REQUIRE_OK(syscall(SYS_memfd_create, "m", 0));
	REQUIRE_OK(ftruncate(fd, 4 * PG));
	REQUIRE(pwrite(fd, "x", 1, 2 * PG) == 1);
	char *f = pages(4, RW, MAP_SHARED, fd);
	OBSERVE("memfd", "%s", resident(f, 4));
}
