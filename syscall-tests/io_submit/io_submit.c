// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_submit: what may a request ask for, what is refused at once, and what does the event say?
#include "../harness/aios.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

CASE(arguments) {
	aio_context_t ctx = aio_new(4);
	struct iocb *list[1] = {NULL};
	CHECK_ERR(syscall(SYS_io_submit, ctx, -1L, list), EINVAL);
	CHECK_ERR(syscall(SYS_io_submit, 0L, 1L, list), EINVAL);
	CHECK_ERR(syscall(SYS_io_submit, 0L, -1L, list), EINVAL);
	CHECK_EQ(syscall(SYS_io_submit, ctx, 0, bad_ptr()), 0);
	CHECK_ERR(syscall(SYS_io_submit, ctx, 1, list), EFAULT);
	CHECK_ERR(syscall(SYS_io_submit, ctx, 1, NULL), EFAULT);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("list %s", b->name), syscall(SYS_io_submit, ctx, 1, b->p));
		list[0] = b->p;
		OBSERVE_RET(name("iocb %s", b->name), syscall(SYS_io_submit, ctx, 1, list));
	}
	CHECK_EQ(aio_drain(ctx), 0);
}

// Of several, those before the first bad one count.
CASE(stops_at_the_first_bad_one) {
	aio_context_t ctx = aio_new(8);
	char buf[8];
	int fd = make_file("f", "12345678");
	struct iocb good = aio_rw(IOCB_CMD_PREAD, fd, buf, 1, 0), bad = aio_rw(99, fd, buf, 1, 0);
	struct iocb *list[] = {&good, &good, &bad, &good};
	CHECK_EQ(syscall(SYS_io_submit, ctx, 4, list), 2);
	CHECK_EQ(aio_drain(ctx), 2);
	CHECK_ERR(syscall(SYS_io_submit, ctx, 2, list + 2), EINVAL);
	struct iocb **half = guard_copy(list, 2 * sizeof *list);
	CHECK_EQ(syscall(SYS_io_submit, ctx, 3, half), 2);
	CHECK_EQ(aio_drain(ctx), 2);
}

CASE(read_and_write) {
	aio_context_t ctx = aio_new(4);
	char buf[16] = {0};
	int fd = make_file("f", "0123456789");
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 4, 3);
	OBSERVE("read", "%s", aio_result(ctx, &cb));
	CHECK(memcmp(buf, "3456", 4) == 0);
	cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 16, 8);
	OBSERVE("at the end", "%s", aio_result(ctx, &cb));
	cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 16, 100);
	OBSERVE("beyond", "%s", aio_result(ctx, &cb));
	cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 0, 0);
	OBSERVE("nothing", "%s", aio_result(ctx, &cb));
	cb = aio_rw(IOCB_CMD_PWRITE, fd, "ab", 2, 9);
	OBSERVE("write", "%s", aio_result(ctx, &cb));
	CHECK_STR(read_file("f"), "012345678ab");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
	struct iovec v[2] = {{buf, 2}, {buf + 8, 3}};
	cb = aio_rw(IOCB_CMD_PREADV, fd, v, 2, 1);
	OBSERVE("readv", "%s", aio_result(ctx, &cb));
	CHECK(memcmp(buf, "12", 2) == 0 && memcmp(buf + 8, "345", 3) == 0);
	cb = aio_rw(IOCB_CMD_PWRITEV, fd, v, 2, 0);
	OBSERVE("writev", "%s", aio_result(ctx, &cb));
	CHECK_STR(read_file("f"), "123455678ab");
	cb = aio_rw(IOCB_CMD_PREADV, fd, v, 0, 0);
	OBSERVE("readv of none", "%s", aio_result(ctx, &cb));
	cb = aio_rw(IOCB_CMD_PREADV, fd, v, 1025, 0);
	OBSERVE("readv of too many", "%s", aio_result(ctx, &cb));
	cb = aio_rw(IOCB_CMD_PREADV, fd, bad_ptr(), 1, 0);
	OBSERVE("readv from nowhere", "%s", aio_result(ctx, &cb));
}

