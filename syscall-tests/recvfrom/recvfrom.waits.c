// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// recvfrom: what ends a wait for data on each kind of socket, and all of it?
#include "../harness/waitsocks.h"

FD_WAITS(unix_stream, wait_on[0], unix_pair(SOCK_STREAM), syscall(SYS_recvfrom, wait_on[0], wait_buf, 9, 0, NULL, NULL), wait_byte())
FD_WAITS(unix_dgram, wait_on[0], unix_pair(SOCK_DGRAM), syscall(SYS_recvfrom, wait_on[0], wait_buf, 9, 0, NULL, NULL), wait_byte())
FD_WAITS(unix_seqpacket, wait_on[0], unix_pair(SOCK_SEQPACKET), syscall(SYS_recvfrom, wait_on[0], wait_buf, 9, 0, NULL, NULL), wait_byte())
FD_WAITS(tcp, wait_on[0], tcp_pair(), syscall(SYS_recvfrom, wait_on[0], wait_buf, 9, 0, NULL, NULL), wait_byte())
FD_WAITS(udp, wait_on[0], udp_pair(), syscall(SYS_recvfrom, wait_on[0], wait_buf, 9, 0, NULL, NULL), wait_byte())
WAITS(peek, unix_pair(SOCK_STREAM), syscall(SYS_recvfrom, wait_on[0], wait_buf, 9, MSG_PEEK, NULL, NULL), wait_byte())
WAITS(all_of_two, unix_pair(SOCK_STREAM), syscall(SYS_recvfrom, wait_on[0], wait_buf, 2, MSG_WAITALL, NULL, NULL), REQUIRE(write(wait_on[1], "xy", 2) == 2))
