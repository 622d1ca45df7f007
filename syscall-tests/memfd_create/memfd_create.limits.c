// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// memfd_create: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(memfd_create, (void)0, syscall(SYS_memfd_create, "x", 0))
