// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_cancel: which requests can it cancel, and who is told?
#include "../harness/aios.h"

CASE(arguments) {
	aio_context_t ctx = aio_new(4);
	struct io_event ev;
	struct iocb cb = {0};
	CHECK_ERR(syscall(SYS_io_cancel, ctx, NULL, &ev), EFAULT);
	CHECK_ERR(syscall(SYS_io_cancel, 0, NULL, &ev), EFAULT);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_io_cancel, ctx, b->p, &ev));
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &cb, &ev), EINVAL);
	CHECK_ERR(syscall(SYS_io_cancel, 0, &cb, &ev), EINVAL);
	cb.aio_key = 1;
	CHECK_ERR(syscall(SYS_io_cancel, 0, &cb, &ev), EINVAL);
}

// The event comes by the ring, not by the call.
CASE(poll) {
	aio_context_t ctx = aio_new(4);
	int p[2];
	REQUIRE_OK(pipe(p));
	struct iocb cb = aio_poll(p[0], POLLIN);
	cb.aio_data = 7;
	REQUIRE(aio_submit1(ctx, &cb) == 1);
	struct io_event ev = {.data = 99};
	OBSERVE_RET("cancel", syscall(SYS_io_cancel, ctx, &cb, bad_ptr()));
	CHECK_EQ(aio_events(ctx, 1, 1, &ev, NULL), 1);
	OBSERVE("event", "%d %d %lld %lld", (int)ev.data, ev.obj == (uintptr_t)&cb, (long long)ev.res, (long long)ev.res2);
	OBSERVE_RET("again", syscall(SYS_io_cancel, ctx, &cb, &ev));
	REQUIRE(write(p[1], "x", 1) == 1);
	CHECK_EQ(aio_drain(ctx), 0);
}

CASE(key_that_changed) {
	aio_context_t ctx = aio_new(4);
	int p[2];
	struct io_event ev;
	REQUIRE_OK(pipe(p));
	struct iocb cb = aio_poll(p[0], POLLIN);
	REQUIRE(aio_submit1(ctx, &cb) == 1);
	cb.aio_key = 5;
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &cb, &ev), EINVAL);
	cb.aio_key = 0;
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &cb, &ev), EINPROGRESS);
}

// Of two with one iocb the first goes; those of other contexts stay.
CASE(first_of_two) {
	aio_context_t ctx = aio_new(4), other = aio_new(4);
	int p[2];
	struct io_event ev;
	REQUIRE_OK(pipe(p));
	struct iocb cb = aio_poll(p[0], POLLIN);
	cb.aio_data = 1;
	REQUIRE(aio_submit1(ctx, &cb) == 1);
	cb.aio_data = 2;
	REQUIRE(aio_submit1(ctx, &cb) == 1);
	CHECK_ERR(syscall(SYS_io_cancel, other, &cb, &ev), EINVAL);
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &cb, &ev), EINPROGRESS);
	CHECK_EQ(aio_events(ctx, 1, 1, &ev, NULL), 1);
	OBSERVE("first", "%d %d", (int)ev.data, (int)ev.res);
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &cb, &ev), EINPROGRESS);
	CHECK_EQ(aio_events(ctx, 1, 1, &ev, NULL), 1);
	OBSERVE("second", "%d %d", (int)ev.data, (int)ev.res);
}

// What is done can't be cancelled, even if nobody has read its event.
CASE(done) {
	aio_context_t ctx = aio_new(4);
	struct io_event ev;
	char buf[4];
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, make_file("f", "x"), buf, 1, 0);
	REQUIRE(aio_submit1(ctx, &cb) == 1);
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &cb, &ev), EINVAL);
	CHECK_EQ(aio_drain(ctx), 1);
}

CASE(tells_the_eventfd) {
	aio_context_t ctx = aio_new(4);
	int p[2], e = REQUIRE_OK(eventfd(0, 0));
	struct io_event ev;
	uint64_t n = 0;
	REQUIRE_OK(pipe(p));
	struct iocb cb = aio_poll(p[0], POLLIN);
	cb.aio_flags = IOCB_FLAG_RESFD, cb.aio_resfd = e;
	REQUIRE(aio_submit1(ctx, &cb) == 1);
	CHECK_ERR(syscall(SYS_io_cancel, ctx, &cb, &ev), EINPROGRESS);
	CHECK_EQ(read(e, &n, 8), 8);
	CHECK_EQ(n, 1);
}
