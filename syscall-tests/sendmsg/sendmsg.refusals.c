// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendmsg: which sockets refuse a message, with which error?
#include "../harness/sends.h"

static long send_it(int s, const void *p, size_t n, int flags, const void *to, socklen_t len) {
	struct iovec v = {(void *)p, n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_name = (void *)to, .msg_namelen = len};
	return syscall(SYS_sendmsg, s, &m, flags);
}

SENDS(send_it)

// A SOCK_SEQPACKET socket that is not connected says so, whatever the control message is.
CASE(bad_control_unconnected) {
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	struct { struct cmsghdr h; char data[8]; } bad = {{4, SOL_SOCKET, SCM_RIGHTS}};
	struct iovec v = {"x", 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &bad, .msg_controllen = sizeof bad};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		OBSERVE_RET(name("type %d", types[i]), syscall(SYS_sendmsg, REQUIRE_OK(socket(AF_UNIX, types[i], 0)), &m, MSG_NOSIGNAL));
}
