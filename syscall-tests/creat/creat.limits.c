// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// creat: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(creat, (void)0, syscall(SYS_creat, "new", 0644))
