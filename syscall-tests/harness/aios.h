// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of Linux's own asynchronous I/O: contexts, requests, and the ring as libaio reads it.
#ifndef DITTO_HARNESS_AIOS_H
#define DITTO_HARNESS_AIOS_H

#include "harness.h"

#include <linux/aio_abi.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <time.h>

struct aio_ring {
	unsigned id, nr, head, tail, magic, compat, incompat, length;
	struct io_event events[];
};

static inline aio_context_t aio_new(unsigned nr) {
	aio_context_t ctx = 0;
	REQUIRE_OK(syscall(SYS_io_setup, nr, &ctx));
	return ctx;
}

static inline struct aio_ring *aio_ring_of(aio_context_t ctx) { return (struct aio_ring *)ctx; }

static inline struct iocb aio_rw(int op, int fd, void *buf, size_t n, long long off) {
	return (struct iocb){.aio_lio_opcode = op, .aio_fildes = fd, .aio_buf = (uintptr_t)buf, .aio_nbytes = n, .aio_offset = off};
}

static inline struct iocb aio_poll(int fd, int events) {
	return (struct iocb){.aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = fd, .aio_buf = events};
}

static inline long aio_submit1(aio_context_t ctx, struct iocb *cb) { return syscall(SYS_io_submit, ctx, 1, &cb); }

static inline long aio_events(aio_context_t ctx, long least, long most, struct io_event *ev, struct timespec *ts) {
	return syscall(SYS_io_getevents, ctx, least, most, ev, ts);
}

// The result of a request, in words: what io_submit refused, or what the event says: "3", "event: EBADF".
static inline const char *aio_result(aio_context_t ctx, struct iocb *cb) {
	struct io_event ev = {0};
	cb->aio_data = 0x1234;
	if (aio_submit1(ctx, cb) != 1)
		return name("refused: %s", errno_name(errno));
	if (aio_events(ctx, 1, 1, &ev, NULL) != 1)
		return name("no event: %s", errno_name(errno));
	if (ev.data != 0x1234 || ev.obj != (uintptr_t)cb || ev.res2 != 0)
		return "strange event";
	return ev.res < 0 ? name("event: %s", errno_name(-ev.res)) : name("%lld", (long long)ev.res);
}

// How many events there are now; they are taken.
static inline long aio_drain(aio_context_t ctx) {
	struct io_event ev[64];
	struct timespec none = {0, 0};
	return aio_events(ctx, 0, 64, ev, &none);
}

// The places of a ring are set aside by processor: who counts them stays on one.
static inline void aio_one_cpu(void) {
	cpu_set_t set, one;
	CPU_ZERO(&one);
	REQUIRE_OK(sched_getaffinity(0, sizeof set, &set));
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set)) {
			CPU_SET(i, &one);
			break;
		}
	REQUIRE_OK(sched_setaffinity(0, sizeof one, &one));
}

#endif
