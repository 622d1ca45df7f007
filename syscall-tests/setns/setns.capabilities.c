// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setns: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static int own;

CAPABILITY_OF(CAP_SYS_ADMIN, 21, ones_own_mounts, own = REQUIRE_OK(open("/proc/self/ns/uts", O_RDONLY)), syscall(SYS_setns, own, 0))
