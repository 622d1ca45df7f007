// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// eventfd: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(eventfd, (void)0, syscall(SYS_eventfd, 0))
