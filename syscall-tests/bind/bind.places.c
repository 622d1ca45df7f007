// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// bind: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

#include <sys/socket.h>
#include <sys/un.h>

static long bind_to(const char *path) {
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	strcpy(a.sun_path, path);
	return syscall(SYS_bind, REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), &a, sizeof a);
}

READ_ONLY(bind, bind_to(path))
NO_INODES(bind, bind_to(path))
