// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_uring_enter: how are requests taken, how do completions come, and what ends the wait for them?
#include "../harness/urings.h"

CASE(arguments) {
	struct ring r = ring_new(4);
	CHECK_ERR(syscall(SYS_io_uring_enter, -1L, 0, 0, 0, NULL, 0L), EBADF);
	CHECK_ERR(syscall(SYS_io_uring_enter, 0, 0, 0, 0, NULL, 0L), EOPNOTSUPP);
	for (int bit = 8; bit < 32; bit++)
		CHECK_ERR(ring_enter(&r, 0, 0, 1u << bit), EINVAL);
	CHECK_EQ(ring_enter(&r, 0, 0, 0), 0);
	CHECK_EQ(ring_enter(&r, 5, 0, 0), 0); // there is none
	CHECK_EQ(ring_enter(&r, 0, 0, IORING_ENTER_GETEVENTS), 0);
	CHECK_ERR(ring_enter(&r, 0, 0, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG), EINVAL);
	CHECK_ERR(syscall(SYS_io_uring_enter, r.fd, 0, 0, 9, bad_ptr(), 24L), EFAULT);
	CHECK_ERR(syscall(SYS_io_uring_enter, r.fd, 0, 1, 1, bad_ptr(), 8L), EFAULT);
	CHECK_ERR(syscall(SYS_io_uring_enter, r.fd, 0, 1, 1, &r, 7L), EINVAL);
}

CASE(nop) {
	struct ring r = ring_new(4);
	for (int i = 0; i < 4; i++)
		ring_sqe(&r, IORING_OP_NOP, -1, i);
	CHECK_EQ(ring_submit(&r, 4), 4);
	CHECK_EQ(RING_WORD(&r, sq_off.head), 4);
	OBSERVE("completions", "%s", ring_all(&r));
	for (int i = 0; i < 1000; i++) {
		ring_sqe(&r, IORING_OP_NOP, -1, i);
		REQUIRE(ring_submit(&r, 1) == 1);
		struct io_uring_cqe c;
		REQUIRE(ring_take(&r, &c) && c.user_data == (unsigned)i && c.res == 0);
	}
}

