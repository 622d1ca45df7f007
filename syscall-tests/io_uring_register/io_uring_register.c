// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_uring_register: files, buffers, an eventfd, credentials, restrictions.
#include "../harness/urings.h"

static long reg(struct ring *r, unsigned op, void *arg, unsigned n) { return syscall(SYS_io_uring_register, r->fd, op, arg, n); }

CASE(arguments) {
	struct ring r = ring_new(4);
	CHECK_ERR(syscall(SYS_io_uring_register, 999, 0, NULL, 0), EBADF);
	CHECK_ERR(syscall(SYS_io_uring_register, 0, 0, NULL, 0), EOPNOTSUPP);
	CHECK_ERR(reg(&r, 999, NULL, 0), EINVAL);
	static const unsigned undo[] = {IORING_UNREGISTER_BUFFERS, IORING_UNREGISTER_FILES, IORING_UNREGISTER_EVENTFD};
	for (int i = 0; i < 3; i++) {
		CHECK_ERR(reg(&r, undo[i], NULL, 0), ENXIO);
		CHECK_ERR(reg(&r, undo[i], &r, 0), EINVAL);
		CHECK_ERR(reg(&r, undo[i], NULL, 1), EINVAL);
	}
	CHECK_ERR(reg(&r, IORING_REGISTER_ENABLE_RINGS, NULL, 0), EBADFD);
}

CASE(files) {
	struct ring r = ring_new(4);
	char buf[8] = "";
	int fd = make_file("f", "data"), fds[4] = {fd, -1, 999, r.fd};
	OBSERVE_RET("none", reg(&r, IORING_REGISTER_FILES, fds, 0));
	OBSERVE_RET("bad pointer", reg(&r, IORING_REGISTER_FILES, bad_ptr(), 2));
	OBSERVE_RET("bad descriptor", reg(&r, IORING_REGISTER_FILES, fds, 3));
	fds[2] = r.fd;
	OBSERVE_RET("a ring", reg(&r, IORING_REGISTER_FILES, fds, 3));
	CHECK_OK(reg(&r, IORING_REGISTER_FILES, fds, 2));
	OBSERVE_RET("again", reg(&r, IORING_REGISTER_FILES, fds, 2));
	REQUIRE_OK(close(fd));
	for (int i = 0; i < 3; i++) {
		ring_rw(&r, IORING_OP_READ, i, buf, 4, 0, i)->flags = IOSQE_FIXED_FILE;
		OBSERVE(name("read %d", i), "%s", ring_do(&r));
	}
	CHECK_STR(buf, "data");
	int other = make_file("g", "other"), skip[2] = {-2, other};
	struct io_uring_files_update u = {.offset = 0, .fds = (uintptr_t)skip};
	OBSERVE_RET("update", reg(&r, IORING_REGISTER_FILES_UPDATE, &u, 2));
	ring_rw(&r, IORING_OP_READ, 1, buf, 5, 0, 1)->flags = IOSQE_FIXED_FILE;
	OBSERVE("read the other", "%s %s", ring_do(&r), buf);
	u.offset = 1;
	OBSERVE_RET("update beyond", reg(&r, IORING_REGISTER_FILES_UPDATE, &u, 2));
	u.offset = 0, u.resv = 1;
	OBSERVE_RET("reserved", reg(&r, IORING_REGISTER_FILES_UPDATE, &u, 2));
	CHECK_OK(reg(&r, IORING_UNREGISTER_FILES, NULL, 0));
	ring_rw(&r, IORING_OP_READ, 1, buf, 5, 0, 1)->flags = IOSQE_FIXED_FILE;
	OBSERVE("afterwards", "%s", ring_do(&r));
}

