// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_uring_enter: sockets.
#include "../harness/urings.h"

#include <netinet/in.h>
#include <sys/un.h>

static struct sockaddr_in loopback(int fd) {
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	REQUIRE_OK(bind(fd, (void *)&a, sizeof a));
	REQUIRE_OK(listen(fd, 8));
	REQUIRE_OK(getsockname(fd, (void *)&a, &len));
	return a;
}

static void put_connect(struct ring *r, int fd, void *a, unsigned len, unsigned long data) {
	struct io_uring_sqe *s = ring_sqe(r, IORING_OP_CONNECT, fd, data);
	s->addr = (uintptr_t)a, s->off = len;
}

CASE(accept_and_connect) {
	struct ring r = ring_new(8);
	int l = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)), c = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	struct sockaddr_in a = loopback(l), from = {0};
	socklen_t len = sizeof from;
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_ACCEPT, l, 1);
	s->addr = (uintptr_t)&from, s->addr2 = (uintptr_t)&len, s->accept_flags = SOCK_CLOEXEC;
	CHECK_EQ(ring_submit(&r, 0), 1);
	CHECK_EQ(ring_ready(&r), 0);
	put_connect(&r, c, &a, sizeof a, 2);
	CHECK_EQ(ring_submit(&r, 2), 1);
	int fd = -1;
	struct io_uring_cqe q;
	while (ring_take(&r, &q)) {
		if (q.user_data == 1)
			fd = q.res;
		else
			CHECK_EQ(q.res, 0);
	}
	REQUIRE(fd > 0);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	OBSERVE("from", "%d %d", from.sin_family, (int)len);
	char buf[8] = "";
	ring_rw(&r, IORING_OP_RECV, fd, buf, 8, 0, 3);
	CHECK_EQ(ring_submit(&r, 0), 1);
	ring_rw(&r, IORING_OP_SEND, c, "data", 4, 0, 4);
	CHECK_EQ(ring_submit(&r, 2), 1);
	CHECK_EQ(ring_ready(&r), 2);
	CHECK_STR(buf, "data");
	ring_all(&r);
	put_connect(&r, c, &a, sizeof a, 5);
	OBSERVE("connected", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_SHUTDOWN, c, 6)->len = SHUT_WR;
	OBSERVE("shutdown", "%s", ring_do(&r));
	ring_rw(&r, IORING_OP_RECV, fd, buf, 8, 0, 7);
	OBSERVE("end", "%s", ring_do(&r));
	REQUIRE_OK(close(l));
	c = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	put_connect(&r, c, &a, sizeof a, 8);
	OBSERVE("nobody listens", "%s", ring_do(&r));
	put_connect(&r, c, bad_ptr(), sizeof a, 9);
	OBSERVE("bad address", "%s", ring_do(&r));
	put_connect(&r, 0, &a, sizeof a, 10);
	OBSERVE("no socket", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_ACCEPT, c, 11);
	OBSERVE("does not listen", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_ACCEPT, c, 12)->accept_flags = 1;
	OBSERVE("bad flags", "%s", ring_do(&r));
}

CASE(multishot_accept) {
	struct ring r = ring_new(8);
	int l = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "s"};
	REQUIRE_OK(bind(l, (void *)&a, sizeof a));
	REQUIRE_OK(listen(l, 8));
	ring_sqe(&r, IORING_OP_ACCEPT, l, 1)->ioprio = IORING_ACCEPT_MULTISHOT;
	CHECK_EQ(ring_submit(&r, 0), 1);
	for (int i = 0; i < 3; i++) {
		int c = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
		REQUIRE_OK(connect(c, (void *)&a, sizeof a));
		struct io_uring_cqe q = {0};
		while (!ring_take(&r, &q))
			ring_enter(&r, 0, 1, IORING_ENTER_GETEVENTS);
		CHECK(q.res > 0);
		OBSERVE(name("flags %d", i), "%#x", q.flags);
	}
	ring_sqe(&r, IORING_OP_ASYNC_CANCEL, -1, 2)->addr = 1;
	CHECK_EQ(ring_submit(&r, 2), 1);
	OBSERVE("cancelled", "%s", ring_all(&r));
}

CASE(send_and_receive) {
	struct ring r = ring_new(8);
	int sp[2];
	char buf[16] = "";
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sp));
	ring_rw(&r, IORING_OP_RECV, sp[0], buf, 4, 0, 1)->msg_flags = MSG_DONTWAIT;
	OBSERVE("dontwait", "%s", ring_do(&r));
	ring_rw(&r, IORING_OP_RECV, sp[0], buf, 8, 0, 2)->msg_flags = MSG_WAITALL;
	CHECK_EQ(ring_submit(&r, 0), 1);
	REQUIRE(write(sp[1], "1234", 4) == 4);
	REQUIRE(write(sp[1], "5678", 4) == 4);
	OBSERVE("waitall", "%s %s", ring_wait(&r), buf);
	ring_rw(&r, IORING_OP_SEND, sp[0], bad_ptr(), 4, 0, 3);
	OBSERVE("bad buffer", "%s", ring_do(&r));
	ring_rw(&r, IORING_OP_SEND, 0, buf, 4, 0, 4);
	OBSERVE("no socket", "%s", ring_do(&r));
	struct iovec v = {buf, 4};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	ring_rw(&r, IORING_OP_RECVMSG, sp[0], &m, 1, 0, 5);
	CHECK_EQ(ring_submit(&r, 0), 1);
	CHECK_EQ(ring_ready(&r), 0);
	ring_rw(&r, IORING_OP_SENDMSG, sp[1], &m, 1, 0, 6);
	CHECK_EQ(ring_submit(&r, 2), 1);
	CHECK_EQ(ring_ready(&r), 2);
	ring_all(&r);
	sig_catch(SIGPIPE, 0);
	REQUIRE_OK(close(sp[1]));
	ring_rw(&r, IORING_OP_SEND, sp[0], buf, 4, 0, 7);
	OBSERVE("broken", "%s, %d signals", ring_do(&r), (int)sig_count[SIGPIPE]);
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_SOCKET, AF_UNIX, 8);
	s->off = SOCK_DGRAM | SOCK_CLOEXEC;
	const char *done = ring_do(&r);
	OBSERVE("socket", "%d", strncmp(done, "8: ", 3) == 0 && atoi(done + 3) > 0);
	s = ring_sqe(&r, IORING_OP_SOCKET, 999, 9);
	OBSERVE("bad family", "%s", ring_do(&r));
}
