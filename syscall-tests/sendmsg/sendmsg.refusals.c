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
