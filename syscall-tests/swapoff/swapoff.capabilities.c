// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// swapoff: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY_OF(CAP_SYS_ADMIN, 21, a_file_that_is_missing, (void)0, syscall(SYS_swapoff, "missing"))
