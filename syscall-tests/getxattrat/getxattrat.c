// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getxattrat: each way to name a file, each size of its arguments and of the buffer.
#include "../harness/xattrats.h"

static long call(int dir, const char *path, unsigned at) { return xa_get(dir, path, at, "user.a", (char[8]){0}, 8); }

CASE(ways_to_get, "fs:xattr kernel>=6.13") {
	xattrat_files();
	xattrat_ways(call);
}

CASE(arguments_of_getxattrat, "fs:xattr kernel>=6.13") {
	xattrat_files();
	char big[8192] = {0}, value[16] = "";
	struct xattr_at_args a = {(uintptr_t)value, sizeof value, 0};
	memcpy(big, &a, sizeof a);
	for (size_t size = 0; size <= 40; size += 4)
		OBSERVE_RET(name("size %zu", size), syscall(NR_getxattrat, AT_FDCWD, "d/f", 0, "user.a", big, size));
	OBSERVE("value", "%s", value);
	OBSERVE_RET("a page", syscall(NR_getxattrat, AT_FDCWD, "d/f", 0, "user.a", big, 4096));
	OBSERVE_RET("more than a page", syscall(NR_getxattrat, AT_FDCWD, "d/f", 0, "user.a", big, 4097));
	big[20] = 1;
	OBSERVE_RET("dirty tail", syscall(NR_getxattrat, AT_FDCWD, "d/f", 0, "user.a", big, 24));
	a.flags = 1;
	OBSERVE_RET("flags", syscall(NR_getxattrat, AT_FDCWD, "d/f", 0, "user.a", &a, sizeof a));
	OBSERVE_RET("flags, no such file", syscall(NR_getxattrat, AT_FDCWD, "none", 0, "user.a", &a, sizeof a));
	for (size_t size = 0; size < 8; size++)
		OBSERVE_RET(name("buffer of %zu", size), xa_get(AT_FDCWD, "d/f", 0, "user.a", value, size));
	OBSERVE_RET("no such attribute", xa_get(AT_FDCWD, "d/f", 0, "user.none", value, 8));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_RET(name("args %s", p->name), syscall(NR_getxattrat, AT_FDCWD, "d/f", 0, "user.a", p->p, sizeof a));
		OBSERVE_RET(name("name %s", p->name), xa_get(AT_FDCWD, "d/f", 0, p->p, value, 8));
		OBSERVE_RET(name("value %s", p->name), xa_get(AT_FDCWD, "d/f", 0, "user.a", p->p, 8));
	}
}
