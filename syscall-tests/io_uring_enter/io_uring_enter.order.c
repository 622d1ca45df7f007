// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_uring_enter: links, drains, timeouts and cancellations.
#include "../harness/urings.h"

static struct { long long sec, nsec; } tick = {0, 3000000}, hour = {3600, 0};

static void put_timeout(struct ring *r, void *ts, unsigned count, unsigned flags, unsigned long data) {
	struct io_uring_sqe *s = ring_sqe(r, IORING_OP_TIMEOUT, -1, data);
	s->addr = (uintptr_t)ts, s->len = 1, s->off = count, s->timeout_flags = flags;
}

CASE(links) {
	struct ring r = ring_new(8);
	char buf[4];
	int fd = make_file("f", "data");
	for (int hard = 0; hard < 2; hard++)
		for (int bad = 0; bad < 4; bad++) {
			for (int i = 0; i < 4; i++) {
				struct io_uring_sqe *s = ring_rw(&r, IORING_OP_READ, i == bad ? 999 : fd, buf, 4, 0, i);
				if (i < 3)
					s->flags = hard ? IOSQE_IO_HARDLINK : IOSQE_IO_LINK;
			}
			CHECK_EQ(ring_submit(&r, 4), 4);
			OBSERVE(name("hard %d, %d is bad", hard, bad), "%s", ring_all(&r));
		}
	// A short read breaks a link too.
	ring_rw(&r, IORING_OP_READ, fd, buf, 4, 2, 1)->flags = IOSQE_IO_LINK;
	ring_sqe(&r, IORING_OP_NOP, -1, 2);
	CHECK_EQ(ring_submit(&r, 2), 2);
	OBSERVE("short", "%s", ring_all(&r));
	// One that is refused takes its whole chain with it.
	for (int bad = 0; bad < 3; bad++) {
		for (int i = 0; i < 3; i++) {
			struct io_uring_sqe *s = ring_sqe(&r, i == bad ? 250 : IORING_OP_NOP, -1, i);
			s->flags = i < 2 ? IOSQE_IO_LINK : 0;
		}
		OBSERVE_RET(name("%d refused", bad), ring_submit(&r, 3));
		OBSERVE(name("%d refused, completions", bad), "%s", ring_all(&r));
	}
	// The last one's link leads nowhere.
	ring_sqe(&r, IORING_OP_NOP, -1, 1)->flags = IOSQE_IO_LINK;
	OBSERVE("open end", "%s", ring_do(&r));
}

// A chain goes on when its first one is done, whenever that is; a file may be opened by it.
CASE(link_behind_a_wait) {
	struct ring r = ring_new(8);
	int p[2];
	char buf[8] = "", out[8] = "";
	REQUIRE_OK(pipe(p));
	int fd = make_file("f", "");
	ring_rw(&r, IORING_OP_READ, p[0], buf, 4, 0, 1)->flags = IOSQE_IO_LINK;
	ring_rw(&r, IORING_OP_WRITE, fd, buf, 4, 0, 2)->flags = IOSQE_IO_LINK;
	ring_rw(&r, IORING_OP_READ, fd, out, 4, 0, 3);
	CHECK_EQ(ring_submit(&r, 0), 3);
	REQUIRE(write(p[1], "data", 4) == 4);
	CHECK_EQ(ring_enter(&r, 0, 3, IORING_ENTER_GETEVENTS), 0);
	OBSERVE("completions", "%s", ring_all(&r));
	CHECK_STR(out, "data");
}

CASE(quiet_success) {
	struct ring r = ring_new(8);
	ring_sqe(&r, IORING_OP_NOP, -1, 1)->flags = IOSQE_CQE_SKIP_SUCCESS;
	ring_rw(&r, IORING_OP_READ, 999, NULL, 0, 0, 2)->flags = IOSQE_CQE_SKIP_SUCCESS;
	ring_sqe(&r, IORING_OP_NOP, -1, 3);
	CHECK_EQ(ring_submit(&r, 2), 3);
	OBSERVE("completions", "%s", ring_all(&r));
	ring_sqe(&r, IORING_OP_NOP, -1, 4)->flags = IOSQE_IO_DRAIN;
	OBSERVE("drain afterwards", "%s", ring_do(&r));
}

CASE(drain) {
	struct ring r = ring_new(8);
	int p[2];
	char c;
	REQUIRE_OK(pipe(p));
	ring_rw(&r, IORING_OP_READ, p[0], &c, 1, 0, 1);
	ring_sqe(&r, IORING_OP_NOP, -1, 2);
	ring_sqe(&r, IORING_OP_NOP, -1, 3)->flags = IOSQE_IO_DRAIN;
	ring_sqe(&r, IORING_OP_NOP, -1, 4);
	CHECK_EQ(ring_submit(&r, 0), 4);
	OBSERVE("at once", "%s", ring_all(&r));
	REQUIRE(write(p[1], "x", 1) == 1);
	CHECK_EQ(ring_enter(&r, 0, 3, IORING_ENTER_GETEVENTS), 0);
	OBSERVE("then", "%s", ring_all(&r));
}