// A request that is refused ends the submission, unless that is not wanted; its own completion says why.
CASE(bad_requests) {
	struct ring r = ring_new(8), all = ring_with(8, (struct io_uring_params){.flags = IORING_SETUP_SUBMIT_ALL});
	static const struct {
		const char *what;
		unsigned char op, flags;
		unsigned short ioprio, personality;
	} bad[] = {{"operation", 250, 0, 0, 0}, {"flags", 0, 0x80, 0, 0}, {"priority", 0, 0, 1, 0}, {"personality", 0, 0, 0, 7}, {"buffer", 0, 0x20, 0, 0}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		for (int k = 0; k < 2; k++) {
			struct ring *x = k ? &all : &r;
			for (int n = 0; n < 3; n++) {
				struct io_uring_sqe *s = ring_sqe(x, IORING_OP_NOP, -1, n);
				if (n == 1)
					s->opcode = bad[i].op, s->flags = bad[i].flags, s->ioprio = bad[i].ioprio, s->personality = bad[i].personality;
			}
			OBSERVE_RET(name("%s, all %d", bad[i].what, k), ring_submit(x, 0));
			OBSERVE(name("%s, all %d, completions", bad[i].what, k), "%s", ring_all(x));
			x->queued = RING_WORD(x, sq_off.tail) - RING_WORD(x, sq_off.head);
			ring_submit(x, 0);
			ring_all(x);
		}
}

CASE(bad_index) {
	struct ring r = ring_new(4);
	ring_sqe(&r, IORING_OP_NOP, -1, 1);
	ring_sqe(&r, IORING_OP_NOP, -1, 2);
	((unsigned *)(r.mem + r.p.sq_off.array))[1] = 4;
	OBSERVE_RET("submitted", ring_submit(&r, 0));
	OBSERVE("dropped", "%u, head %u", RING_WORD(&r, sq_off.dropped), RING_WORD(&r, sq_off.head));
	OBSERVE("completions", "%s", ring_all(&r));
}

// Completions that find no room wait, and come when there is some.
CASE(overflow) {
	struct ring r = ring_new(2); // room for four completions
	for (int i = 0; i < 10; i++) {
		ring_sqe(&r, IORING_OP_NOP, -1, i);
		CHECK_EQ(ring_submit(&r, 0), 1);
	}
	CHECK_EQ(ring_ready(&r), 4);
	OBSERVE("flags", "%#x, overflow %u", RING_WORD(&r, sq_off.flags), RING_WORD(&r, cq_off.overflow));
	OBSERVE("first", "%s", ring_all(&r));
	CHECK_EQ(ring_enter(&r, 0, 1, IORING_ENTER_GETEVENTS), 0);
	OBSERVE("second", "%s", ring_all(&r));
	CHECK_EQ(ring_enter(&r, 0, 1, IORING_ENTER_GETEVENTS), 0);
	OBSERVE("third", "%s", ring_all(&r));
	OBSERVE("flags afterwards", "%#x", RING_WORD(&r, sq_off.flags));
}

CASE(timeout_of_the_wait) {
	struct ring r = ring_new(4);
	struct { long long sec, nsec; } ts = {0, 2000000};
	struct io_uring_getevents_arg a = {.ts = (uintptr_t)&ts};
	CHECK_ERR(syscall(SYS_io_uring_enter, r.fd, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &a, sizeof a), ETIME);
	a.ts = 8;
	CHECK_ERR(syscall(SYS_io_uring_enter, r.fd, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &a, sizeof a), EFAULT);
	a.ts = (uintptr_t)&ts;
	ring_sqe(&r, IORING_OP_NOP, -1, 1);
	CHECK_EQ(syscall(SYS_io_uring_enter, r.fd, 1, 2, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &a, sizeof a), 1);
	CHECK_EQ(syscall(SYS_io_uring_enter, r.fd, 0, 2, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &a, sizeof a), 0); // one is there
}

// What is for the thread of a ring (IORING_SETUP_SQPOLL), and for accounts of idle time, changes nothing of a ring that has none.
CASE(flags_without_effect, "kernel>=6.15") {
	static const unsigned flags[] = {IORING_ENTER_SQ_WAKEUP, IORING_ENTER_SQ_WAIT, 0x80, IORING_ENTER_SQ_WAKEUP | IORING_ENTER_SQ_WAIT | 0x80};
	struct ring r = ring_new(4);
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		OBSERVE_RET(name("nothing with %#x", flags[i]), ring_enter(&r, 0, 0, flags[i]));
		ring_sqe(&r, IORING_OP_NOP, -1, i);
		OBSERVE_RET(name("one with %#x", flags[i]), ring_enter(&r, 1, 1, flags[i] | IORING_ENTER_GETEVENTS));
		OBSERVE(name("completion with %#x", flags[i]), "%s", ring_all(&r));
	}
}

// With a minimal time one completion is enough when that has passed, and without any the wait goes on.
CASE(minimal_time, "kernel>=6.12") {
	struct ring r = ring_new(4);
	OBSERVE("feature", "%d", !!(r.p.features & 1u << 15));
	struct { long long sec, nsec; } ts = {0, 20000000};
	struct { uint64_t mask; uint32_t size, min_us; uint64_t ts; } a = {.min_us = 2000};
	const unsigned flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
	OBSERVE_RET("nothing, no end", syscall(SYS_io_uring_enter, r.fd, 0, 1, flags, &a, sizeof a));
	a.ts = (uintptr_t)&ts;
	OBSERVE_RET("nothing", syscall(SYS_io_uring_enter, r.fd, 0, 1, flags, &a, sizeof a));
	ring_sqe(&r, IORING_OP_NOP, -1, 1);
	OBSERVE_RET("one of two, submitted", syscall(SYS_io_uring_enter, r.fd, 1, 2, flags, &a, sizeof a));
	OBSERVE_RET("one of two", syscall(SYS_io_uring_enter, r.fd, 0, 2, flags, &a, sizeof a));
	ts.sec = 100;
	OBSERVE_RET("one of two, no need to wait long", syscall(SYS_io_uring_enter, r.fd, 0, 2, flags, &a, sizeof a));
	OBSERVE("which", "%s", ring_wait(&r));
	struct { long long sec, nsec; } soon = {0, 30000000};
	ring_rw(&r, IORING_OP_TIMEOUT, -1, &soon, 1, 0, 2);
	r.queued = 0;
	OBSERVE_RET("one comes after the minimal time", syscall(SYS_io_uring_enter, r.fd, 1, 4, flags, &a, sizeof a));
	OBSERVE("it is", "%s", ring_wait(&r));
	ts.sec = 0, a.min_us = 1000000000;
	soon.nsec = 1000000;
	ring_rw(&r, IORING_OP_TIMEOUT, -1, &soon, 1, 0, 3);
	r.queued = 0;
	OBSERVE_RET("enough before the minimal time", syscall(SYS_io_uring_enter, r.fd, 1, 1, flags, &a, sizeof a));
	OBSERVE("that is", "%s", ring_wait(&r));
}

