// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendmmsg: several messages at once, and how far it gets.
#include "../harness/msgflags.h"
#include "../harness/unixes.h"

static long many(int s, void *m, unsigned n, int flags) { return syscall(SYS_sendmmsg, s, m, n, flags); }

CASE(several) {
	for (int i = 0; i < 3; i++) {
		int p[2];
		struct iovec v[3] = {{"a", 1}, {"bb", 2}, {"ccc", 3}};
		struct mmsghdr m[3];
		memset(m, 0, sizeof m);
		for (int k = 0; k < 3; k++)
			m[k].msg_hdr = (struct msghdr){.msg_iov = &v[k], .msg_iovlen = 1};
		un_pair(unix_types[i], p);
		OBSERVE_RET(unix_names[i], many(p[0], m, 3, 0));
		OBSERVE(name("%s, lengths", unix_names[i]), "%u %u %u", m[0].msg_len, m[1].msg_len, m[2].msg_len);
		for (int k = 0; k < 4; k++)
			OBSERVE(name("%s, %d", unix_names[i], k), "%s", got_text(receive(p[1], 10, 0, MSG_DONTWAIT)));
		OBSERVE_RET(name("%s, none", unix_names[i]), many(p[0], m, 0, 0));
	}
}

CASE(stops_at_an_error) {
	int p[2];
	struct iovec v[3] = {{"a", 1}, {bad_ptr(), 2}, {"ccc", 3}};
	struct mmsghdr m[3];
	memset(m, 0, sizeof m);
	for (int k = 0; k < 3; k++)
		m[k].msg_hdr = (struct msghdr){.msg_iov = &v[k], .msg_iovlen = 1};
	m[1].msg_len = 77;
	un_pair(SOCK_DGRAM, p);
	OBSERVE_RET("the second is bad", many(p[0], m, 3, 0));
	OBSERVE("lengths", "%u %u %u", m[0].msg_len, m[1].msg_len, m[2].msg_len);
	OBSERVE_RET("the first is bad", many(p[0], m + 1, 2, 0));
	OBSERVE_RET("the vector ends", many(p[0], guard_copy(m, sizeof m[0]), 2, 0));
	close(p[1]);
	OBSERVE_RET("broken", many(p[0], m, 1, MSG_NOSIGNAL));
}

CASE(errors) {
	struct iovec v = {"a", 1};
	struct mmsghdr m = {.msg_hdr = {.msg_iov = &v, .msg_iovlen = 1}};
	int p[2];
	un_pair(SOCK_DGRAM, p);
	OBSERVE_NO_SOCKETS(fd, many(fd, &m, 1, 0));
	OBSERVE_RET("none, not a socket", many(0, &m, 0, 0));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), many(p[0], b->p, 1, 0));
	static struct mmsghdr big[2000];
	for (int i = 0; i < 2000; i++)
		big[i].msg_hdr = (struct msghdr){.msg_iov = &v, .msg_iovlen = 0};
	int q[2];
	un_pair(SOCK_STREAM, q);
	OBSERVE_RET("no more than 1024", many(q[0], big, 2000, MSG_DONTWAIT));
}

static long send_three(int s, int flags) {
	struct iovec v = {"abc", 3};
	struct mmsghdr m = {.msg_hdr = {.msg_iov = &v, .msg_iovlen = 1}};
	long r = many(s, &m, 1, flags);
	return r == 1 ? m.msg_len : r;
}

CASE(every_flag) { every_send_flag(send_three); }