CASE(timeouts) {
	struct ring r = ring_new(8);
	put_timeout(&r, &tick, 0, 0, 1);
	OBSERVE("plain", "%s", ring_do(&r));
	put_timeout(&r, &hour, 2, 0, 2);
	ring_sqe(&r, IORING_OP_NOP, -1, 3);
	ring_sqe(&r, IORING_OP_NOP, -1, 4);
	CHECK_EQ(ring_submit(&r, 3), 3);
	OBSERVE("two completions", "%s", ring_all(&r));
	put_timeout(&r, &tick, 0, 0, 5);
	r.sqes[(RING_WORD(&r, sq_off.tail) - 1) & 7].flags = IOSQE_IO_LINK;
	ring_sqe(&r, IORING_OP_NOP, -1, 6);
	CHECK_EQ(ring_submit(&r, 2), 2);
	OBSERVE("linked", "%s", ring_all(&r));
	put_timeout(&r, &tick, 0, IORING_TIMEOUT_ETIME_SUCCESS, 7);
	r.sqes[(RING_WORD(&r, sq_off.tail) - 1) & 7].flags = IOSQE_IO_LINK;
	ring_sqe(&r, IORING_OP_NOP, -1, 8);
	CHECK_EQ(ring_submit(&r, 2), 2);
	OBSERVE("success", "%s", ring_all(&r));
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	put_timeout(&r, &now, 0, IORING_TIMEOUT_ABS, 9);
	OBSERVE("absolute", "%s", ring_do(&r));
	clock_gettime(CLOCK_REALTIME, &now);
	put_timeout(&r, &now, 0, IORING_TIMEOUT_ABS | IORING_TIMEOUT_REALTIME, 10);
	OBSERVE("realtime", "%s", ring_do(&r));
	put_timeout(&r, &tick, 0, IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME, 11);
	OBSERVE("two clocks", "%s", ring_do(&r));
	put_timeout(&r, bad_ptr(), 0, 0, 12);
	OBSERVE("bad pointer", "%s", ring_do(&r));
	struct { long long sec, nsec; } negative = {-1, 0};
	put_timeout(&r, &negative, 0, 0, 13);
	OBSERVE("negative", "%s", ring_do(&r));
}

CASE(timeout_remove) {
	struct ring r = ring_new(8);
	put_timeout(&r, &hour, 0, 0, 1);
	CHECK_EQ(ring_submit(&r, 0), 1);
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_TIMEOUT_REMOVE, -1, 2);
	s->addr = 99;
	OBSERVE("another", "%s", ring_do(&r));
	s = ring_sqe(&r, IORING_OP_TIMEOUT_REMOVE, -1, 3);
	s->addr = 1;
	CHECK_EQ(ring_submit(&r, 2), 1);
	OBSERVE("it", "%s", ring_all(&r));
	put_timeout(&r, &hour, 0, 0, 4);
	s = ring_sqe(&r, IORING_OP_TIMEOUT_REMOVE, -1, 5);
	s->addr = 4, s->addr2 = (uintptr_t)&tick, s->timeout_flags = IORING_TIMEOUT_UPDATE;
	CHECK_EQ(ring_submit(&r, 2), 2);
	OBSERVE("shortened", "%s", ring_all(&r));
}

CASE(link_timeout) {
	struct ring r = ring_new(8);
	int p[2];
	char c;
	REQUIRE_OK(pipe(p));
	for (int ready = 0; ready < 2; ready++) {
		if (ready)
			REQUIRE(write(p[1], "x", 1) == 1);
		ring_rw(&r, IORING_OP_READ, p[0], &c, 1, 0, 1)->flags = IOSQE_IO_LINK;
		struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_LINK_TIMEOUT, -1, 2);
		s->addr = (uintptr_t)&tick, s->len = 1;
		CHECK_EQ(ring_submit(&r, 2), 2);
		OBSERVE(name("ready %d", ready), "%s", ring_all(&r));
	}
	// It ends before its time, and so does the timeout.
	ring_rw(&r, IORING_OP_READ, p[0], &c, 1, 0, 1)->flags = IOSQE_IO_LINK;
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_LINK_TIMEOUT, -1, 2);
	s->addr = (uintptr_t)&hour, s->len = 1;
	CHECK_EQ(ring_submit(&r, 0), 2);
	REQUIRE(write(p[1], "x", 1) == 1);
	CHECK_EQ(ring_enter(&r, 0, 2, IORING_ENTER_GETEVENTS), 0);
	OBSERVE("in time", "%s", ring_all(&r));
	s = ring_sqe(&r, IORING_OP_LINK_TIMEOUT, -1, 3);
	s->addr = (uintptr_t)&tick, s->len = 1;
	OBSERVE("alone", "%s", ring_do(&r));
}

