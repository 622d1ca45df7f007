// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setgid: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(to_root, (void)0, syscall(SYS_setgid, 0))
