// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// socket: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

#include <sys/socket.h>

DESCRIPTOR_LIMIT(unix_socket, (void)0, syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0))
DESCRIPTOR_LIMIT(tcp_socket, (void)0, syscall(SYS_socket, AF_INET, SOCK_STREAM, 0))