CASE(poll) {
	struct ring r = ring_new(8);
	int e = REQUIRE_OK(eventfd(0, EFD_NONBLOCK));
	uint64_t v;
	ring_sqe(&r, IORING_OP_POLL_ADD, e, 1)->poll32_events = POLLOUT;
	OBSERVE("ready", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_POLL_ADD, e, 2)->poll32_events = POLLIN;
	CHECK_EQ(ring_submit(&r, 0), 1);
	CHECK_EQ(ring_ready(&r), 0);
	REQUIRE_OK(eventfd_write(e, 1));
	OBSERVE("then", "%s", ring_wait(&r));
	REQUIRE(read(e, &v, 8) == 8);
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_POLL_ADD, e, 3);
	s->poll32_events = POLLIN, s->len = IORING_POLL_ADD_MULTI;
	CHECK_EQ(ring_submit(&r, 0), 1);
	for (int i = 0; i < 3; i++) {
		REQUIRE_OK(eventfd_write(e, 1));
		OBSERVE(name("again %d", i), "%s", ring_wait(&r));
		REQUIRE(read(e, &v, 8) == 8);
	}
	s = ring_sqe(&r, IORING_OP_POLL_REMOVE, -1, 4);
	s->addr = 3;
	CHECK_EQ(ring_submit(&r, 2), 1);
	OBSERVE("removed", "%s", ring_all(&r));
	s = ring_sqe(&r, IORING_OP_POLL_REMOVE, -1, 5);
	s->addr = 3;
	OBSERVE("gone", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_POLL_ADD, make_file("f", ""), 6)->poll32_events = POLLPRI;
	OBSERVE("regular file", "%s", ring_do(&r));
}

CASE(cancel) {
	struct ring r = ring_new(8);
	int p[2];
	char c[4];
	REQUIRE_OK(pipe(p));
	struct io_uring_sqe *s;
	for (int i = 1; i < 5; i++)
		ring_rw(&r, IORING_OP_READ, p[0], &c[i - 1], 1, 0, i < 3 ? i : 3);
	CHECK_EQ(ring_submit(&r, 0), 4);
	s = ring_sqe(&r, IORING_OP_ASYNC_CANCEL, -1, 9);
	s->addr = 77;
	OBSERVE("none", "%s", ring_do(&r));
	s = ring_sqe(&r, IORING_OP_ASYNC_CANCEL, -1, 9);
	s->addr = 1;
	CHECK_EQ(ring_submit(&r, 2), 1);
	unsigned seen = 0;
	struct io_uring_cqe q;
	while (ring_take(&r, &q))
		seen |= q.user_data == 1 && q.res == -ECANCELED ? 1 : q.user_data == 9 && q.res == 0 ? 2 : 4;
	CHECK_EQ(seen, 3);
	s = ring_sqe(&r, IORING_OP_ASYNC_CANCEL, -1, 9);
	s->addr = 3, s->cancel_flags = IORING_ASYNC_CANCEL_ALL;
	CHECK_EQ(ring_submit(&r, 3), 1);
	for (seen = 0; ring_take(&r, &q);)
		seen += q.user_data == 3 && q.res == -ECANCELED ? 1 : q.user_data == 9 && q.res == 2 ? 0x10 : 0x100;
	CHECK_EQ(seen, 0x12);
	s = ring_sqe(&r, IORING_OP_ASYNC_CANCEL, p[0], 9);
	s->cancel_flags = IORING_ASYNC_CANCEL_FD;
	CHECK_EQ(ring_submit(&r, 2), 1);
	for (seen = 0; ring_take(&r, &q);)
		seen += q.user_data == 2 && q.res == -ECANCELED ? 1 : q.user_data == 9 && q.res == 0 ? 0x10 : 0x100;
	CHECK_EQ(seen, 0x11);
	REQUIRE(write(p[1], "x", 1) == 1);
	CHECK_EQ(read(p[0], c, 1), 1); // nobody else reads
}

// The ring's end, the process's and exec let go of what is under way.
CASE(end_of_the_ring) {
	int p[2];
	char c;
	for (int how = 0; how < 3; how++) {
		REQUIRE_OK(pipe2(p, O_CLOEXEC));
		pid_t child = harness_fork();
		if (child == 0) {
			struct ring r = ring_new(4);
			ring_sqe(&r, IORING_OP_POLL_ADD, p[1], 1)->poll32_events = POLLPRI;
			if (ring_submit(&r, 0) != 1)
				_exit(1);
			if (how == 0)
				_exit(0);
			close(p[1]);
			if (how == 1) {
				close(r.fd); // and the mappings, which hold the ring as well
				munmap(r.mem, page_size());
				munmap(r.sqes, page_size());
				pause();
			}
			execl("/bin/sleep", "sleep", "1000", NULL);
			_exit(1);
		}
		REQUIRE_OK(close(p[1]));
		CHECK_EQ(read(p[0], &c, 1), 0);
		kill(child, SIGKILL);
		wait_for(child);
		close(p[0]);
	}
}
