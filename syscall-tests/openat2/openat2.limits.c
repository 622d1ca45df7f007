// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// openat2: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

static uint64_t how[3];

DESCRIPTOR_LIMIT(openat2, (void)0, syscall(SYS_openat2, AT_FDCWD, "/dev/null", how, 24L))
