// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// IOCB_CMD_POLL: when is a file ready, and what does the event say?
#include "../harness/aios.h"

#include <sys/epoll.h>
#include <sys/socket.h>

CASE(poll_arguments) {
	aio_context_t ctx = aio_new(4);
	int fd = make_file("f", "x");
	struct iocb cb = aio_poll(fd, POLLIN);
	OBSERVE("regular file", "%s", aio_result(ctx, &cb));
	cb = aio_poll(fd, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
	OBSERVE("more", "%s", aio_result(ctx, &cb));
	cb = aio_poll(fd, POLLPRI);
	OBSERVE("never there", "%s", aio_result(ctx, &cb));
	cb = aio_poll(fd, 0);
	OBSERVE("nothing", "%s", aio_result(ctx, &cb));
	cb = aio_poll(fd, 0x10001);
	OBSERVE("too many bits", "%s", aio_result(ctx, &cb));
	cb = aio_poll(fd, POLLIN);
	cb.aio_offset = 1;
	OBSERVE("offset", "%s", aio_result(ctx, &cb));
	cb.aio_offset = 0, cb.aio_nbytes = 1;
	OBSERVE("nbytes", "%s", aio_result(ctx, &cb));
	cb.aio_nbytes = 0, cb.aio_rw_flags = 1;
	OBSERVE("flags", "%s", aio_result(ctx, &cb));
}

CASE(poll_ready_at_once) {
	aio_context_t ctx = aio_new(4);
	int p[2], sp[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sp));
	struct iocb cb = aio_poll(p[1], POLLOUT | POLLIN);
	OBSERVE("pipe", "%s", aio_result(ctx, &cb));
	cb = aio_poll(sp[0], POLLOUT | POLLIN);
	OBSERVE("socket", "%s", aio_result(ctx, &cb));
	cb = aio_poll(eventfd(1, 0), POLLIN | POLLRDNORM | POLLOUT);
	OBSERVE("eventfd", "%s", aio_result(ctx, &cb));
	REQUIRE_OK(close(p[0]));
	cb = aio_poll(p[1], POLLIN);
	OBSERVE("broken", "%s", aio_result(ctx, &cb));
}

// It is asynchronous: submitted, pending, then told.
CASE(poll_waits) {
	aio_context_t ctx = aio_new(4);
	int p[2], e = eventfd(0, 0), told = eventfd(0, EFD_NONBLOCK);
	REQUIRE_OK(pipe(p));
	struct iocb a = aio_poll(p[0], POLLIN), b = aio_poll(e, POLLIN), *list[] = {&a, &b};
	a.aio_data = 1, b.aio_data = 2;
	b.aio_flags = IOCB_FLAG_RESFD, b.aio_resfd = told;
	CHECK_EQ(syscall(SYS_io_submit, ctx, 2, list), 2);
	CHECK_EQ(aio_drain(ctx), 0);
	struct io_event ev = {0};
	REQUIRE(write(p[1], "x", 1) == 1);
	CHECK_EQ(aio_events(ctx, 1, 1, &ev, NULL), 1);
	OBSERVE("pipe", "%d %#llx %lld", (int)ev.data, (long long)ev.res, (long long)ev.res2);
	CHECK_EQ(aio_drain(ctx), 0); // once
	REQUIRE_OK(eventfd_write(e, 1));
	CHECK_EQ(aio_events(ctx, 1, 1, &ev, NULL), 1);
	OBSERVE("eventfd", "%d %#llx %lld", (int)ev.data, (long long)ev.res, (long long)ev.res2);
	uint64_t n = 0;
	CHECK_EQ(read(told, &n, 8), 8);
	CHECK_EQ(n, 1);
}

