// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// listxattrat: each way to name a file, each size of the buffer.
#include "../harness/xattrats.h"

static long call(int dir, const char *path, unsigned at) { return syscall(NR_listxattrat, dir, path, at, NULL, 0); }

CASE(ways_to_list, "fs:xattr kernel>=6.13") {
	xattrat_files();
	xattrat_ways(call);
}

CASE(buffers, "fs:xattr kernel>=6.13") {
	xattrat_files();
	char list[32] = "";
	for (size_t size = 0; size < 10; size++)
		OBSERVE_RET(name("size %zu", size), syscall(NR_listxattrat, AT_FDCWD, "d/f", 0, list, size));
	OBSERVE("list", "%s", list);
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(name("list %s", p->name), syscall(NR_listxattrat, AT_FDCWD, "d/f", 0, p->p, 32));
}
