// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// epoll_create1: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(epoll_create1, (void)0, syscall(SYS_epoll_create1, 0))
