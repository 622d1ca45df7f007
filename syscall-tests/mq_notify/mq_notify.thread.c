// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_notify: SIGEV_THREAD, by the cookie that comes on a netlink socket, and as the C library does it.
#include "../harness/mq.h"

#include <linux/netlink.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/socket.h>

static char cookie[32];

static struct sigevent thread_event(int sock, void *data) {
	struct sigevent e;
	memset(&e, 0, sizeof e);
	e.sigev_notify = SIGEV_THREAD, e.sigev_signo = sock, e.sigev_value.sival_ptr = data;
	return e;
}

static int netlink(void) {
	for (int i = 0; i < 32; i++)
		cookie[i] = 100 + i;
	return REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static void next_of(const char *what, int sock) {
	char buf[64];
	memset(buf, 0x55, sizeof buf);
	struct pollfd p = {sock, POLLIN, 0};
	OBSERVE(name("%s: ready", what), "%d", poll(&p, 1, 0));
	struct sockaddr_nl from;
	socklen_t n = sizeof from;
	memset(&from, 0x55, sizeof from);
	long r = OBSERVE_RET(name("%s: bytes", what), recvfrom(sock, buf, sizeof buf, MSG_DONTWAIT | MSG_NOSIGNAL, (void *)&from, &n));
	if (r > 0) {
		OBSERVE_BYTES(name("%s: cookie", what), buf, r);
		OBSERVE(name("%s: from", what), "%d %d %d", from.nl_family, from.nl_pid, from.nl_groups);
	}
}

CASE(a_cookie_comes) {
	int q = queue(10, 8, 0), sock = netlink();
	struct sigevent e = thread_event(sock, cookie);
	CHECK_EQ(mqnotify(q, &e), 0);
	CHECK_ERR(mqnotify(q, &e), EBUSY);
	memset(cookie, 0, sizeof cookie);
	next_of("nothing yet", sock);
	REQUIRE_OK(mqsend(q, "x", 1, 0, NULL));
	next_of("a message", sock);
	REQUIRE_OK(mqsend(q, "x", 1, 0, NULL));
	next_of("another", sock);
	CHECK_EQ(mqnotify(q, &e), 0);
	OBSERVE_RET("taken back", mqnotify(q, NULL));
	next_of("taken back", sock);
	OBSERVE_RET("taken back twice", mqnotify(q, NULL));
	next_of("taken back twice", sock);
}

CASE(the_queue_is_closed) {
	int q = queue(10, 8, 0), sock = netlink();
	struct sigevent e = thread_event(sock, cookie);
	CHECK_EQ(mqnotify(q, &e), 0);
	IN_CHILD(NULL) close(q);
	next_of("by a child", sock);
	close(q);
	next_of("by who asked", sock);
}

CASE(the_socket_is_closed) {
	int q = queue(10, 8, 0), sock = netlink();
	struct sigevent e = thread_event(sock, cookie);
	CHECK_EQ(mqnotify(q, &e), 0);
	close(sock);
	OBSERVE_RET("send", mqsend(q, "x", 1, 0, NULL));
	OBSERVE_RET("again", mqnotify(q, &e));
}

CASE(from_a_child) {
	int q = queue(10, 8, 0), sock = netlink();
	struct sigevent e = thread_event(sock, cookie);
	CHECK_EQ(mqnotify(q, &e), 0);
	IN_CHILD(NULL) {
		OBSERVE_RET("a child takes it back", mqnotify(q, NULL));
		REQUIRE_OK(mqsend(q, "x", 1, 0, NULL));
	}
	next_of("a child's message", sock);
}

CASE(errors_of_cookies) {
	int q = queue(10, 8, 0), sock = netlink(), fds[2];
	struct sigevent e;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		e = thread_event(sock, b->p);
		OBSERVE_RET(name("cookie at %s", b->name), mqnotify(q, &e));
	}
	e = thread_event(sock, guard_copy(cookie, 32));
	OBSERVE_RET("cookie at the end", mqnotify(q, &e));
	mqnotify(q, NULL);
	e = thread_event(sock, (char *)guard_copy(cookie, 31));
	OBSERVE_RET("one byte too few", mqnotify(q, &e));
	e = thread_event(-1, cookie);
	OBSERVE_RET("no descriptor", mqnotify(q, &e));
	e = thread_event(-1, bad_ptr());
	OBSERVE_RET("no descriptor and no cookie", mqnotify(q, &e));
	e = thread_event(q, cookie);
	OBSERVE_RET("no socket", mqnotify(q, &e));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	e = thread_event(fds[0], cookie);
	OBSERVE_RET("a unix socket", mqnotify(q, &e));
	e = thread_event(REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0)), cookie);
	OBSERVE_RET("an internet socket", mqnotify(q, &e));
	e = thread_event(sock, cookie);
	OBSERVE_RET("no queue", mqnotify(-1, &e));
	OBSERVE_RET("not a queue", mqnotify(sock, &e));
	next_of("after all that", sock);
}

static struct gate told;
static volatile int told_value;
static void function(union sigval v) {
	told_value = v.sival_int;
	gate_signal(&told);
}

CASE(as_the_library_does_it) {
	int q = queue(10, 8, 0);
	told = gate_open();
	struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = function, .sigev_value.sival_int = 99};
	OBSERVE_RET("mq_notify", mq_notify(q, &e));
	REQUIRE_OK(mqsend(q, "x", 1, 0, NULL));
	gate_wait(&told);
	OBSERVE("told", "%d", told_value);
	char text[8];
	REQUIRE_OK(mqreceive(q, text, 8, NULL, NULL));
	OBSERVE_RET("mq_notify again", mq_notify(q, &e));
	IN_CHILD(NULL) REQUIRE_OK(mqsend(q, "y", 1, 0, NULL));
	gate_wait(&told);
	OBSERVE_RET("and taken back", mq_notify(q, NULL));
}
