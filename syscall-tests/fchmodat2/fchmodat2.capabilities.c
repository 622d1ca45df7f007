// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchmodat2: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

CAPABILITY(of_roots_file, roots_files(), syscall(SYS_fchmodat2, AT_FDCWD, "file", 0600, 0))
