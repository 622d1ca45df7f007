// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// socketpair: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

#include <sys/socket.h>

static int p[2];

DESCRIPTOR_LIMIT(socketpair, (void)0, syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, p))
