// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sysfs: do the numbers of file system types and their names agree with each other, and with /proc/filesystems?
#include "../harness/files.h"

CASE(numbers_and_names, "file:/proc/filesystems") {
	static const char *const types[] = {"tmpfs", "proc", "sysfs", "devpts", "nonesuch", "", "tmp"};
	long count = REQUIRE_OK(syscall(SYS_sysfs, 3, 0, 0));
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		long n = syscall(SYS_sysfs, 1, types[i]);
		OBSERVE(name("index of \"%s\"", types[i]), "%s", n < 0 ? errno_name(errno) : n < count ? "ok" : "too large");
		char text[64] = "";
		if (n >= 0) {
			CHECK_OK(syscall(SYS_sysfs, 2, n, text));
			CHECK_STR(text, types[i]);
		}
	}
	char text[64];
	OBSERVE_RET("name of the next", syscall(SYS_sysfs, 2, count, text));
	OBSERVE_RET("name of -1", syscall(SYS_sysfs, 2, -1, text));
	for (int option = -1; option < 6; option++)
		if (option < 1 || option > 3)
			OBSERVE_RET(name("option %d", option), syscall(SYS_sysfs, option, 0, 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_RET(name("index of %s", p->name), syscall(SYS_sysfs, 1, p->p));
		OBSERVE_RET(name("name to %s", p->name), syscall(SYS_sysfs, 2, 0, p->p));
	}
}
