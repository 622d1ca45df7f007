// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// munlock: which ranges are refused, what is unlocked of a larger one, and does a page stay where it is?
#include "../harness/memory.h"

static long unlock(void *p, size_t n) { return syscall(SYS_munlock, p, n); }

CASE(errors) {
	char *p = anon(4);
	CHECK_ERR(unlock(bad_ptr(), PG), ENOMEM);
	OBSERVE_RET("never locked", unlock(p, 4 * PG));
	OBSERVE_RET("length 0", unlock(p, 0));
	OBSERVE_RET("minus one", unlock(p, -1));
	OBSERVE_RET("wraps", unlock(p, -2 * PG));
	OBSERVE_RET("kernel half", unlock((void *)0xffff800000000000, PG));
}

CASE(parts) {
	char *p = lettered(anon(6), 6);
	REQUIRE_OK(mlock(p, 6 * PG));
	CHECK_OK(unlock(p + PG + 5, 1));
	OBSERVE("a byte is a page, kB", "%ld", status_kb("VmLck"));
	REQUIRE_OK(munmap(p + 3 * PG, PG));
	CHECK_ERR(unlock(p + 2 * PG, 4 * PG), ENOMEM);
	OBSERVE("up to a hole, kB", "%ld", status_kb("VmLck"));
	OBSERVE("flags", "%d %d %d %d", vm_flag(p, "lo"), vm_flag(p + PG, "lo"), vm_flag(p + 2 * PG, "lo"), vm_flag(p + 4 * PG, "lo"));
	OBSERVE("bytes", "%s", peek_pages(p, 6));
	OBSERVE_RET("can be thrown away again", madvise(p + PG, PG, MADV_DONTNEED));
}
