// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendmmsg: what ends a wait for room for messages in a socket?
#include "../harness/waitsocks.h"

static struct iovec part = {wait_buf, 9};
static struct mmsghdr m[2] = {{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}};

FD_WAITS(full_unix_dgram, wait_on[0], full_unix_pair(SOCK_DGRAM), syscall(SYS_sendmmsg, wait_on[0], m, 2, 0), wait_room())