CASE(bad_buffers) {
	aio_context_t ctx = aio_new(4);
	int fd = make_file("f", "0123456789");
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		struct iocb cb = aio_rw(IOCB_CMD_PREAD, fd, b->p, 4, 0);
		OBSERVE(name("read %s", b->name), "%s", aio_result(ctx, &cb));
		cb = aio_rw(IOCB_CMD_PWRITE, fd, b->p, 4, 0);
		OBSERVE(name("write %s", b->name), "%s", aio_result(ctx, &cb));
	}
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, fd, guard_end(4), 10, 0);
	OBSERVE("half", "%s", aio_result(ctx, &cb));
}

CASE(bad_requests) {
	aio_context_t ctx = aio_new(4);
	char buf[8];
	int fd = make_file("f", "0123456789"), e = REQUIRE_OK(eventfd(0, 0));
	for (int op = -1; op < 12; op++)
		if (op != IOCB_CMD_POLL) {
			struct iocb cb = aio_rw(op, fd, buf, 0, 0);
			cb.aio_buf = 0;
			OBSERVE(name("operation %d", op), "%s", aio_result(ctx, &cb));
		}
	static const long long offsets[] = {-1, INT64_MIN, INT64_MAX, INT64_MAX - 7};
	for (int i = 0; i < 4; i++) {
		struct iocb cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 8, offsets[i]);
		OBSERVE(name("read at %llx", offsets[i]), "%s", aio_result(ctx, &cb));
		cb.aio_fildes = e;
		REQUIRE_OK(eventfd_write(e, 1));
		OBSERVE(name("eventfd at %llx", offsets[i]), "%s", aio_result(ctx, &cb));
	}
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, fd, buf, -1UL, 0);
	OBSERVE("negative size", "%s", aio_result(ctx, &cb));
	cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 1, 0);
	cb.aio_reserved2 = 1;
	OBSERVE("reserved", "%s", aio_result(ctx, &cb));
	cb.aio_reserved2 = 0;
	cb.aio_flags = ~3u;
	OBSERVE("unknown flags", "%s", aio_result(ctx, &cb));
	cb.aio_flags = IOCB_FLAG_RESFD;
	cb.aio_resfd = 999;
	OBSERVE("no eventfd", "%s", aio_result(ctx, &cb));
	cb.aio_resfd = fd;
	OBSERVE("another file", "%s", aio_result(ctx, &cb));
	cb = aio_rw(IOCB_CMD_PREAD, 999, buf, 1, 0);
	OBSERVE("no file", "%s", aio_result(ctx, &cb));
	CHECK_EQ(aio_drain(ctx), 0);
}

// The kernel writes aio_key, whatever was there.
CASE(key) {
	aio_context_t ctx = aio_new(4);
	char buf[8];
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, make_file("f", "x"), buf, 1, 0);
	cb.aio_key = 77;
	OBSERVE("result", "%s", aio_result(ctx, &cb));
	CHECK_EQ(cb.aio_key, 0);
	struct iocb *ro = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*ro = cb;
	REQUIRE_OK(mprotect(ro, page_size(), PROT_READ));
	CHECK_ERR(syscall(SYS_io_submit, ctx, 1, &ro), EFAULT);
	CHECK_EQ(aio_drain(ctx), 0);
}

CASE(access_modes) {
	aio_context_t ctx = aio_new(4);
	char buf[8] = "";
	make_file("f", "0123456789");
	static const int modes[] = {O_RDONLY, O_WRONLY, O_RDWR, O_PATH, 3, O_WRONLY | O_APPEND};
	for (int i = 0; i < 6; i++) {
		int fd = REQUIRE_OK(open("f", modes[i]));
		struct iocb r = aio_rw(IOCB_CMD_PREAD, fd, buf, 2, 0), w = aio_rw(IOCB_CMD_PWRITE, fd, buf, 2, 0);
		OBSERVE(name("read, mode %#x", modes[i]), "%s", aio_result(ctx, &r));
		OBSERVE(name("write, mode %#x", modes[i]), "%s", aio_result(ctx, &w));
	}
	OBSERVE("size", "%d", (int)strlen(read_file("f")));
}

