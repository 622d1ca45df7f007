// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mlockall: which flags go together, what becomes of old and new mappings, and what does the limit say?
#include "../harness/memory.h"

static long lock_all(int flags) { return syscall(SYS_mlockall, flags); }

CASE(flags) {
	for (int f = 0; f < 16; f++)
		OBSERVE_RET(name("flags %d", f), lock_all(f));
	for (int bit = 4; bit < 32; bit++)
		OBSERVE_RET(name("bit %d", bit), lock_all(1u << bit));
}

CASE(current_and_future) {
	char *old = anon(4);
	CHECK_OK(lock_all(MCL_FUTURE));
	OBSERVE("old after future", "%d %s", vm_flag(old, "lo"), resident(old, 4));
	char *new = pages(4, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	OBSERVE("new after future", "%d %s", vm_flag(new, "lo"), resident(new, 4));
	CHECK_OK(lock_all(MCL_CURRENT));
	OBSERVE("old after current", "%d %s", vm_flag(old, "lo"), resident(old, 4));
	new = anon(4);
	OBSERVE("new after current", "%d %s", vm_flag(new, "lo"), resident(new, 4));
	CHECK_OK(lock_all(MCL_FUTURE | MCL_ONFAULT));
	new = anon(4);
	OBSERVE("new after onfault", "%d %d %s", vm_flag(new, "lo"), vm_flag(new, "lf"), resident(new, 4));
	IN_CHILD(NULL) {
		OBSERVE("child, kB", "%ld", status_kb("VmLck"));
		char *c = anon(1);
		OBSERVE("child's new", "%d", vm_flag(c, "lo"));
	}
}

CASE(limit) {
	IN_CHILD(NULL) {
		become_nobody();
		soft_limit(RLIMIT_MEMLOCK, 16 * PG);
		CHECK_ERR(lock_all(MCL_CURRENT), ENOMEM);
		OBSERVE_RET("future", lock_all(MCL_FUTURE));
		OBSERVE_OK("a small mapping", (long)mmap(NULL, 8 * PG, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		OBSERVE_OK("a large mapping", (long)mmap(NULL, 16 * PG, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		OBSERVE("kB", "%ld", status_kb("VmLck"));
		soft_limit(RLIMIT_MEMLOCK, 0);
		CHECK_ERR(lock_all(MCL_FUTURE), EPERM);
		OBSERVE_RET("no flags", lock_all(0));
	}
}
