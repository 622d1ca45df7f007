// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// faccessat2: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(a_secret_with_effective_ids, roots_files(), syscall(SYS_faccessat2, AT_FDCWD, "secret", R_OK | W_OK, AT_EACCESS))
