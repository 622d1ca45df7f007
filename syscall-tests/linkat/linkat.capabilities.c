// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// linkat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static void own_directory(void) {
	roots_files();
	REQUIRE_OK(mkdir("own", 0777));
	REQUIRE_OK(chown("own", 65534, 65534));
}

CAPABILITY(roots_secret_in_ones_own_directory, own_directory(), syscall(SYS_linkat, AT_FDCWD, "secret", AT_FDCWD, "own/new", 0))
