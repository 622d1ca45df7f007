// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timerfd_create: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(timerfd_create, (void)0, syscall(SYS_timerfd_create, 1, 0))
