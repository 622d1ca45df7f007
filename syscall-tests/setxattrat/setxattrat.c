// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setxattrat: each way to name a file, each size of its arguments.
#include "../harness/xattrats.h"

static long call(int dir, const char *path, unsigned at) { return xa_set(dir, path, at, "user.b", "text", 0); }

CASE(ways_to_set, "fs:xattr kernel>=6.13") {
	xattrat_files();
	xattrat_ways(call);
	OBSERVE("value", "%s", x_text(BY_PATH, "d/f", "user.b"));
}

CASE(arguments_of_setxattrat, "fs:xattr kernel>=6.13") {
	xattrat_files();
	char big[8192] = {0};
	struct xattr_at_args a = {(uintptr_t)"xyz", 3, 0};
	memcpy(big, &a, sizeof a);
	for (size_t size = 0; size <= 40; size += 4)
		OBSERVE_RET(name("size %zu", size), syscall(NR_setxattrat, AT_FDCWD, "d/f", 0, "user.c", big, size));
	OBSERVE_RET("a page", syscall(NR_setxattrat, AT_FDCWD, "d/f", 0, "user.c", big, 4096));
	OBSERVE_RET("more than a page", syscall(NR_setxattrat, AT_FDCWD, "d/f", 0, "user.c", big, 4097));
	big[20] = 1;
	OBSERVE_RET("dirty tail", syscall(NR_setxattrat, AT_FDCWD, "d/f", 0, "user.c", big, 24));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flags %d", bit), xa_set(AT_FDCWD, "d/f", 0, "user.a", "new", 1u << bit));
	OBSERVE_RET("create what is there", xa_set(AT_FDCWD, "d/f", 0, "user.a", "new", XATTR_CREATE));
	OBSERVE_RET("replace what is not", xa_set(AT_FDCWD, "d/f", 0, "user.none", "new", XATTR_REPLACE));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_RET(name("args %s", p->name), syscall(NR_setxattrat, AT_FDCWD, "d/f", 0, "user.c", p->p, sizeof a));
		OBSERVE_RET(name("name %s", p->name), xa_set(AT_FDCWD, "d/f", 0, p->p, "x", 0));
		struct xattr_at_args bad = {(uintptr_t)p->p, 3, 0};
		OBSERVE_RET(name("value %s", p->name), syscall(NR_setxattrat, AT_FDCWD, "d/f", 0, "user.c", &bad, sizeof bad));
	}
	struct xattr_at_args large = {(uintptr_t)big, 65537, 0};
	OBSERVE_RET("too large", syscall(NR_setxattrat, AT_FDCWD, "d/f", 0, "user.c", &large, sizeof large));
}
