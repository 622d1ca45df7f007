// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// swapoff: which paths are refused to one who may? Nothing here is, or could be, swapped to.
#include "../harness/harness.h"

CASE(paths_that_are_refused, "root cap:21") {
	static char name[5000];
	memset(name, 'n', sizeof name - 1);
	close(make_file("file", "no swap"));
	REQUIRE_OK(mkdir("dir", 0755));
	REQUIRE_OK(symlink("loop", "loop"));
	OBSERVE_RET("a file", syscall(SYS_swapoff, "file"));
	OBSERVE_RET("a directory", syscall(SYS_swapoff, "dir"));
	OBSERVE_RET("a device of characters", syscall(SYS_swapoff, "/dev/null"));
	OBSERVE_RET("below a file", syscall(SYS_swapoff, "file/x"));
	OBSERVE_RET("a loop", syscall(SYS_swapoff, "loop"));
	OBSERVE_RET("a name of 300", syscall(SYS_swapoff, name + 4999 - 300));
	OBSERVE_RET("a path of 4999", syscall(SYS_swapoff, name));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, syscall(SYS_swapoff, p->p));
}
