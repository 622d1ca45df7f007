// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pipe: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

static int p[2];

DESCRIPTOR_LIMIT(pipe, (void)0, syscall(SYS_pipe, p))