CASE(kinds_of_files) {
	aio_context_t ctx = aio_new(4);
	static char buf[600];
	int sp[2], p[2];
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sp));
	REQUIRE_OK(pipe(p));
	REQUIRE(write(sp[1], "data", 4) == 4 && write(p[1], "data", 4) == 4);
	REQUIRE_OK(mkdir("d", 0755));
	struct {
		const char *what;
		int fd;
	} files[] = {
		{"directory", open("d", O_RDONLY)}, {"socket", sp[0]}, {"pipe", p[0]}, {"eventfd", eventfd(3, 0)},
		{"epoll", epoll_create1(0)}, {"inotify", inotify_init1(IN_NONBLOCK)}, {"timerfd", timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)},
		{"null", open("/dev/null", O_RDWR)}, {"zero", open("/dev/zero", O_RDWR)}, {"full", open("/dev/full", O_RDWR)},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct iocb r = aio_rw(IOCB_CMD_PREAD, files[i].fd, buf, 8, 5), w = aio_rw(IOCB_CMD_PWRITE, files[i].fd, memset(buf, 0, 8), 8, 5);
		OBSERVE(name("%s, read", files[i].what), "%s", aio_result(ctx, &r));
		OBSERVE(name("%s, write", files[i].what), "%s", aio_result(ctx, &w));
	}
}

CASE(eventfd_is_told) {
	aio_context_t ctx = aio_new(8);
	char buf[8];
	int fd = make_file("f", "0123456789"), e = REQUIRE_OK(eventfd(0, EFD_NONBLOCK));
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 4, 0), *list[] = {&cb, &cb, &cb};
	cb.aio_flags = IOCB_FLAG_RESFD;
	cb.aio_resfd = e;
	CHECK_EQ(syscall(SYS_io_submit, ctx, 3, list), 3);
	uint64_t n = 0;
	CHECK_EQ(read(e, &n, 8), 8);
	CHECK_EQ(n, 3);
	CHECK_EQ(aio_drain(ctx), 3);
	// It may go where a write can't.
	n = UINT64_MAX - 1;
	REQUIRE(write(e, &n, 8) == 8);
	CHECK_EQ(aio_submit1(ctx, &cb), 1);
	struct pollfd pf = {e, POLLIN | POLLOUT, 0};
	REQUIRE_OK(poll(&pf, 1, 0));
	OBSERVE("full", "%#x", pf.revents);
	CHECK_EQ(aio_submit1(ctx, &cb), 1);
	CHECK_EQ(read(e, &n, 8), 8);
	CHECK(n == UINT64_MAX);
	// A refused request tells nobody.
	cb.aio_lio_opcode = 99;
	CHECK_ERR(aio_submit1(ctx, &cb), EINVAL);
	CHECK_ERR(read(e, &n, 8), EAGAIN);
}

CASE(sync) {
	aio_context_t ctx = aio_new(4);
	char buf[8];
	int fd = make_file("f", "x"), p[2];
	REQUIRE_OK(pipe(p));
	static const int ops[] = {IOCB_CMD_FSYNC, IOCB_CMD_FDSYNC};
	for (int i = 0; i < 2; i++) {
		struct iocb cb = {.aio_lio_opcode = ops[i], .aio_fildes = fd};
		OBSERVE(name("%d", ops[i]), "%s", aio_result(ctx, &cb));
		cb.aio_buf = (uintptr_t)buf;
		OBSERVE(name("%d, buf", ops[i]), "%s", aio_result(ctx, &cb));
		cb.aio_buf = 0, cb.aio_nbytes = 1;
		OBSERVE(name("%d, nbytes", ops[i]), "%s", aio_result(ctx, &cb));
		cb.aio_nbytes = 0, cb.aio_offset = 1;
		OBSERVE(name("%d, offset", ops[i]), "%s", aio_result(ctx, &cb));
		cb.aio_offset = 0, cb.aio_rw_flags = 1;
		OBSERVE(name("%d, flags", ops[i]), "%s", aio_result(ctx, &cb));
		cb.aio_rw_flags = 0, cb.aio_fildes = p[0];
		OBSERVE(name("%d, pipe", ops[i]), "%s", aio_result(ctx, &cb));
		cb.aio_fildes = open("f", O_RDONLY);
		OBSERVE(name("%d, read only", ops[i]), "%s", aio_result(ctx, &cb));
	}
}

