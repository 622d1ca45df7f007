// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mknodat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/sysmacros.h>

CAPABILITY(a_block_device, REQUIRE_OK(chmod(".", 0777)), syscall(SYS_mknodat, AT_FDCWD, "new", 060600, makedev(7, 0)))
CAPABILITY(a_whiteout, REQUIRE_OK(chmod(".", 0777)), syscall(SYS_mknodat, AT_FDCWD, "new", 020600, 0))
