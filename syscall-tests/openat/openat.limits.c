// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// openat: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(openat, (void)0, syscall(SYS_openat, AT_FDCWD, "/dev/null", O_PATH))
