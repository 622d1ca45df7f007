// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setreuid: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(to_others, (void)0, syscall(SYS_setreuid, 0, 5))