// What is not asked for does not end it; errors and hang-ups always do.
CASE(poll_of_other_events) {
	aio_context_t ctx = aio_new(4);
	int sp[2];
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sp));
	struct iocb cb = aio_poll(sp[0], 0);
	CHECK_EQ(aio_submit1(ctx, &cb), 1);
	REQUIRE(write(sp[1], "x", 1) == 1);
	CHECK_EQ(aio_drain(ctx), 0);
	REQUIRE_OK(close(sp[1]));
	struct io_event ev = {0};
	CHECK_EQ(aio_events(ctx, 1, 1, &ev, NULL), 1);
	OBSERVE("hung up", "%d", (ev.res & POLLHUP) != 0);
}

// A socket announces its data as four events at once, and all of them are told.
CASE(poll_of_a_socket) {
	aio_context_t ctx = aio_new(4);
	int sp[2];
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sp));
	struct iocb cb = aio_poll(sp[0], POLLIN);
	CHECK_EQ(aio_submit1(ctx, &cb), 1);
	REQUIRE(write(sp[1], "x", 1) == 1);
	struct io_event ev = {0};
	CHECK_EQ(aio_events(ctx, 1, 1, &ev, NULL), 1);
	OBSERVE("event", "%#llx", (long long)ev.res);
}

// The file is kept, whatever becomes of its descriptor.
CASE(poll_of_a_closed_descriptor) {
	aio_context_t ctx = aio_new(4);
	int p[2];
	REQUIRE_OK(pipe(p));
	struct iocb cb = aio_poll(p[0], POLLIN);
	CHECK_EQ(aio_submit1(ctx, &cb), 1);
	REQUIRE_OK(close(p[0]));
	CHECK_EQ(aio_drain(ctx), 0);
	CHECK_EQ(write(p[1], "x", 1), 1);
	struct io_event ev = {0};
	CHECK_EQ(aio_events(ctx, 1, 1, &ev, NULL), 1);
	OBSERVE("event", "%#llx", (long long)ev.res);
	sig_catch(SIGPIPE, 0);
	CHECK_ERR(write(p[1], "x", 1), EPIPE); // and now it is gone
}

CASE(poll_of_two_queues) {
	aio_context_t ctx = aio_new(4);
	REQUIRE_OK(mkfifo("fifo", 0600));
	int fd = REQUIRE_OK(open("fifo", O_RDWR));
	struct iocb cb = aio_poll(fd, POLLIN);
	OBSERVE("FIFO of both sides", "%s", aio_result(ctx, &cb));
	cb = aio_poll(fd, POLLIN | POLLOUT);
	OBSERVE("ready", "%s", aio_result(ctx, &cb));
}

// Several requests for one file all end.
CASE(poll_by_many) {
	aio_context_t ctx = aio_new(16);
	int e = eventfd(0, 0);
	struct iocb cb[8];
	for (int i = 0; i < 8; i++) {
		cb[i] = aio_poll(e, i % 2 ? POLLIN : POLLPRI);
		cb[i].aio_data = i;
		struct iocb *p = &cb[i];
		CHECK_EQ(syscall(SYS_io_submit, ctx, 1, &p), 1);
	}
	REQUIRE_OK(eventfd_write(e, 1));
	struct io_event ev[8];
	CHECK_EQ(aio_events(ctx, 4, 8, ev, NULL), 4);
	unsigned seen = 0;
	for (int i = 0; i < 4; i++)
		seen |= 1u << ev[i].data;
	CHECK_EQ(seen, 0xaa);
	CHECK_EQ(aio_drain(ctx), 0);
}

// One ends, the next is submitted: an event loop of a thousand rounds.
CASE(poll_in_a_loop) {
	aio_context_t ctx = aio_new(4);
	int p[2];
	char c;
	REQUIRE_OK(pipe(p));
	for (int i = 0; i < 1000; i++) {
		struct iocb cb = aio_poll(p[0], POLLIN);
		struct io_event ev = {0};
		REQUIRE(aio_submit1(ctx, &cb) == 1);
		REQUIRE(write(p[1], "x", 1) == 1);
		REQUIRE(aio_events(ctx, 1, 1, &ev, NULL) == 1);
		REQUIRE(ev.res & POLLIN);
		REQUIRE(read(p[0], &c, 1) == 1);
	}
}
