// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// access: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(a_secret_to_read, roots_files(), syscall(SYS_access, "secret", R_OK))
CAPABILITY(to_execute_what_nobody_may, roots_files(), syscall(SYS_access, "file", X_OK))