// A file may be opened into a place, linked with a read of it, and closed there.
CASE(direct_descriptors) {
	struct ring r = ring_new(8);
	char buf[8] = "";
	int fds[2] = {-1, -1};
	close(make_file("f", "data"));
	CHECK_OK(reg(&r, IORING_REGISTER_FILES, fds, 2));
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_OPENAT, AT_FDCWD, 1);
	s->addr = (uintptr_t)"f", s->file_index = 2, s->flags = IOSQE_IO_LINK;
	ring_rw(&r, IORING_OP_READ, 1, buf, 4, 0, 2)->flags = IOSQE_FIXED_FILE | IOSQE_IO_LINK;
	ring_sqe(&r, IORING_OP_CLOSE, 0, 3)->file_index = 2;
	CHECK_EQ(ring_submit(&r, 3), 3);
	OBSERVE("chain", "%s", ring_all(&r));
	CHECK_STR(buf, "data");
	ring_sqe(&r, IORING_OP_CLOSE, 0, 4)->file_index = 2;
	OBSERVE("close again", "%s", ring_do(&r));
	for (int i = 0; i < 3; i++) {
		s = ring_sqe(&r, IORING_OP_OPENAT, AT_FDCWD, 5);
		s->addr = (uintptr_t)"f", s->file_index = IORING_FILE_INDEX_ALLOC;
		OBSERVE(name("anywhere %d", i), "%s", ring_do(&r));
	}
	s = ring_sqe(&r, IORING_OP_OPENAT, AT_FDCWD, 6);
	s->addr = (uintptr_t)"f", s->file_index = 9;
	OBSERVE("beyond", "%s", ring_do(&r));
	s = ring_sqe(&r, IORING_OP_OPENAT, AT_FDCWD, 7);
	s->addr = (uintptr_t)"f", s->file_index = 1, s->open_flags = O_CLOEXEC;
	OBSERVE("cloexec", "%s", ring_do(&r));
}

CASE(buffers) {
	struct ring r = ring_new(4);
	char *buf = writable_page();
	int fd = make_file("f", "0123456789");
	struct iovec v[2] = {{buf, 16}, {buf + 100, 50}};
	OBSERVE_RET("none", reg(&r, IORING_REGISTER_BUFFERS, v, 0));
	OBSERVE_RET("bad pointer", reg(&r, IORING_REGISTER_BUFFERS, bad_ptr(), 1));
	v[1].iov_base = bad_ptr();
	OBSERVE_RET("bad buffer", reg(&r, IORING_REGISTER_BUFFERS, v, 2));
	v[1].iov_base = buf + 100, v[1].iov_len = 0;
	OBSERVE_RET("no length", reg(&r, IORING_REGISTER_BUFFERS, v, 2));
	v[1].iov_len = 50;
	CHECK_OK(reg(&r, IORING_REGISTER_BUFFERS, v, 2));
	OBSERVE_RET("again", reg(&r, IORING_REGISTER_BUFFERS, v, 2));
	static const struct { int off, len, index; } reads[] = {{0, 10, 0}, {6, 10, 0}, {7, 10, 0}, {100, 5, 1}, {100, 5, 0}, {100, 5, 2}};
	for (int i = 0; i < 6; i++) {
		ring_rw(&r, IORING_OP_READ_FIXED, fd, buf + reads[i].off, reads[i].len, 0, i)->buf_index = reads[i].index;
		OBSERVE(name("read %d", i), "%s", ring_do(&r));
	}
	CHECK(memcmp(buf + 100, "01234", 5) == 0);
	ring_rw(&r, IORING_OP_WRITE_FIXED, fd, buf + 100, 3, 5, 9)->buf_index = 1;
	OBSERVE("write", "%s %s", ring_do(&r), read_file("f"));
	CHECK_OK(reg(&r, IORING_UNREGISTER_BUFFERS, NULL, 0));
	ring_rw(&r, IORING_OP_READ_FIXED, fd, buf, 5, 0, 9);
	OBSERVE("afterwards", "%s", ring_do(&r));
}

CASE(eventfd) {
	struct ring r = ring_new(4);
	int e = REQUIRE_OK(syscall(SYS_eventfd2, 0, EFD_NONBLOCK)), zero = 0, bad = 999;
	uint64_t n = 0;
	OBSERVE_RET("two", reg(&r, IORING_REGISTER_EVENTFD, &e, 2));
	OBSERVE_RET("bad pointer", reg(&r, IORING_REGISTER_EVENTFD, bad_ptr(), 1));
	OBSERVE_RET("bad descriptor", reg(&r, IORING_REGISTER_EVENTFD, &bad, 1));
	OBSERVE_RET("another file", reg(&r, IORING_REGISTER_EVENTFD, &zero, 1));
	CHECK_OK(reg(&r, IORING_REGISTER_EVENTFD, &e, 1));
	OBSERVE_RET("again", reg(&r, IORING_REGISTER_EVENTFD, &e, 1));
	ring_sqe(&r, IORING_OP_NOP, -1, 1);
	ring_do(&r);
	CHECK_EQ(read(e, &n, 8), 8);
	CHECK(n > 0);
	RING_WORD(&r, cq_off.flags) |= IORING_CQ_EVENTFD_DISABLED;
	ring_sqe(&r, IORING_OP_NOP, -1, 1);
	ring_do(&r);
	CHECK_ERR(read(e, &n, 8), EAGAIN);
	CHECK_OK(reg(&r, IORING_UNREGISTER_EVENTFD, NULL, 0));
	CHECK_OK(reg(&r, IORING_REGISTER_EVENTFD_ASYNC, &e, 1));
}

