// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// eventfd2: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(eventfd2, (void)0, syscall(SYS_eventfd2, 0, 0))
