// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setsockopt: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <netinet/in.h>
#include <sys/socket.h>

static int s;
static void a_socket(void) { s = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)); }
static long set(int level, int option, int value) { return syscall(SYS_setsockopt, s, level, option, &value, sizeof value); }

CAPABILITY_OF(CAP_NET_ADMIN, 12, mark, a_socket(), set(SOL_SOCKET, SO_MARK, 5))
CAPABILITY_OF(CAP_NET_ADMIN, 12, priority_7, a_socket(), set(SOL_SOCKET, SO_PRIORITY, 7))
CAPABILITY_OF(CAP_NET_ADMIN, 12, priority_6, a_socket(), set(SOL_SOCKET, SO_PRIORITY, 6))
CAPABILITY_OF(CAP_NET_ADMIN, 12, forced_send_buffer, a_socket(), set(SOL_SOCKET, SO_SNDBUFFORCE, 9999))
CAPABILITY_OF(CAP_NET_ADMIN, 12, forced_receive_buffer, a_socket(), set(SOL_SOCKET, SO_RCVBUFFORCE, 9999))
CAPABILITY_OF(CAP_NET_ADMIN, 12, debugging, a_socket(), set(SOL_SOCKET, SO_DEBUG, 1))
CAPABILITY_OF(CAP_NET_ADMIN, 12, transparent, a_socket(), set(IPPROTO_IP, IP_TRANSPARENT, 1))
CAPABILITY_OF(CAP_NET_ADMIN, 12, freebind, a_socket(), set(IPPROTO_IP, IP_FREEBIND, 1))