// The probe must tell the truth: what it says is there does not answer that there is no such operation.
CASE(probe) {
	struct ring r = ring_new(4);
	struct {
		struct io_uring_probe head;
		struct io_uring_probe_op ops[256];
	} p = {0};
	OBSERVE_RET("NULL", reg(&r, IORING_REGISTER_PROBE, NULL, 1));
	OBSERVE_RET("too many", reg(&r, IORING_REGISTER_PROBE, &p, 257));
	OBSERVE_RET("bad pointer", reg(&r, IORING_REGISTER_PROBE, bad_ptr(), 1));
	p.ops[0].op = 1;
	OBSERVE_RET("not zero", reg(&r, IORING_REGISTER_PROBE, &p, 4));
	p.ops[0].op = 0;
	CHECK_OK(reg(&r, IORING_REGISTER_PROBE, &p, 256));
	CHECK_EQ(p.head.ops_len, p.head.last_op + 1);
	static const int wanted[] = {IORING_OP_NOP, IORING_OP_READV, IORING_OP_WRITEV, IORING_OP_FSYNC, IORING_OP_READ_FIXED,
		IORING_OP_WRITE_FIXED, IORING_OP_POLL_ADD, IORING_OP_POLL_REMOVE, IORING_OP_SENDMSG, IORING_OP_RECVMSG, IORING_OP_TIMEOUT,
		IORING_OP_ACCEPT, IORING_OP_ASYNC_CANCEL, IORING_OP_LINK_TIMEOUT, IORING_OP_CONNECT, IORING_OP_OPENAT, IORING_OP_CLOSE,
		IORING_OP_STATX, IORING_OP_READ, IORING_OP_WRITE, IORING_OP_SEND, IORING_OP_RECV, IORING_OP_UNLINKAT};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		CHECK(p.ops[wanted[i]].flags & IO_URING_OP_SUPPORTED);
	for (int i = 0; i < p.head.ops_len; i++)
		CHECK_EQ(p.ops[i].op, i);
}

CASE(personality, "root") {
	struct ring r = ring_new(4);
	char buf[4];
	int id = REQUIRE_OK(reg(&r, IORING_REGISTER_PERSONALITY, NULL, 0));
	OBSERVE("first", "%d", id);
	close(make_file("f", "data"));
	REQUIRE_OK(chmod("f", 0600));
	REQUIRE_OK(chmod(".", 0755));
	CHECK_OK(syscall(SYS_setresuid, 65534, 65534, -1));
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_OPENAT, AT_FDCWD, 1);
	s->addr = (uintptr_t)"f";
	OBSERVE("as nobody", "%s", ring_do(&r));
	s = ring_sqe(&r, IORING_OP_OPENAT, AT_FDCWD, 2);
	s->addr = (uintptr_t)"f", s->personality = id;
	struct io_uring_cqe q = {0};
	CHECK_EQ(ring_submit(&r, 1), 1);
	REQUIRE(ring_take(&r, &q));
	OBSERVE("as root", "%d", q.res > 0);
	CHECK_EQ(getuid(), 65534);
	CHECK_OK(reg(&r, IORING_UNREGISTER_PERSONALITY, NULL, id));
	OBSERVE_RET("again", reg(&r, IORING_UNREGISTER_PERSONALITY, NULL, id));
	(void)buf;
}

