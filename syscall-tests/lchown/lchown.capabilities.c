// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lchown: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(of_a_link, roots_files(), syscall(SYS_lchown, "link", 65534, 65534))
