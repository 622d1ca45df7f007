// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// renameat2: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(in_a_sticky_directory, roots_files(), syscall(SYS_renameat2, AT_FDCWD, "sticky/file", AT_FDCWD, "sticky/new", 1))
