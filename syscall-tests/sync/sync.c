// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sync: it takes nothing and always returns 0
#include "../harness/files.h"

CASE(always_succeeds) {
	int fd = make_file("f", "content");
	CHECK_EQ(syscall(SYS_sync), 0);
	OBSERVE_RET("with junk", syscall(SYS_sync, -1l, bad_ptr(), 7l));
	CHECK_STR(read_file("f"), "content");
	close(fd);
}

CASE(for_everyone, "root") {
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_EQ(syscall(SYS_sync), 0);
	}
}
