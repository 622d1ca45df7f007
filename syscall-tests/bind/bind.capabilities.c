// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// bind: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <netinet/in.h>
#include <sys/socket.h>

static int s;
static void a_socket(void) { s = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)); }
static long bind_to(int port) {
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return syscall(SYS_bind, s, &a, sizeof a);
}

CAPABILITY(port_80, a_socket(), bind_to(80))
CAPABILITY(port_1023, a_socket(), bind_to(1023))
CAPABILITY(port_1024, a_socket(), bind_to(1024))
