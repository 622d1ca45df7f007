// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// swapon: which paths are refused to one who may? Nothing here is, or could be, swapped to.
#include "../harness/harness.h"

CASE(paths_that_are_refused, "root cap:21") {
	static char name[5000];
	memset(name, 'n', sizeof name - 1);
	close(make_file("file", "no swap"));
	REQUIRE_OK(mkdir("dir", 0755));
	REQUIRE_OK(symlink("loop", "loop"));
	OBSERVE_RET("a file", syscall(SYS_swapon, "file", 0));
	OBSERVE_RET("a directory", syscall(SYS_swapon, "dir", 0));
	OBSERVE_RET("a device of characters", syscall(SYS_swapon, "/dev/null", 0));
	OBSERVE_RET("below a file", syscall(SYS_swapon, "file/x", 0));
	OBSERVE_RET("a loop", syscall(SYS_swapon, "loop", 0));
	OBSERVE_RET("a name of 300", syscall(SYS_swapon, name + 4999 - 300, 0));
	OBSERVE_RET("a path of 4999", syscall(SYS_swapon, name, 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, syscall(SYS_swapon, p->p, 0));
}
