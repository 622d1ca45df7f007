// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendto: which sockets refuse a message, with which error?
#include "../harness/sends.h"

static long send_it(int s, const void *p, size_t n, int flags, const void *to, socklen_t len) { return syscall(SYS_sendto, s, p, n, flags, to, len); }

SENDS(send_it)
