// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// preadv2: what ends a wait for a pipe, at the position -1?
#include "../harness/waits.h"

#include <sys/uio.h>

static struct iovec two[2] = {{wait_buf, 3}, {wait_buf + 100, 5}};

FD_WAITS(pipe, wait_on[0], empty_pipe(), syscall(SYS_preadv2, wait_on[0], two, 2, -1L, -1L, 0), wait_byte())
