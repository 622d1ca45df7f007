// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setfsgid: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(to_root, (void)0, (syscall(SYS_setfsgid, 0), syscall(SYS_setfsgid, -1)) == 0 ? 0 : (errno = EPERM, -1))
