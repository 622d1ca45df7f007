// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getxattr: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/xattr.h>

static void a_secret(void) {
	roots_files();
	REQUIRE_OK(setxattr("secret", "user.a", "x", 1, 0));
}

CAPABILITY(of_a_secret, a_secret(), syscall(SYS_getxattr, "secret", "user.a", NULL, 0))
