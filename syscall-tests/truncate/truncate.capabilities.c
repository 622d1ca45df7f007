// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// truncate: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(roots_file, roots_files(), syscall(SYS_truncate, "file", 0L))
