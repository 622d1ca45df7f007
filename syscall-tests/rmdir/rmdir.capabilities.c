// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rmdir: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(roots_directory, REQUIRE_OK(mkdir("dir", 0755)), syscall(SYS_rmdir, "dir"))
