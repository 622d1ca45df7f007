// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of io_uring: a ring with its memory, requests, and what became of them.
#ifndef DITTO_HARNESS_URINGS_H
#define DITTO_HARNESS_URINGS_H

#include "harness.h"

#include <linux/io_uring.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

struct ring {
	int fd;
	struct io_uring_params p;
	char *mem;
	struct io_uring_sqe *sqes;
	unsigned queued; // requests that were put and not submitted
};

#define RING_WORD(r, off) (*(unsigned *)((r)->mem + (r)->p.off))

static inline struct ring ring_with(unsigned entries, struct io_uring_params p) {
	struct ring r = {.p = p};
	r.fd = REQUIRE_OK(syscall(SYS_io_uring_setup, entries, &r.p));
	size_t sq = r.p.sq_off.array + r.p.sq_entries * 4, cq = r.p.cq_off.cqes + r.p.cq_entries * sizeof(struct io_uring_cqe);
	r.mem = mmap(NULL, sq > cq ? sq : cq, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, IORING_OFF_SQ_RING);
	r.sqes = mmap(NULL, r.p.sq_entries * sizeof *r.sqes, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, IORING_OFF_SQES);
	REQUIRE(r.mem != MAP_FAILED && r.sqes != MAP_FAILED);
	for (unsigned i = 0; i < r.p.sq_entries; i++)
		((unsigned *)(r.mem + r.p.sq_off.array))[i] = i;
	return r;
}

static inline struct ring ring_new(unsigned entries) { return ring_with(entries, (struct io_uring_params){0}); }

// The next free request, which is all zero but for these.
static inline struct io_uring_sqe *ring_sqe(struct ring *r, int op, int fd, unsigned long data) {
	unsigned tail = RING_WORD(r, sq_off.tail);
	struct io_uring_sqe *s = &r->sqes[tail & (r->p.sq_entries - 1)];
	memset(s, 0, sizeof *s);
	s->opcode = op, s->fd = fd, s->user_data = data;
	__atomic_store_n(&RING_WORD(r, sq_off.tail), tail + 1, __ATOMIC_RELEASE);
	r->queued++;
	return s;
}

static inline struct io_uring_sqe *ring_rw(struct ring *r, int op, int fd, void *buf, unsigned n, long long off, unsigned long data) {
	struct io_uring_sqe *s = ring_sqe(r, op, fd, data);
	s->addr = (uintptr_t)buf, s->len = n, s->off = off;
	return s;
}

static inline long ring_enter(struct ring *r, unsigned submit, unsigned least, unsigned flags) {
	return syscall(SYS_io_uring_enter, r->fd, submit, least, flags, NULL, 0L);
}

// Submits what was put, and waits for as many completions.
static inline long ring_submit(struct ring *r, unsigned least) {
	unsigned n = r->queued;
	r->queued = 0;
	return ring_enter(r, n, least, least ? IORING_ENTER_GETEVENTS : 0);
}

static inline unsigned ring_ready(struct ring *r) {
	return __atomic_load_n(&RING_WORD(r, cq_off.tail), __ATOMIC_ACQUIRE) - RING_WORD(r, cq_off.head);
}

// Takes the first completion; false if there is none.
static inline bool ring_take(struct ring *r, struct io_uring_cqe *c) {
	if (ring_ready(r) == 0)
		return false;
	unsigned head = RING_WORD(r, cq_off.head);
	*c = ((struct io_uring_cqe *)(r->mem + r->p.cq_off.cqes))[head & (r->p.cq_entries - 1)];
	__atomic_store_n(&RING_WORD(r, cq_off.head), head + 1, __ATOMIC_RELEASE);
	return true;
}

static inline const char *res_text(int res) { return res < 0 ? errno_name(-res) : name("%d", res); }

// Waits for a completion: "17: 4", "17: EBADF", with its flags if there are any.
static inline const char *ring_wait(struct ring *r) {
	struct io_uring_cqe c = {0};
	if (ring_ready(r) == 0 && ring_enter(r, 0, 1, IORING_ENTER_GETEVENTS) < 0)
		return name("no completion: %s", errno_name(errno));
	if (!ring_take(r, &c))
		return "no completion";
	return c.flags ? name("%d: %s, flags %#x", (int)c.user_data, res_text(c.res), c.flags) : name("%d: %s", (int)c.user_data, res_text(c.res));
}

// Submits the one request that was put; what became of it.
static inline const char *ring_do(struct ring *r) {
	if (ring_submit(r, 1) != 1)
		return name("not submitted: %s", errno_name(errno));
	return ring_wait(r);
}

// All completions that there are, as "1: 0, 2: ECANCELED".
static inline const char *ring_all(struct ring *r) {
	static char text[2048];
	*text = 0;
	while (ring_ready(r) > 0) {
		if (*text)
			strcat(text, ", ");
		strcat(text, ring_wait(r));
	}
	return text;
}

#endif
