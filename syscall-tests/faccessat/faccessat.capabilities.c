// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// faccessat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(a_secret_to_write, roots_files(), syscall(SYS_faccessat, AT_FDCWD, "secret", W_OK))