CASE(restrictions) {
	struct ring plain = ring_new(4), r = ring_with(4, (struct io_uring_params){.flags = IORING_SETUP_R_DISABLED});
	struct io_uring_restriction x[4] = {
		{.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_NOP},
		{.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = IOSQE_IO_LINK},
		{.opcode = IORING_RESTRICTION_REGISTER_OP, .register_op = IORING_REGISTER_EVENTFD},
		{.opcode = 9},
	};
	OBSERVE_RET("running ring", reg(&plain, IORING_REGISTER_RESTRICTIONS, x, 3));
	OBSERVE_RET("enter", ring_enter(&r, 0, 0, 0));
	OBSERVE_RET("unknown", reg(&r, IORING_REGISTER_RESTRICTIONS, x, 4));
	CHECK_OK(reg(&r, IORING_REGISTER_RESTRICTIONS, x, 3));
	OBSERVE_RET("again", reg(&r, IORING_REGISTER_RESTRICTIONS, x, 3));
	CHECK_OK(reg(&r, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
	ring_sqe(&r, IORING_OP_NOP, -1, 1);
	OBSERVE("allowed", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_FSYNC, 0, 2);
	OBSERVE("forbidden", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_NOP, -1, 3)->flags = IOSQE_ASYNC;
	OBSERVE("flag", "%s", ring_do(&r));
	int e = REQUIRE_OK(syscall(SYS_eventfd2, 0, 0));
	OBSERVE_RET("eventfd", reg(&r, IORING_REGISTER_EVENTFD, &e, 1));
	OBSERVE_RET("files", reg(&r, IORING_REGISTER_FILES, &e, 1));
}

CASE(registered_ring, "kernel>=5.18") {
	struct ring r = ring_new(4);
	struct io_uring_rsrc_update u = {.offset = -1U, .data = r.fd};
	OBSERVE_RET("register", reg(&r, IORING_REGISTER_RING_FDS, &u, 1));
	OBSERVE("place", "%u", u.offset);
	ring_sqe(&r, IORING_OP_NOP, -1, 1);
	OBSERVE_RET("enter", syscall(SYS_io_uring_enter, u.offset, 1, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_REGISTERED_RING, NULL, 0L));
	OBSERVE("completion", "%s", ring_all(&r));
	OBSERVE_RET("another", syscall(SYS_io_uring_enter, 5, 0, 0, IORING_ENTER_REGISTERED_RING, NULL, 0L));
	OBSERVE_RET("beyond", syscall(SYS_io_uring_enter, 16, 0, 0, IORING_ENTER_REGISTERED_RING, NULL, 0L));
	u.data = 0;
	OBSERVE_RET("unregister", reg(&r, IORING_UNREGISTER_RING_FDS, &u, 1));
	OBSERVE_RET("afterwards", syscall(SYS_io_uring_enter, 0, 0, 0, IORING_ENTER_REGISTERED_RING, NULL, 0L));
}

// struct io_uring_sync_cancel_reg, as it is since 6.6.
struct sync_cancel {
	uint64_t addr;
	int32_t fd;
	uint32_t flags;
	struct { long long tv_sec, tv_nsec; } timeout;
	uint8_t opcode, pad[7];
	uint64_t pad2[3];
};

CASE(sync_cancel, "kernel>=6.6") {
	struct ring r = ring_new(8);
	int p[2];
	char c[4];
	REQUIRE_OK(pipe(p));
	struct sync_cancel a = {.addr = 1, .timeout = {-1, -1}};
	CHECK_ERR(reg(&r, IORING_REGISTER_SYNC_CANCEL, NULL, 1), EINVAL);
	CHECK_ERR(reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 0), EINVAL);
	CHECK_ERR(reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 2), EINVAL);
	CHECK_ERR(reg(&r, IORING_REGISTER_SYNC_CANCEL, bad_ptr(), 1), EFAULT);
	OBSERVE_RET("nothing", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	for (int i = 0; i < 3; i++)
		ring_rw(&r, IORING_OP_READ, p[0], c + i, 1, 0, i + 1);
	CHECK_EQ(ring_submit(&r, 0), 3);
	OBSERVE_RET("by data", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	OBSERVE("what was cancelled", "%s", ring_wait(&r));
	OBSERVE_RET("again", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	a = (struct sync_cancel){.fd = 999, .flags = IORING_ASYNC_CANCEL_FD, .timeout = {-1, -1}};
	OBSERVE_RET("no such descriptor", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	a.fd = p[1];
	OBSERVE_RET("another descriptor", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	a.fd = 0, a.flags |= IORING_ASYNC_CANCEL_FD_FIXED;
	OBSERVE_RET("no such place", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	a.fd = p[0], a.flags = IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ALL, a.timeout.tv_sec = 1, a.timeout.tv_nsec = 0;
	OBSERVE_RET("all of a descriptor", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	struct io_uring_cqe first = {0}, second = {0}; // in which order is nobody's business
	while (ring_ready(&r) < 2)
		REQUIRE_OK(ring_enter(&r, 0, 2, IORING_ENTER_GETEVENTS));
	REQUIRE(ring_take(&r, &first) && ring_take(&r, &second));
	OBSERVE("both", "%d: %s %s", (int)(first.user_data + second.user_data), res_text(first.res), res_text(second.res));
	OBSERVE_RET("all of none", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	a.flags = 1 << 20;
	OBSERVE_RET("unknown flag", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	a.flags = 0, a.pad[6] = 1;
	OBSERVE_RET("padding", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
	a.pad[6] = 0, a.pad2[2] = 1;
	OBSERVE_RET("more padding", reg(&r, IORING_REGISTER_SYNC_CANCEL, &a, 1));
}

CASE(bounds_of_workers, "kernel>=5.15") {
	struct ring r = ring_new(4);
	unsigned n[2] = {0, 0};
	CHECK_ERR(reg(&r, IORING_REGISTER_IOWQ_MAX_WORKERS, NULL, 2), EINVAL);
	CHECK_ERR(reg(&r, IORING_REGISTER_IOWQ_MAX_WORKERS, n, 1), EINVAL);
	CHECK_ERR(reg(&r, IORING_REGISTER_IOWQ_MAX_WORKERS, bad_ptr(), 2), EFAULT);
	OBSERVE_RET("asked", reg(&r, IORING_REGISTER_IOWQ_MAX_WORKERS, n, 2));
	OBSERVE("of files", "%u", n[0]);
	n[0] = 3, n[1] = 7;
	OBSERVE_RET("set", reg(&r, IORING_REGISTER_IOWQ_MAX_WORKERS, n, 2));
	OBSERVE("were", "%u", n[0]);
	n[0] = 0, n[1] = 5;
	OBSERVE_RET("set one", reg(&r, IORING_REGISTER_IOWQ_MAX_WORKERS, n, 2));
	OBSERVE("were then", "%u %u", n[0], n[1]);
	n[0] = 1u << 31, n[1] = 0;
	OBSERVE_RET("too many", reg(&r, IORING_REGISTER_IOWQ_MAX_WORKERS, n, 2));
	struct ring other = ring_new(8);
	n[0] = n[1] = 0;
	OBSERVE_RET("asked of another ring", reg(&other, IORING_REGISTER_IOWQ_MAX_WORKERS, n, 2));
	OBSERVE("are", "%u %u", n[0], n[1]);
	ring_sqe(&r, IORING_OP_NOP, -1, 1)->flags = IOSQE_ASYNC;
	OBSERVE("a request for a worker", "%s", ring_do(&r));
}

CASE(clock, "kernel>=6.12") {
	struct ring r = ring_new(4);
	struct { unsigned clock, resv[3]; } a = {CLOCK_BOOTTIME, {0}};
	const int op = 29; // IORING_REGISTER_CLOCK
	CHECK_ERR(reg(&r, op, NULL, 0), EINVAL);
	CHECK_ERR(reg(&r, op, &a, 1), EINVAL);
	CHECK_ERR(reg(&r, op, bad_ptr(), 0), EFAULT);
	for (unsigned c = 0; c < 12; c++) {
		a.clock = c;
		OBSERVE_RET(name("clock %u", c), reg(&r, op, &a, 0));
	}
	a.clock = CLOCK_BOOTTIME, a.resv[2] = 1;
	OBSERVE_RET("reserved", reg(&r, op, &a, 0));
	a.resv[2] = 0;
	static const int clocks[] = {CLOCK_MONOTONIC, CLOCK_BOOTTIME};
	for (int i = 0; i < 2; i++) {
		a.clock = clocks[i];
		CHECK_OK(reg(&r, op, &a, 0));
		struct timespec now;
		clock_gettime(clocks[i], &now);
		struct { long long sec, nsec; } ts = {now.tv_sec, now.tv_nsec};
		struct io_uring_getevents_arg g = {.ts = (uintptr_t)&ts};
		OBSERVE_RET(name("until now of clock %d", clocks[i]), syscall(SYS_io_uring_enter, r.fd, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG | 32, &g, sizeof g));
	}
}
