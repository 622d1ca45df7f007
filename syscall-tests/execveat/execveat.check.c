// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// execveat: is what AT_EXECVE_CHECK asks about only looked at, and not run?
#include "../harness/harness.h"

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000
#endif

static long check(int dir, const char *path, int flags) {
	return syscall(SYS_execveat, dir, path, (char *[]){"x", NULL}, (char *[]){NULL}, flags | AT_EXECVE_CHECK);
}

CASE(only_looked_at, "kernel>=6.14") {
	close(make_file("script", "#!/bin/sh\n"));
	close(make_file("text", "no program"));
	REQUIRE_OK(chmod("script", 0755));
	REQUIRE_OK(mkdir("dir", 0755));
	OBSERVE_RET("a program", check(AT_FDCWD, "/bin/sh", 0));
	OBSERVE_RET("a script", check(AT_FDCWD, "script", 0));
	OBSERVE_RET("what may not be run", check(AT_FDCWD, "text", 0));
	REQUIRE_OK(chmod("text", 0755));
	OBSERVE_RET("what is no program", check(AT_FDCWD, "text", 0));
	OBSERVE_RET("a directory", check(AT_FDCWD, "dir", 0));
	OBSERVE_RET("nothing", check(AT_FDCWD, "missing", 0));
	OBSERVE_RET("a descriptor", check(REQUIRE_OK(open("script", O_PATH)), "", AT_EMPTY_PATH));
	OBSERVE_RET("NULL", check(AT_FDCWD, NULL, 0));
}
