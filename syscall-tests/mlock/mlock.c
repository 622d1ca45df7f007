// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mlock: which ranges can be locked, how much may be, and what VmLck, smaps and mincore say then?
#include "../harness/memory.h"

static long lock(void *p, size_t n) { return syscall(SYS_mlock, p, n); }

CASE(errors) {
	char *p = anon(4);
	CHECK_ERR(lock(bad_ptr(), PG), ENOMEM);
	OBSERVE_RET("length 0", lock(p, 0));
	OBSERVE_RET("length 0 nowhere", lock(bad_ptr(), 0));
	OBSERVE_RET("minus one", lock(p, -1));
	OBSERVE_RET("wraps", lock(p, -2 * PG));
	OBSERVE_RET("kernel half", lock((void *)0xffff800000000000, PG));
	OBSERVE_RET("PROT_NONE", lock(p - PG, PG));
	OBSERVE("PROT_NONE is locked", "%d", vm_flag(p - PG, "lo"));
	REQUIRE_OK(munmap(p + 2 * PG, PG));
	CHECK_ERR(lock(p, 4 * PG), ENOMEM);
	OBSERVE("before the hole", "%d", vm_flag(p, "lo"));
	OBSERVE("behind the hole", "%d", vm_flag(p + 3 * PG, "lo"));
}

CASE(accounting) {
	char *p = anon(8);
	long base = status_kb("VmLck");
	CHECK_OK(lock(p + PG, 2 * PG));
	OBSERVE("two pages, kB", "%ld", status_kb("VmLck") - base);
	CHECK_OK(lock(p + 2 * PG, 2 * PG));
	OBSERVE("one of them again, kB", "%ld", status_kb("VmLck") - base);
	CHECK_OK(lock(p + 5 * PG + 100, PG));
	OBSERVE("a page's length over two, kB", "%ld", status_kb("VmLck") - base);
	OBSERVE("resident", "%s", resident(p, 8));
	OBSERVE("flags", "%d %d %d", vm_flag(p, "lo"), vm_flag(p + PG, "lo"), vm_flag(p + 4 * PG, "lo"));
	REQUIRE_OK(munmap(p + PG, PG));
	OBSERVE("unmapped, kB", "%ld", status_kb("VmLck") - base);
	IN_CHILD(NULL) {
		OBSERVE("child, kB", "%ld", status_kb("VmLck"));
		OBSERVE("child's flag", "%d", vm_flag(p + 2 * PG, "lo"));
	}
	CHECK_OK(syscall(SYS_munlock, p + 2 * PG, PG));
	OBSERVE("unlocked, kB", "%ld", status_kb("VmLck") - base);
}

CASE(limit) {
	char *p = anon(8);
	IN_CHILD(NULL) {
		become_nobody();
		soft_limit(RLIMIT_MEMLOCK, 4 * PG + 100);
		OBSERVE_RET("over", lock(p, 5 * PG));
		OBSERVE_RET("all of it", lock(p, 4 * PG));
		OBSERVE_RET("one more", lock(p + 4 * PG, PG));
		OBSERVE_RET("what is locked", lock(p + PG, 2 * PG));
		OBSERVE_RET("overlapping", lock(p + 3 * PG, 2 * PG));
		OBSERVE_RET("crooked", lock(p + 100, 4 * PG));
		REQUIRE_OK(syscall(SYS_munlock, p, PG));
		OBSERVE_RET("in its place", lock(p + 4 * PG, PG));
		soft_limit(RLIMIT_MEMLOCK, 0);
		OBSERVE_RET("no limit left", lock(p, PG));
		OBSERVE_RET("no limit left, length 0", lock(p, 0));
		OBSERVE_RET("unlock", syscall(SYS_munlock, p, 8 * PG));
	}
}

CASE(kinds_of_memory) {
	int fd = letter_file("f", 2, 0);
	OBSERVE_RET("shared", lock(shared(2), 2 * PG));
	OBSERVE_RET("shared file", lock(pages(2, RW, MAP_SHARED, fd), 2 * PG));
	OBSERVE_RET("private file", lock(pages(2, RW, MAP_PRIVATE, fd), 2 * PG));
	OBSERVE_RET("past the end of file", lock(pages(4, RW, MAP_PRIVATE, fd), 4 * PG));
	OBSERVE_RET("read only", lock(pages(2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1), 2 * PG));
}
