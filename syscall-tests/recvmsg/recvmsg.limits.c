// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// recvmsg: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

#include <sys/socket.h>
#include <sys/uio.h>

static int pair[2];

// Messages with two descriptors each.
static void messages(void) {
	int fds[2] = {0, 1};
	char space[CMSG_SPACE(sizeof fds)] = {0};
	struct iovec part = {"x", 1};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	*c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fds), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(c), fds, sizeof fds);
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	for (int i = 0; i < 6; i++)
		REQUIRE_OK(sendmsg(pair[0], &m, 0));
}

static long receive_two(void) {
	char b[8], space[100];
	struct iovec part = {b, 8};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
	return syscall(SYS_recvmsg, pair[1], &m, MSG_DONTWAIT);
}

DESCRIPTOR_LIMIT(two_descriptors, messages(), receive_two())
