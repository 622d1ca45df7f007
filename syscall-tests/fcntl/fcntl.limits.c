// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fcntl: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(duplicate, (void)0, syscall(SYS_fcntl, 0, F_DUPFD, 0))
DESCRIPTOR_LIMIT(duplicate_from_20, (void)0, syscall(SYS_fcntl, 0, F_DUPFD_CLOEXEC, 20))
