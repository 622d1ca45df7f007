// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unlinkat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(in_a_sticky_directory, roots_files(), syscall(SYS_unlinkat, AT_FDCWD, "sticky/file", 0))
