// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// vmsplice: what ends a wait for room in a pipe?
#include "../harness/waits.h"

#include <sys/uio.h>

static struct iovec part = {wait_buf, 9};

FD_WAITS(room, wait_on[0], full_pipe(), syscall(SYS_vmsplice, wait_on[0], &part, 1, 0), wait_room())
