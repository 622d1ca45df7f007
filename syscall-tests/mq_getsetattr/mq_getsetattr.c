// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_getsetattr: what can be changed, what is told, and the struct byte by byte.
#include "../harness/mq.h"

CASE(changes) {
	int q = queue(3, 9, 0);
	for (int bit = 0; bit < 64; bit += bit == 11 ? 20 : 1) {
		struct mq_attr a = {.mq_flags = 1l << bit, .mq_maxmsg = 99, .mq_msgsize = 99, .mq_curmsgs = 99};
		OBSERVE_RET(name("bit %d", bit), mqgetset(q, &a, NULL));
	}
	OBSERVE("then", "%s, status %#x", attr_text(q), fcntl(q, F_GETFL));
	struct mq_attr old, new = {0};
	memset(&old, 0xee, sizeof old);
	CHECK_EQ(mqgetset(q, &new, &old), 0);
	OBSERVE_BYTES("old", &old, sizeof old);
	OBSERVE("at last", "%s", attr_text(q));
	CHECK_EQ(mqgetset(q, NULL, NULL), 0);
}

CASE(errors) {
	int q = queue(3, 9, 0);
	struct mq_attr a = {0};
	CHECK_ERR(mqgetset(-1, &a, NULL), EBADF);
	CHECK_ERR(mqgetset(0, &a, NULL), EBADF);
	a.mq_flags = 1;
	CHECK_ERR(mqgetset(-1, &a, NULL), EINVAL);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		CHECK_ERR(mqgetset(q, b->p, NULL), EFAULT);
		CHECK_ERR(mqgetset(q, NULL, b->p), EFAULT);
	}
}
