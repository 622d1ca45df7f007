// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setxattr: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

// Revision 2, with CAP_KILL permitted.
static uint32_t file_caps[5] = {0x02000000, 1 << 5};

CAPABILITY(of_roots_file, roots_files(), syscall(SYS_setxattr, "file", "user.a", "x", 1, 0))
CAPABILITY_OF(CAP_SYS_ADMIN, 21, trusted, roots_files(), syscall(SYS_setxattr, "file", "trusted.a", "x", 1, 0))
CAPABILITY_OF(CAP_SYS_ADMIN, 21, security, roots_files(), syscall(SYS_setxattr, "file", "security.a", "x", 1, 0))
CAPABILITY(capabilities_of_a_file, roots_files(), syscall(SYS_setxattr, "file", "security.capability", file_caps, 20, 0))
