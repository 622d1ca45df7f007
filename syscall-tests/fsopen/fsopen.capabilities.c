// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fsopen: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif

CAPABILITY_OF(CAP_SYS_ADMIN, 21, a_tmpfs, (void)0, syscall(SYS_fsopen, "tmpfs", 0))