CASE(interrupted) {
	struct ring r = ring_new(4);
	for (int i = 0; i < 2; i++) {
		sig_catch(SIGUSR1, i ? SA_RESTART : 0);
		struct interrupter it = interrupt_me(SIGUSR1);
		OBSERVE_RET(name("restart %d", i), ring_enter(&r, 0, 1, IORING_ENTER_GETEVENTS));
		CHECK(interrupt_done(&it));
	}
	uint64_t mask = 0;
	sig_block(SIGUSR1);
	REQUIRE_OK(raise(SIGUSR1));
	OBSERVE_RET("mask lets in", syscall(SYS_io_uring_enter, r.fd, 0, 1, 1, &mask, 8L));
	CHECK_EQ(sig_count[SIGUSR1], 3);
	REQUIRE_OK(raise(SIGUSR1));
	CHECK(sig_pending(SIGUSR1));
}

CASE(read_and_write) {
	struct ring r = ring_new(8);
	char buf[16] = "";
	int fd = make_file("f", "0123456789");
	ring_rw(&r, IORING_OP_READ, fd, buf, 4, 3, 1);
	OBSERVE("read", "%s %s", ring_do(&r), buf);
	ring_rw(&r, IORING_OP_READ, fd, buf, 16, 8, 1);
	OBSERVE("at the end", "%s", ring_do(&r));
	ring_rw(&r, IORING_OP_READ, fd, buf, 16, 100, 1);
	OBSERVE("beyond", "%s", ring_do(&r));
	ring_rw(&r, IORING_OP_READ, fd, buf, 3, -1, 1);
	OBSERVE("where the file is", "%s, then %d", ring_do(&r), (int)lseek(fd, 0, SEEK_CUR));
	ring_rw(&r, IORING_OP_WRITE, fd, "ab", 2, 9, 1);
	OBSERVE("write", "%s %s", ring_do(&r), read_file("f"));
	struct iovec v[2] = {{buf, 2}, {buf + 8, 3}};
	ring_rw(&r, IORING_OP_READV, fd, v, 2, 1, 1);
	OBSERVE("readv", "%s", ring_do(&r));
	ring_rw(&r, IORING_OP_WRITEV, fd, v, 2, 0, 1);
	OBSERVE("writev", "%s %s", ring_do(&r), read_file("f"));
	ring_rw(&r, IORING_OP_READ, fd, buf, 1, -2, 1);
	OBSERVE("negative offset", "%s", ring_do(&r));
	ring_rw(&r, IORING_OP_READ, fd, bad_ptr(), 1, 0, 1);
	OBSERVE("bad buffer", "%s", ring_do(&r));
	ring_rw(&r, IORING_OP_READ, 999, buf, 1, 0, 1);
	OBSERVE("bad descriptor", "%s", ring_do(&r));
	ring_rw(&r, IORING_OP_WRITE, open("f", O_RDONLY), buf, 1, 0, 1);
	OBSERVE("read only", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_FSYNC, fd, 1);
	OBSERVE("fsync", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_FSYNC, fd, 1)->fsync_flags = 2;
	OBSERVE("fsync, bad flags", "%s", ring_do(&r));
}

