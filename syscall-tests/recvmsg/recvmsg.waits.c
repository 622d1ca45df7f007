// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// recvmsg: what ends a wait for data on each kind of socket?
#include "../harness/waitsocks.h"

static struct iovec part = {wait_buf, 9};
static struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

FD_WAITS(unix_stream, wait_on[0], unix_pair(SOCK_STREAM), syscall(SYS_recvmsg, wait_on[0], &m, 0), wait_byte())
FD_WAITS(unix_dgram, wait_on[0], unix_pair(SOCK_DGRAM), syscall(SYS_recvmsg, wait_on[0], &m, 0), wait_byte())
FD_WAITS(tcp, wait_on[0], tcp_pair(), syscall(SYS_recvmsg, wait_on[0], &m, 0), wait_byte())
FD_WAITS(udp, wait_on[0], udp_pair(), syscall(SYS_recvmsg, wait_on[0], &m, 0), wait_byte())
