// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// signalfd: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

static uint64_t usr1 = 1 << (SIGUSR1 - 1);

DESCRIPTOR_LIMIT(signalfd, (void)0, syscall(SYS_signalfd, -1, &usr1, 8))
