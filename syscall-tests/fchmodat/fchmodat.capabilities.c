// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchmodat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(of_roots_file, roots_files(), syscall(SYS_fchmodat, AT_FDCWD, "file", 0600))
