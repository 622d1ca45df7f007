// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// removexattrat: each way to name a file.
#include "../harness/xattrats.h"

static long call(int dir, const char *path, unsigned at) {
	setxattr("d/f", "user.b", "", 0, 0);
	errno = 0;
	return syscall(NR_removexattrat, dir, path, at, "user.b");
}

CASE(ways_to_remove, "fs:xattr kernel>=6.13") {
	xattrat_files();
	xattrat_ways(call);
}

CASE(names_of_removexattrat, "fs:xattr kernel>=6.13") {
	xattrat_files();
	OBSERVE_RET("remove", syscall(NR_removexattrat, AT_FDCWD, "d/f", 0, "user.a"));
	OBSERVE_RET("again", syscall(NR_removexattrat, AT_FDCWD, "d/f", 0, "user.a"));
	OBSERVE_RET("empty", syscall(NR_removexattrat, AT_FDCWD, "d/f", 0, ""));
	OBSERVE_RET("no class", syscall(NR_removexattrat, AT_FDCWD, "d/f", 0, "none"));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, syscall(NR_removexattrat, AT_FDCWD, "d/f", 0, p->p));
}
