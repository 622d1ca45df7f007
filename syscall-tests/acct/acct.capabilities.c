// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// acct: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY_OF(CAP_SYS_PACCT, 20, a_file_that_is_missing, (void)0, syscall(SYS_acct, "missing"))
