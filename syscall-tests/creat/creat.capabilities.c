// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// creat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(over_roots_file, roots_files(), syscall(SYS_creat, "file", 0600))
