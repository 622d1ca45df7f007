// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chown: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(to_oneself, roots_files(), syscall(SYS_chown, "file", 65534, 65534))
CAPABILITY(to_nobody_else, roots_files(), syscall(SYS_chown, "file", -1, -1))
