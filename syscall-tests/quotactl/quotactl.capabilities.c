// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// quotactl: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static char space[200];

CAPABILITY_OF(CAP_SYS_ADMIN, 21, quota_of_a_user, (void)0, syscall(SYS_quotactl, 0x80000700, "/dev/null", 0, space))