// A read of an empty pipe is under way until there is something.
CASE(read_waits) {
	struct ring r = ring_new(8);
	char buf[16] = "";
	int p[2];
	REQUIRE_OK(pipe(p));
	ring_rw(&r, IORING_OP_READ, p[0], buf, 16, 0, 5);
	CHECK_EQ(ring_submit(&r, 0), 1);
	CHECK_EQ(ring_ready(&r), 0);
	REQUIRE(write(p[1], "data", 4) == 4);
	OBSERVE("then", "%s %s", ring_wait(&r), buf);
	ring_rw(&r, IORING_OP_READ, p[0], buf, 16, 0, 6);
	CHECK_EQ(ring_submit(&r, 0), 1);
	REQUIRE_OK(close(p[1]));
	OBSERVE("closed", "%s", ring_wait(&r));
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	ring_rw(&r, IORING_OP_READ, p[0], buf, 16, 0, 7);
	CHECK_EQ(ring_submit(&r, 0), 1);
	CHECK_EQ(ring_ready(&r), 0); // O_NONBLOCK is not for the ring
	REQUIRE(write(p[1], "more", 4) == 4);
	OBSERVE("nonblock", "%s", ring_wait(&r));
}

// It goes on while the task computes, without a call.
CASE(completes_by_itself) {
	struct ring r = ring_new(8);
	int e = REQUIRE_OK(eventfd(0, 0));
	uint64_t v = 0;
	ring_rw(&r, IORING_OP_READ, e, &v, 8, 0, 1);
	CHECK_EQ(ring_submit(&r, 0), 1);
	pid_t c = harness_fork();
	if (c == 0)
		_exit(eventfd_write(e, 7) == 0 ? 0 : 1);
	while (ring_ready(&r) == 0)
		;
	CHECK_EQ(v, 7);
	OBSERVE("completion", "%s", ring_wait(&r));
	CHECK_EQ(wait_for(c), 0);
}

CASE(deferred) {
	struct ring r = ring_with(8, (struct io_uring_params){.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN});
	int e = REQUIRE_OK(eventfd(0, 0));
	uint64_t v = 0;
	ring_rw(&r, IORING_OP_READ, e, &v, 8, 0, 1);
	CHECK_EQ(ring_submit(&r, 0), 1);
	REQUIRE_OK(eventfd_write(e, 7));
	CHECK_EQ(ring_ready(&r), 0);
	struct pollfd pf = {r.fd, POLLIN, 0};
	CHECK_EQ(poll(&pf, 1, -1), 1);
	CHECK_EQ(ring_ready(&r), 0); // only who enters makes it complete
	OBSERVE("completion", "%s", ring_wait(&r));
	CHECK_EQ(v, 7);
	IN_CHILD(NULL) {
		OBSERVE_RET("another task submits", ring_enter(&r, 1, 0, 0));
		OBSERVE_RET("another task waits", ring_enter(&r, 0, 1, IORING_ENTER_GETEVENTS));
	}
}

CASE(ring_can_be_polled) {
	struct ring r = ring_new(8);
	int p[2];
	char c;
	struct pollfd pf = {r.fd, POLLIN, 0};
	REQUIRE_OK(pipe(p));
	CHECK_EQ(poll(&pf, 1, 0), 0);
	ring_rw(&r, IORING_OP_READ, p[0], &c, 1, 0, 1);
	CHECK_EQ(ring_submit(&r, 0), 1);
	CHECK_EQ(poll(&pf, 1, 0), 0);
	pid_t child = harness_fork(), me = getppid();
	(void)me;
	if (child == 0)
		_exit(wait_blocked(getppid(), getppid()) && write(p[1], "x", 1) == 1 ? 0 : 1);
	int n;
	while ((n = poll(&pf, 1, -1)) < 0 && errno == EINTR)
		;
	CHECK_EQ(n, 1);
	OBSERVE("events", "%#x", pf.revents);
	OBSERVE("completion", "%s", ring_wait(&r));
	CHECK_EQ(poll(&pf, 1, 0), 0);
	CHECK_EQ(wait_for(child), 0);
}
