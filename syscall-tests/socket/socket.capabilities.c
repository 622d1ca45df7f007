// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// socket: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <netinet/in.h>
#include <sys/socket.h>

CAPABILITY(raw, (void)0, syscall(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP))
CAPABILITY(raw6, (void)0, syscall(SYS_socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6))
CAPABILITY(packet, (void)0, syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0))
