// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(open, (void)0, syscall(SYS_open, "/dev/null", O_RDONLY))
