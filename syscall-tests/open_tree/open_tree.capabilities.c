// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open_tree: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif

CAPABILITY_OF(CAP_SYS_ADMIN, 21, a_copy, (void)0, syscall(SYS_open_tree, AT_FDCWD, ".", 1))
