// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_pgetevents: io_getevents with a signal mask for as long as it waits.
#include "../harness/aios.h"

struct sigset_arg {
	const void *mask;
	size_t size;
};

static long pget(aio_context_t ctx, long least, long most, struct io_event *ev, struct timespec *ts, const struct sigset_arg *s) {
	return syscall(SYS_io_pgetevents, ctx, least, most, ev, ts, s);
}

CASE(arguments) {
	aio_context_t ctx = aio_new(4);
	struct io_event ev[4];
	struct timespec none = {0, 0};
	uint64_t mask = 0;
	CHECK_EQ(pget(ctx, 0, 1, ev, &none, NULL), 0);
	struct sigset_arg s = {&mask, 8};
	CHECK_EQ(pget(ctx, 0, 1, ev, &none, &s), 0);
	static const size_t sizes[] = {0, 4, 7, 9, 16, 128};
	for (int i = 0; i < 6; i++) {
		s.size = sizes[i];
		CHECK_ERR(pget(ctx, 0, 1, ev, &none, &s), EINVAL);
	}
	s = (struct sigset_arg){NULL, 77};
	CHECK_EQ(pget(ctx, 0, 1, ev, &none, &s), 0);
	s = (struct sigset_arg){bad_ptr(), 8};
	CHECK_ERR(pget(ctx, 0, 1, ev, &none, &s), EFAULT);
	CHECK_ERR(pget(ctx, 0, 1, ev, &none, bad_ptr()), EFAULT);
	CHECK_ERR(pget(ctx, 0, 1, ev, bad_ptr(), NULL), EFAULT);
	CHECK_ERR(pget(0, 0, 1, ev, &none, NULL), EINVAL);
	CHECK_ERR(pget(ctx, 2, 1, ev, &none, NULL), EINVAL);
}

// A signal that the mask lets in ends the wait; the old mask is back afterwards.
CASE(mask_lets_in) {
	aio_context_t ctx = aio_new(4);
	struct io_event ev[4];
	uint64_t mask = 0;
	struct sigset_arg s = {&mask, 8};
	sig_catch(SIGUSR1, SA_RESTART);
	sig_block(SIGUSR1);
	REQUIRE_OK(raise(SIGUSR1));
	struct timespec none = {0, 0};
	CHECK_EQ(pget(ctx, 0, 1, ev, &none, NULL), 0);
	CHECK_EQ(sig_count[SIGUSR1], 0);
	OBSERVE_RET("pending, no time", pget(ctx, 0, 1, ev, &none, &s));
	OBSERVE("delivered", "%d", (int)sig_count[SIGUSR1]);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("waiting", pget(ctx, 1, 1, ev, NULL, &s));
	CHECK(interrupt_done(&it));
	CHECK_EQ(sig_count[SIGUSR1], 2);
	REQUIRE_OK(raise(SIGUSR1));
	CHECK(sig_pending(SIGUSR1));
}

// One that it keeps out waits until the call is over.
CASE(mask_keeps_out) {
	aio_context_t ctx = aio_new(4);
	struct io_event ev[4];
	uint64_t mask = 1ULL << (SIGUSR1 - 1);
	struct sigset_arg s = {&mask, 8};
	struct timespec tick = {0, 2000000};
	sig_catch(SIGUSR1, 0);
	pid_t c = harness_fork();
	if (c == 0)
		_exit(wait_blocked(getppid(), getppid()) && kill(getppid(), SIGUSR1) == 0 ? 0 : 1);
	int e = REQUIRE_OK(eventfd(0, 0));
	(void)e;
	long r;
	int before;
	do {
		before = sig_count[SIGUSR1];
		r = pget(ctx, 1, 1, ev, &tick, &s);
		CHECK_EQ(r, 0);
	} while (sig_count[SIGUSR1] == 0);
	CHECK_EQ(before, 0);
	CHECK_EQ(wait_for(c), 0);
}

// With events there is no interruption, and the mask is the old one.
CASE(events_first) {
	aio_context_t ctx = aio_new(4);
	struct io_event ev[4];
	uint64_t mask = 0;
	struct sigset_arg s = {&mask, 8};
	char buf[4];
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, make_file("f", "x"), buf, 1, 0);
	sig_catch(SIGUSR1, 0);
	sig_block(SIGUSR1);
	REQUIRE_OK(raise(SIGUSR1));
	REQUIRE(aio_submit1(ctx, &cb) == 1);
	OBSERVE_RET("event and signal", pget(ctx, 1, 1, ev, NULL, &s));
	OBSERVE("delivered", "%d", (int)sig_count[SIGUSR1]);
}
