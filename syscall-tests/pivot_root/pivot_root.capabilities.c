// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pivot_root: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY_OF(CAP_SYS_ADMIN, 21, where_it_is_no_mount, REQUIRE_OK(mkdir("at", 0777)), syscall(SYS_pivot_root, "at", "at"))