CASE(rw_flags, "kernel>=6.18") {
	aio_context_t ctx = aio_new(4);
	char buf[8] = "ab";
	int fd = make_file("f", "0123456789"), p[2], b[2];
	REQUIRE_OK(pipe(p));
	for (int bit = 0; bit < 32; bit++) {
		if (1u << bit == 8 || 1u << bit == 0x40 || 1u << bit == 0x80)
			continue; // NOWAIT, ATOMIC and DONTCACHE are the file system's matter
		struct iocb w = aio_rw(IOCB_CMD_PWRITE, fd, buf, 2, 0);
		w.aio_rw_flags = 1u << bit;
		OBSERVE(name("write %#x", 1u << bit), "%s", aio_result(ctx, &w));
		struct iocb r = aio_rw(IOCB_CMD_PREAD, fd, buf, 2, 0);
		r.aio_rw_flags = 1u << bit;
		OBSERVE(name("read %#x", 1u << bit), "%s", aio_result(ctx, &r));
	}
	OBSERVE("content", "%s", read_file("f"));
	struct iocb r = aio_rw(IOCB_CMD_PREAD, p[0], buf, 2, 0);
	r.aio_rw_flags = 8; // RWF_NOWAIT
	OBSERVE("nowait, empty pipe", "%s", aio_result(ctx, &r));
	struct iocb w = aio_rw(IOCB_CMD_PWRITE, p[1], buf, 2, 0);
	w.aio_rw_flags = 8;
	OBSERVE("nowait, pipe with room", "%s", aio_result(ctx, &w));
	OBSERVE("nowait, pipe", "%s", aio_result(ctx, &r));
	// RWF_NOSIGNAL is of Linux 6.18.
	REQUIRE_OK(pipe(b));
	REQUIRE_OK(close(b[0]));
	sig_catch(SIGPIPE, 0);
	w = aio_rw(IOCB_CMD_PWRITE, b[1], buf, 2, 0);
	w.aio_rw_flags = 0x100;
	OBSERVE("nosignal, broken pipe", "%s, %d signals", aio_result(ctx, &w), (int)sig_count[SIGPIPE]);
}

CASE(io_priority, "root") {
	aio_context_t ctx = aio_new(4);
	char buf[8];
	int fd = make_file("f", "0123456789");
	static const int prios[] = {0, 1, 2 << 13, 2 << 13 | 7, 3 << 13, 3 << 13 | 5, 1 << 13, 1 << 13 | 4, 4 << 13, 7 << 13};
	for (int who = 0; who < 2; who++)
		IN_CHILD(NULL) {
			if (who)
				become_nobody();
			for (size_t i = 0; i < sizeof prios / sizeof *prios; i++) {
				aio_context_t own = aio_new(4);
				struct iocb cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 1, 0);
				cb.aio_flags = IOCB_FLAG_IOPRIO;
				cb.aio_reqprio = prios[i];
				OBSERVE(name("%s %#x", who ? "nobody" : "root", prios[i]), "%s", aio_result(own, &cb));
				REQUIRE_OK(syscall(SYS_io_destroy, own));
			}
		}
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 1, 0);
	cb.aio_reqprio = 4 << 13; // no flag, no look
	OBSERVE("no flag", "%s", aio_result(ctx, &cb));
}

// A full ring takes no more, until events were read, by the call or by the application itself.
CASE(full_ring) {
	aio_one_cpu();
	aio_context_t ctx = aio_new(1);
	char buf[8];
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, make_file("f", "x"), buf, 1, 0);
	struct aio_ring *r = aio_ring_of(ctx);
	int n = 0;
	while (aio_submit1(ctx, &cb) == 1)
		n++;
	OBSERVE("in the end", "%s", errno_name(errno));
	OBSERVE("whole batches", "%d", n <= (int)r->nr - 1 && n > (int)r->nr / 2);
	CHECK_EQ(r->tail, n);
	struct io_event ev[3];
	CHECK_EQ(aio_events(ctx, 3, 3, ev, NULL), 3);
	CHECK_EQ(r->head, 3);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(aio_submit1(ctx, &cb), 1);
	CHECK_ERR(aio_submit1(ctx, &cb), EAGAIN);
	r->head += 2; // as libaio does
	for (int i = 0; i < 2; i++)
		CHECK_EQ(aio_submit1(ctx, &cb), 1);
	CHECK_ERR(aio_submit1(ctx, &cb), EAGAIN);
	int left = 0;
	for (long got; (got = aio_drain(ctx)) > 0;)
		left += got;
	CHECK_EQ(left, n);
	OBSERVE("wrapped", "%d", r->tail < (unsigned)n);
}

