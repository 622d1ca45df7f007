// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// openat2: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static uint64_t how[3];

CAPABILITY(below_a_locked_directory, roots_files(), syscall(SYS_openat2, AT_FDCWD, "locked/file", how, 24L))
