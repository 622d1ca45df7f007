// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// accept: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

#include <sys/socket.h>
#include <sys/un.h>

static int listener;

// A listener with callers enough that wait.
static void callers(void) {
	static struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "listener"};
	listener = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	REQUIRE_OK(bind(listener, (void *)&a, sizeof a));
	REQUIRE_OK(listen(listener, 10));
	for (int i = 0; i < 6; i++)
		REQUIRE_OK(connect(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), (void *)&a, sizeof a));
	REQUIRE_OK(fcntl(listener, F_SETFL, O_NONBLOCK));
}

DESCRIPTOR_LIMIT(accept, callers(), syscall(SYS_accept, listener, NULL, NULL))
