// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pwritev2: what ends a wait for room in a pipe, at the position -1?
#include "../harness/waits.h"

#include <sys/uio.h>

static struct iovec two[2] = {{wait_buf, 3}, {wait_buf + 100, 5}};

FD_WAITS(full_pipe, wait_on[0], full_pipe(), syscall(SYS_pwritev2, wait_on[0], two, 2, -1L, -1L, 0), wait_room())
