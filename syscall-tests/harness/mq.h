// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of POSIX message queues: the calls themselves, and queues that go with the case.
#ifndef DITTO_HARNESS_MQ_H
#define DITTO_HARNESS_MQ_H

#include "harness.h"

#include <mqueue.h>
#include <time.h>

#define mqopen(n, f, m, a) syscall(SYS_mq_open, (const char *)(n), (int)(f), (int)(m), (void *)(a))
#define mqunlink(n) syscall(SYS_mq_unlink, (const char *)(n))
#define mqsend(q, p, n, prio, t) syscall(SYS_mq_timedsend, (int)(q), (void *)(p), (size_t)(n), (unsigned)(prio), (void *)(t))
#define mqreceive(q, p, n, prio, t) syscall(SYS_mq_timedreceive, (int)(q), (void *)(p), (size_t)(n), (unsigned *)(prio), (void *)(t))
#define mqnotify(q, e) syscall(SYS_mq_notify, (int)(q), (void *)(e))
#define mqgetset(q, n, o) syscall(SYS_mq_getsetattr, (int)(q), (void *)(n), (void *)(o))

// A name that nothing else has.
static inline const char *qname(int n) { return name("ditto-%d-%d", getpgrp(), n); }

// A fresh queue without a name, open to read and write.
static inline int queue(long maxmsg, long msgsize, int flags) {
	struct mq_attr a = {.mq_maxmsg = maxmsg, .mq_msgsize = msgsize};
	int q = REQUIRE_OK(mqopen(qname(0), O_CREAT | O_EXCL | O_RDWR | flags, 0600, &a));
	REQUIRE_OK(mqunlink(qname(0)));
	return q;
}

static inline const char *attr_text(int q) {
	struct mq_attr a;
	memset(&a, 0xee, sizeof a);
	if (mqgetset(q, NULL, &a))
		return errno_name(errno);
	return name("flags %#lx maxmsg %ld msgsize %ld curmsgs %ld", a.mq_flags, a.mq_maxmsg, a.mq_msgsize, a.mq_curmsgs);
}

static inline const struct timespec *in_ms(long ms) {
	static struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000, t.tv_nsec %= 1000000000;
	return &t;
}

#endif
