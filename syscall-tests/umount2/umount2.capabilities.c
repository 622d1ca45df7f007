// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// umount2: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY_OF(CAP_SYS_ADMIN, 21, what_is_not_mounted, REQUIRE_OK(mkdir("at", 0777)), syscall(SYS_umount2, "at", 0))
