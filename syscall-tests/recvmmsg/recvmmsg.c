// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// recvmmsg: several messages at once, MSG_WAITFORONE, the timeout, and how far it gets.
#include "../harness/msgflags.h"
#include "../harness/unixes.h"

static char bufs[8][16];
static struct iovec vecs[8];
static struct mmsghdr msgs[8];

static long many(int s, unsigned n, int flags, void *t) {
	memset(bufs, 0, sizeof bufs);
	memset(msgs, 0, sizeof msgs);
	for (int i = 0; i < 8; i++) {
		vecs[i] = (struct iovec){bufs[i], 8};
		msgs[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &vecs[i], .msg_iovlen = 1}, .msg_len = 99};
	}
	return syscall(SYS_recvmmsg, s, msgs, n, flags, t);
}

static const char *what(void) {
	static char t[400];
	int n = 0;
	for (int i = 0; i < 5; i++)
		n += snprintf(t + n, sizeof t - n, "%s%u '%s' %#x", i ? ", " : "", msgs[i].msg_len, bufs[i], msgs[i].msg_hdr.msg_flags);
	return t;
}

CASE(several) {
	static const int flags[] = {0, MSG_DONTWAIT, MSG_WAITFORONE, MSG_PEEK, MSG_TRUNC};
	for (size_t i = 0; i < COUNT(flags); i++)
		for (int type = 0; type < 3; type++) {
			int p[2];
			un_pair(unix_types[type], p);
			REQUIRE(write(p[0], "a", 1) == 1);
			REQUIRE(write(p[0], "bb", 2) == 2);
			REQUIRE(write(p[0], "ten bytes!", 10) == 10);
			char n[40];
			snprintf(n, sizeof n, "%s, flags %#x", unix_names[type], flags[i]);
			OBSERVE_RET(n, many(p[1], flags[i] == MSG_DONTWAIT || flags[i] == MSG_WAITFORONE ? 5 : type == 0 ? 2 : 3, flags[i], NULL));
			OBSERVE(name("%s: got", n), "%s", what());
			close(p[0]);
			close(p[1]);
		}
}

CASE(waiting) {
	int p[2];
	un_pair(SOCK_DGRAM, p);
	pid_t child = harness_fork();
	if (child == 0)
		_exit((int)many(p[1], 3, MSG_WAITFORONE, NULL));
	REQUIRE(wait_blocked(child, child));
	REQUIRE(write(p[0], "x", 1) == 1);
	OBSERVE_STATUS("MSG_WAITFORONE", wait_for(child));
	child = harness_fork();
	if (child == 0)
		_exit((int)many(p[1], 2, 0, NULL));
	REQUIRE(wait_blocked(child, child));
	REQUIRE(write(p[0], "x", 1) == 1);
	REQUIRE(wait_blocked(child, child));
	REQUIRE(write(p[0], "y", 1) == 1);
	OBSERVE_STATUS("both", wait_for(child));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(many(p[1], 2, 0, NULL), EINTR);
	CHECK(interrupt_done(&it));
	REQUIRE(write(p[0], "x", 1) == 1);
	it = interrupt_me(SIGUSR1);
	OBSERVE_RET("interrupted after one", many(p[1], 2, 0, NULL));
	CHECK(interrupt_done(&it));
	OBSERVE_RET("nothing there", many(p[1], 2, MSG_DONTWAIT, NULL));
}

// The timeout is looked at only after a message came.
CASE(timeouts) {
	int p[2];
	un_pair(SOCK_DGRAM, p);
	struct timespec t = {0, 0};
	REQUIRE(write(p[0], "a", 1) == 1);
	REQUIRE(write(p[0], "b", 1) == 1);
	OBSERVE_RET("no time", many(p[1], 5, 0, &t));
	OBSERVE("left", "%ld %ld", (long)t.tv_sec, t.tv_nsec);
	t = (struct timespec){100, 0};
	OBSERVE_RET("much time", many(p[1], 1, 0, &t));
	CHECK(t.tv_sec <= 100 && t.tv_sec > 50);
	static const struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}};
	for (size_t i = 0; i < COUNT(bad); i++) {
		t = bad[i];
		OBSERVE_RET(name("time %d", (int)i), many(p[1], 1, MSG_DONTWAIT, &t));
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("time %s", b->name), many(p[1], 1, MSG_DONTWAIT, b->p));
}

CASE(errors) {
	int p[2];
	char c[8];
	un_pair(SOCK_DGRAM, p);
	OBSERVE_NO_SOCKETS(fd, many(fd, 1, MSG_DONTWAIT, NULL));
	OBSERVE_RET("none", many(p[1], 0, 0, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		REQUIRE(write(p[0], "x", 1) == 1);
		OBSERVE_RET(name("%s", b->name), syscall(SYS_recvmmsg, p[1], b->p, 1, MSG_DONTWAIT, NULL));
		while (recv(p[1], c, 8, MSG_DONTWAIT) > 0)
			;
	}
	// The second can't be stored: the first counts.
	REQUIRE(write(p[0], "x", 1) == 1);
	REQUIRE(write(p[0], "y", 1) == 1);
	struct iovec v = {c, 8};
	struct mmsghdr m = {.msg_hdr = {.msg_iov = &v, .msg_iovlen = 1}};
	OBSERVE_RET("the vector ends", syscall(SYS_recvmmsg, p[1], guard_copy(&m, sizeof m), 2, MSG_DONTWAIT, NULL));
	OBSERVE_RET("what is left", recv(p[1], c, 8, MSG_DONTWAIT));
}

static long receive_some(int s, char *b, size_t n, int flags) {
	struct iovec v = {b, n};
	struct mmsghdr m = {.msg_hdr = {.msg_iov = &v, .msg_iovlen = 1, .msg_flags = -1}};
	long r = syscall(SYS_recvmmsg, s, &m, 1, flags, NULL);
	return r == 1 ? m.msg_len * 0x10000 + m.msg_hdr.msg_flags : r;
}

CASE(every_flag) { every_receive_flag(receive_some); }