// More than the ring has room for are not looked at.
CASE(long_lists) {
	aio_one_cpu();
	aio_context_t ctx = aio_new(1);
	char buf[8];
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, make_file("f", "x"), buf, 1, 0), *list[600];
	for (int i = 0; i < 600; i++)
		list[i] = &cb;
	long n = syscall(SYS_io_submit, ctx, 600, list);
	CHECK(n > 60 && n < (long)aio_ring_of(ctx)->nr);
	CHECK_EQ(aio_ring_of(ctx)->tail, n);
}

// What a head that makes no sense does to the room and to the reader.
CASE(wild_head) {
	aio_context_t ctx = aio_new(1);
	char buf[8];
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, make_file("f", "x"), buf, 1, 0);
	struct aio_ring *r = aio_ring_of(ctx);
	CHECK_EQ(aio_submit1(ctx, &cb), 1);
	CHECK_EQ(aio_submit1(ctx, &cb), 1);
	r->head = r->nr * 7;
	CHECK_EQ(aio_drain(ctx), 2);
	OBSERVE("head", "%u", r->head);
	r->tail = 1; // spoiled: the reader believes it
	OBSERVE_RET("events", aio_drain(ctx) > 2);
}

static int pipe_fds[2];
static aio_context_t shared;

static void *writer(void *arg) {
	REQUIRE(wait_blocked(getpid(), *(pid_t *)arg));
	REQUIRE(write(pipe_fds[1], "data", 4) == 4);
	return NULL;
}

// Reading a pipe is not asynchronous: the submission waits.
CASE(reading_a_pipe_waits) {
	shared = aio_new(1);
	char buf[8] = "";
	REQUIRE_OK(pipe(pipe_fds));
	pid_t me = tid_self();
	pthread_t t = thread_start(writer, &me);
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, pipe_fds[0], buf, 8, 0);
	OBSERVE("result", "%s", aio_result(shared, &cb));
	thread_join(t);
	CHECK(memcmp(buf, "data", 4) == 0);
}

CASE(a_signal_ends_the_wait) {
	aio_context_t ctx = aio_new(1);
	char buf[8];
	REQUIRE_OK(pipe(pipe_fds));
	for (int i = 0; i < 2; i++) {
		sig_catch(SIGUSR1, i ? SA_RESTART : 0);
		struct interrupter it = interrupt_me(SIGUSR1);
		struct iocb cb = aio_rw(IOCB_CMD_PREAD, pipe_fds[0], buf, 8, 0);
		OBSERVE(name("restart %d", i), "%s", aio_result(ctx, &cb));
		CHECK(interrupt_done(&it));
	}
}

CASE(broken_pipe) {
	aio_context_t ctx = aio_new(1);
	REQUIRE_OK(pipe(pipe_fds));
	REQUIRE_OK(close(pipe_fds[0]));
	sig_catch(SIGPIPE, 0);
	struct iocb cb = aio_rw(IOCB_CMD_PWRITE, pipe_fds[1], "x", 1, 0);
	OBSERVE("result", "%s", aio_result(ctx, &cb));
	OBSERVE("signals", "%d", (int)sig_count[SIGPIPE]);
}

CASE(file_size_limit) {
	aio_context_t ctx = aio_new(1);
	int fd = make_file("f", "x");
	struct rlimit { unsigned long cur, max; } lim = {4, 4};
	REQUIRE_OK(syscall(SYS_setrlimit, 1, &lim)); // RLIMIT_FSIZE
	sig_catch(SIGXFSZ, 0);
	struct iocb cb = aio_rw(IOCB_CMD_PWRITE, fd, "0123456789", 10, 0);
	OBSERVE("part", "%s", aio_result(ctx, &cb));
	cb.aio_offset = 4;
	OBSERVE("beyond", "%s", aio_result(ctx, &cb));
	OBSERVE("signals", "%d", (int)sig_count[SIGXFSZ]);
}
