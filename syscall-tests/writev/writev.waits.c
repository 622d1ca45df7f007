// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// writev: what ends a wait for room in a pipe and in a socket?
#include "../harness/waitsocks.h"

static struct iovec two[2] = {{wait_buf, 3}, {wait_buf + 100, 5}};

FD_WAITS(full_pipe, wait_on[0], full_pipe(), syscall(SYS_writev, wait_on[0], two, 2), wait_room())
FD_WAITS(full_unix_stream, wait_on[0], full_unix_pair(SOCK_STREAM), syscall(SYS_writev, wait_on[0], two, 2), wait_room())
