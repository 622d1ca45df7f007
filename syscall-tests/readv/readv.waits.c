// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// readv: what ends a wait for a pipe and a socket?
#include "../harness/waitsocks.h"

static struct iovec two[2] = {{wait_buf, 3}, {wait_buf + 100, 5}};

FD_WAITS(pipe, wait_on[0], empty_pipe(), syscall(SYS_readv, wait_on[0], two, 2), wait_byte())
FD_WAITS(unix_seqpacket, wait_on[0], unix_pair(SOCK_SEQPACKET), syscall(SYS_readv, wait_on[0], two, 2), wait_byte())
