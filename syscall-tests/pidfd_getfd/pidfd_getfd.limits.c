// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pidfd_getfd: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

static int self;

DESCRIPTOR_LIMIT(pidfd_getfd, self = REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0)), syscall(SYS_pidfd_getfd, self, 0, 0))
