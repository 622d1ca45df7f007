// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pidfd_open: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(pidfd_open, (void)0, syscall(SYS_pidfd_open, getpid(), 0))
