// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// recvmmsg: what ends a wait for the first of two messages?
#include "../harness/waitsocks.h"

static struct iovec part = {wait_buf, 9};
static struct mmsghdr m[2] = {{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}};

FD_WAITS(unix_dgram, wait_on[0], unix_pair(SOCK_DGRAM), syscall(SYS_recvmmsg, wait_on[0], m, 2, MSG_WAITFORONE, NULL), wait_byte())
FD_WAITS(udp, wait_on[0], udp_pair(), syscall(SYS_recvmmsg, wait_on[0], m, 2, MSG_WAITFORONE, NULL), wait_byte())
