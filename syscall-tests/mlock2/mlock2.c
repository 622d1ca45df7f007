// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mlock2: which flags are there, and does MLOCK_ONFAULT lock pages only once they are touched?
#include "../harness/memory.h"

static long lock2(void *p, size_t n, int flags) { return syscall(SYS_mlock2, p, n, flags); }

CASE(flags) {
	char *p = anon(4);
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("bit %d", bit), lock2(p, PG, 1u << bit));
	OBSERVE_RET("none", lock2(p + 2 * PG, PG, 0));
	OBSERVE_RET("length 0, bad flag", lock2(p, 0, 2));
	CHECK_ERR(lock2(bad_ptr(), PG, MLOCK_ONFAULT), ENOMEM);
	OBSERVE("resident", "%s", resident(p, 4));
}

CASE(onfault) {
	char *p = anon(4);
	p[PG] = 1;
	CHECK_OK(lock2(p, 3 * PG, MLOCK_ONFAULT));
	OBSERVE("resident", "%s", resident(p, 4));
	p[2 * PG] = 1;
	OBSERVE("touched", "%s", resident(p, 4));
	OBSERVE("kB", "%ld", status_kb("VmLck"));
	OBSERVE("lo lf", "%d %d", vm_flag(p, "lo"), vm_flag(p, "lf"));
	CHECK_OK(lock2(p, 3 * PG, 0));
	OBSERVE("then lock", "%s", resident(p, 4));
	CHECK_ERR(madvise(p, PG, MADV_DONTNEED), EINVAL);
	OBSERVE_RET("munlock", munlock(p, 3 * PG));
	OBSERVE("kB at the end", "%ld", status_kb("VmLck"));
}

CASE(limit) {
	char *p = anon(4);
	IN_CHILD(NULL) {
		become_nobody();
		soft_limit(RLIMIT_MEMLOCK, 2 * PG);
		OBSERVE_RET("over", lock2(p, 3 * PG, MLOCK_ONFAULT));
		OBSERVE_RET("within", lock2(p, 2 * PG, MLOCK_ONFAULT));
		soft_limit(RLIMIT_MEMLOCK, 0);
		OBSERVE_RET("none", lock2(p, PG, MLOCK_ONFAULT));
		OBSERVE_RET("none, bad flags", lock2(p, PG, 8));
	}
}
