// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mkdirat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(in_roots_directory, roots_files(), syscall(SYS_mkdirat, AT_FDCWD, "dir/new", 0755))
