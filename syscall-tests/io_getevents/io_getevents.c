// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_getevents: how many events does it wait for, how long, and what ends the wait?
#include "../harness/aios.h"

static void submit(aio_context_t ctx, int n) {
	static char buf[8];
	static struct iocb cb;
	cb = aio_rw(IOCB_CMD_PREAD, REQUIRE_OK(open("/dev/zero", O_RDONLY)), buf, 1, 0);
	for (int i = 0; i < n; i++) {
		cb.aio_data = i;
		REQUIRE(aio_submit1(ctx, &cb) == 1);
	}
	close(cb.aio_fildes);
}

CASE(arguments) {
	aio_context_t ctx = aio_new(4);
	struct io_event ev[4];
	struct timespec none = {0, 0};
	CHECK_ERR(aio_events(0, 0, 1, ev, &none), EINVAL);
	CHECK_ERR(aio_events(ctx, -1, 1, ev, &none), EINVAL);
	CHECK_ERR(aio_events(ctx, 2, 1, ev, &none), EINVAL);
	CHECK_ERR(aio_events(ctx, 0, -1, ev, &none), EINVAL);
	CHECK_EQ(aio_events(ctx, 0, 0, NULL, NULL), 0);
	CHECK_EQ(aio_events(ctx, 0, 4, bad_ptr(), NULL), 0); // nothing is written
	CHECK_ERR(aio_events(ctx, 0, 1, ev, bad_ptr()), EFAULT);
	CHECK_ERR(aio_events(0, 0, 1, ev, bad_ptr()), EFAULT);
	OBSERVE_RET("all there are", aio_events(ctx, 0, INT64_MAX, ev, &none));
}

CASE(takes_in_order) {
	aio_context_t ctx = aio_new(16);
	struct io_event ev[8];
	submit(ctx, 7);
	CHECK_EQ(aio_events(ctx, 1, 3, ev, NULL), 3);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(ev[i].data, i);
	CHECK_EQ(aio_ring_of(ctx)->head, 3);
	CHECK_EQ(aio_events(ctx, 0, 8, ev, NULL), 4);
	CHECK_EQ(ev[0].data, 3);
	CHECK_EQ(aio_events(ctx, 0, 8, ev, NULL), 0);
}

CASE(bad_buffer) {
	aio_context_t ctx = aio_new(4);
	submit(ctx, 2);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, aio_events(ctx, 1, 2, b->p, NULL));
	OBSERVE_RET("room for one", aio_events(ctx, 2, 2, guard_end(32), NULL));
	CHECK_EQ(aio_drain(ctx), 2); // none was lost
}

CASE(timeouts) {
	aio_context_t ctx = aio_new(4);
	struct io_event ev[4];
	static const struct timespec times[] = {{0, 0}, {0, 1}, {0, 2000000}, {0, 1000000001}, {-1, 1000000000}, {-1, 1000000001}, {INT64_MIN, 0}, {INT64_MIN, 1}};
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		struct timespec ts = times[i];
		OBSERVE_RET(name("%lld.%09ld", (long long)ts.tv_sec, ts.tv_nsec), aio_events(ctx, 1, 4, ev, &ts));
		CHECK(ts.tv_sec == times[i].tv_sec && ts.tv_nsec == times[i].tv_nsec);
	}
	struct timespec tick = {0, 2000000};
	submit(ctx, 1);
	CHECK_EQ(aio_events(ctx, 2, 4, ev, &tick), 1); // what there is in the end
	CHECK_EQ(ev[0].data, 0);
}

// One that lies in the past ends no wait.
CASE(negative_timeouts) {
	aio_context_t ctx = aio_new(4);
	struct io_event ev[4];
	static const struct timespec times[] = {{-1, 0}, {0, -1}, {-5, 2000000000}};
	sig_catch(SIGUSR1, 0);
	for (int i = 0; i < 3; i++) {
		struct timespec ts = times[i];
		struct interrupter it = interrupt_me(SIGUSR1);
		OBSERVE_RET(name("%lld.%09ld", (long long)ts.tv_sec, ts.tv_nsec), aio_events(ctx, 1, 4, ev, &ts));
		CHECK(interrupt_done(&it));
	}
}

CASE(waits_for_as_many) {
	aio_context_t ctx = aio_new(8);
	int e = REQUIRE_OK(eventfd(0, 0));
	struct iocb cb = aio_poll(e, POLLIN);
	struct io_event ev[4];
	REQUIRE(aio_submit1(ctx, &cb) == 1);
	submit(ctx, 1);
	pid_t me = tid_self(), c = harness_fork();
	if (c == 0) {
		bool ok = wait_blocked(getppid(), me);
		_exit(ok && eventfd_write(e, 1) == 0 ? 0 : 1);
	}
	CHECK_EQ(aio_events(ctx, 2, 4, ev, NULL), 2);
	CHECK_EQ(wait_for(c), 0);
}

CASE(interrupted) {
	aio_context_t ctx = aio_new(8);
	struct io_event ev[4];
	for (int i = 0; i < 2; i++) {
		sig_catch(SIGUSR1, i ? SA_RESTART : 0);
		struct interrupter it = interrupt_me(SIGUSR1);
		OBSERVE_RET(name("restart %d", i), aio_events(ctx, 1, 4, ev, NULL));
		CHECK(interrupt_done(&it));
		submit(ctx, 1);
		it = interrupt_me(SIGUSR1);
		OBSERVE_RET(name("restart %d, one event", i), aio_events(ctx, 2, 4, ev, NULL));
		CHECK(interrupt_done(&it));
	}
}

// libaio takes events without a call; the call sees it.
CASE(shares_the_head) {
	aio_context_t ctx = aio_new(8);
	struct aio_ring *r = aio_ring_of(ctx);
	struct io_event ev[4];
	submit(ctx, 4);
	CHECK_EQ(r->events[r->head].data, 0);
	CHECK_EQ(r->events[r->head + 1].data, 1);
	__atomic_store_n(&r->head, 2, __ATOMIC_RELEASE);
	CHECK_EQ(aio_events(ctx, 0, 4, ev, NULL), 2);
	CHECK_EQ(ev[0].data, 2);
	CHECK_EQ(r->head, r->tail);
}

// The application's tail is believed, and put right by the next event.
CASE(wild_tail) {
	aio_context_t ctx = aio_new(8);
	struct aio_ring *r = aio_ring_of(ctx);
	struct io_event ev[4] = {{0}};
	r->tail = 3;
	CHECK_EQ(aio_events(ctx, 0, 4, ev, NULL), 3);
	CHECK_EQ(ev[0].obj, 0);
	submit(ctx, 1);
	OBSERVE("tail", "%u", r->tail);
	OBSERVE("head", "%u", r->head);
}

static aio_context_t shared;
static int waiting;

static void *wait_for_one(void *e) {
	struct io_event ev;
	__atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
	long n = aio_events(shared, 1, 1, &ev, NULL);
	return (void *)(n == 1 ? (long)ev.data + 1 : -1);
}

// Each event goes to one of those that wait.
CASE(many_waiters) {
	shared = aio_new(64);
	pthread_t t[4];
	long sum = 0;
	for (int i = 0; i < 4; i++)
		t[i] = thread_start(wait_for_one, NULL);
	while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) < 4)
		sched_yield();
	submit(shared, 4);
	for (int i = 0; i < 4; i++)
		sum += (long)thread_join(t[i]);
	CHECK_EQ(sum, 1 + 2 + 3 + 4);
	CHECK_EQ(aio_drain(shared), 0);
}
