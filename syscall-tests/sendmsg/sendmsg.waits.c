// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendmsg: what ends a wait for room in a socket?
#include "../harness/waitsocks.h"

static struct iovec part = {wait_buf, 9};
static struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

FD_WAITS(full_unix_stream, wait_on[0], full_unix_pair(SOCK_STREAM), syscall(SYS_sendmsg, wait_on[0], &m, 0), wait_room())
FD_WAITS(full_unix_seqpacket, wait_on[0], full_unix_pair(SOCK_SEQPACKET), syscall(SYS_sendmsg, wait_on[0], &m, 0), wait_room())
