// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// removexattr: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/xattr.h>

static void with_a_value(void) {
	roots_files();
	REQUIRE_OK(setxattr("file", "user.a", "x", 1, 0));
}

CAPABILITY(of_roots_file, with_a_value(), syscall(SYS_removexattr, "file", "user.a"))
