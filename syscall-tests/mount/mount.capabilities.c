// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mount: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY_OF(CAP_SYS_ADMIN, 21, a_tmpfs, REQUIRE_OK(mkdir("at", 0777)), syscall(SYS_mount, "x", "at", "tmpfs", 0, NULL))
