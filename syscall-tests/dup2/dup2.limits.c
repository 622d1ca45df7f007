// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// dup2: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(dup2, (void)0, syscall(SYS_dup2, 0, 21))
