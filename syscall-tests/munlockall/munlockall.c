// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// munlockall: does it undo mlock, mlockall of now, and mlockall of what is to come?
#include "../harness/memory.h"

CASE(undoes_all) {
	CHECK_OK(syscall(SYS_munlockall));
	char *p = lettered(anon(4), 4);
	REQUIRE_OK(mlock(p, 2 * PG));
	CHECK_OK(syscall(SYS_munlockall));
	OBSERVE("mlock, kB", "%ld", status_kb("VmLck"));
	REQUIRE_OK(mlockall(MCL_CURRENT | MCL_FUTURE));
	CHECK(status_kb("VmLck") > 0);
	CHECK_OK(syscall(SYS_munlockall));
	OBSERVE("mlockall, kB", "%ld", status_kb("VmLck"));
	char *q = anon(4);
	OBSERVE("new mapping", "%d %s", vm_flag(q, "lo"), resident(q, 4));
	OBSERVE("bytes", "%s", peek_pages(p, 4));
}

CASE(without_rights) {
	char *p = anon(2);
	IN_CHILD(NULL) {
		REQUIRE_OK(mlock(p, PG));
		become_nobody();
		soft_limit(RLIMIT_MEMLOCK, 0);
		OBSERVE_RET("munlockall", syscall(SYS_munlockall));
		OBSERVE("kB", "%ld", status_kb("VmLck"));
	}
}
