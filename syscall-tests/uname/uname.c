// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// uname: six fixed fields, written whole, into memory that must be writable to its last byte.
#include "../harness/harness.h"

#include <sys/utsname.h>

CASE(fields) {
	struct utsname u;
	memset(&u, 0xff, sizeof u);
	OBSERVE_RET("uname", syscall(SYS_uname, &u));
	CHECK_STR(u.sysname, "Linux");
	CHECK_STR(u.machine, "x86_64");
	OBSERVE("machine", "%s", u.machine);
	OBSERVE("domainname", "%s", u.domainname);
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_uname, b->p));
	CHECK_ERR(syscall(SYS_uname, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_uname, readonly_page()), EFAULT);
}

CASE(ends_at_the_end_of_memory) {
	char *u = guard_end(sizeof(struct utsname));
	CHECK_OK(syscall(SYS_uname, u));
	CHECK_ERR(syscall(SYS_uname, u + 1), EFAULT);
}
