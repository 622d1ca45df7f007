// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// dup3: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(dup3, (void)0, syscall(SYS_dup3, 0, 20, 0))
