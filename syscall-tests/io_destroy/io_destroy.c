// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_destroy: what becomes of the ring, of requests and of those that wait?
#include "../harness/aios.h"

CASE(arguments) {
	static const unsigned long names[] = {0, 1, -1UL, 1UL << 46};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		CHECK_ERR(syscall(SYS_io_destroy, names[i]), EINVAL);
	struct aio_ring *fake = writable_page();
	CHECK_ERR(syscall(SYS_io_destroy, fake), EINVAL);
	aio_context_t ctx = aio_new(1);
	CHECK_ERR(syscall(SYS_io_destroy, ctx + 32), EINVAL);
	CHECK_OK(syscall(SYS_io_destroy, ctx));
}

CASE(ring_is_unmapped) {
	aio_context_t ctx = aio_new(1000);
	unsigned char there;
	CHECK_OK(mincore((void *)ctx, page_size(), &there));
	CHECK_OK(syscall(SYS_io_destroy, ctx));
	CHECK_ERR(mincore((void *)ctx, page_size(), &there), ENOMEM);
	CHECK_ERR(syscall(SYS_io_destroy, ctx), EINVAL);
	CHECK_ERR(aio_drain(ctx), EINVAL);
}

static aio_context_t shared;

static void *waiter(void *result) {
	struct io_event ev;
	long r = aio_events(shared, 1, 1, &ev, NULL);
	snprintf(result, 32, "%ld %s", r, r < 0 ? errno_name(errno) : "");
	return NULL;
}

static void *tell_tid(void *p) {
	__atomic_store_n((pid_t *)p, tid_self(), __ATOMIC_SEQ_CST);
	static char text[32];
	waiter(text);
	return text;
}

CASE(ends_those_that_wait) {
	shared = aio_new(1);
	pid_t tid = 0;
	pthread_t t = thread_start(tell_tid, &tid);
	while (!__atomic_load_n(&tid, __ATOMIC_SEQ_CST))
		sched_yield();
	REQUIRE(wait_blocked(getpid(), tid));
	CHECK_OK(syscall(SYS_io_destroy, shared));
	OBSERVE("waiter", "%s", (char *)thread_join(t));
}

// A poll is cancelled, and its eventfd told.
CASE(cancels_polls) {
	aio_context_t ctx = aio_new(4);
	int p[2], e = REQUIRE_OK(eventfd(0, EFD_NONBLOCK));
	REQUIRE_OK(pipe(p));
	struct iocb cb = aio_poll(p[0], POLLIN);
	cb.aio_flags = IOCB_FLAG_RESFD;
	cb.aio_resfd = e;
	CHECK_EQ(aio_submit1(ctx, &cb), 1);
	CHECK_OK(syscall(SYS_io_destroy, ctx));
	uint64_t n = 0;
	OBSERVE_RET("eventfd", read(e, &n, 8));
	OBSERVE("count", "%d", (int)n);
}

// A poll holds its file: the other side sees it end with the context.
CASE(lets_go_of_files) {
	aio_context_t ctx = aio_new(4);
	int p[2];
	REQUIRE_OK(pipe(p));
	struct iocb cb = aio_poll(p[1], POLLPRI);
	CHECK_EQ(aio_submit1(ctx, &cb), 1);
	REQUIRE_OK(close(p[1]));
	REQUIRE_OK(fcntl(p[0], F_SETFL, O_NONBLOCK));
	char c;
	OBSERVE_RET("while it polls", read(p[0], &c, 1));
	CHECK_OK(syscall(SYS_io_destroy, ctx));
	REQUIRE_OK(fcntl(p[0], F_SETFL, 0));
	CHECK_EQ(read(p[0], &c, 1), 0);
}

// Exit and exec end a context and what is under way in it.
CASE(exit_ends_polls) {
	int p[2];
	REQUIRE_OK(pipe(p));
	pid_t c = harness_fork();
	if (c == 0) {
		aio_context_t ctx = aio_new(4);
		struct iocb cb = aio_poll(p[1], POLLPRI);
		_exit(aio_submit1(ctx, &cb) == 1 ? 0 : 1);
	}
	CHECK_EQ(wait_for(c), 0);
	REQUIRE_OK(close(p[1]));
	char b;
	CHECK_EQ(read(p[0], &b, 1), 0);
}

CASE(exec_ends_polls) {
	int p[2];
	REQUIRE_OK(pipe2(p, O_CLOEXEC));
	pid_t c = harness_fork();
	if (c == 0) {
		aio_context_t ctx = aio_new(4);
		struct iocb cb = aio_poll(p[1], POLLPRI);
		if (aio_submit1(ctx, &cb) == 1)
			execl("/bin/sleep", "sleep", "1000", NULL);
		_exit(1);
	}
	REQUIRE_OK(close(p[1]));
	char b;
	CHECK_EQ(read(p[0], &b, 1), 0);
	CHECK_OK(kill(c, SIGKILL));
	OBSERVE_STATUS("child", wait_for(c));
}

// A submission that waits is waited for.
static int pipe_fds[2];
static char got[4];

static void *blocked_reader(void *tid) {
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, pipe_fds[0], got, 4, 0);
	__atomic_store_n((pid_t *)tid, tid_self(), __ATOMIC_SEQ_CST);
	return (void *)aio_submit1(shared, &cb);
}

static void *destroyer(void *tid) {
	__atomic_store_n((pid_t *)tid, tid_self(), __ATOMIC_SEQ_CST);
	return (void *)syscall(SYS_io_destroy, shared);
}

static pthread_t start_blocked(void *(*fn)(void *)) {
	static pid_t tid;
	tid = 0;
	pthread_t t = thread_start(fn, &tid);
	while (!__atomic_load_n(&tid, __ATOMIC_SEQ_CST))
		sched_yield();
	REQUIRE(wait_blocked(getpid(), tid));
	return t;
}

CASE(waits_for_submissions) {
	shared = aio_new(1);
	REQUIRE_OK(pipe(pipe_fds));
	pthread_t r = start_blocked(blocked_reader), d = start_blocked(destroyer);
	CHECK_ERR(syscall(SYS_io_destroy, shared), EINVAL);
	REQUIRE(write(pipe_fds[1], "data", 4) == 4);
	CHECK_EQ((long)thread_join(r), 1);
	CHECK_EQ((long)thread_join(d), 0);
	CHECK(memcmp(got, "data", 4) == 0);
}
