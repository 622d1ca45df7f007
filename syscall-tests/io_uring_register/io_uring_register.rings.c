// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_uring_register: memory that a ring shares: rings of buffers, regions, and its own in another size.
#include "../harness/urings.h"

static long reg(struct ring *r, unsigned op, void *arg, unsigned n) { return syscall(SYS_io_uring_register, r->fd, op, arg, n); }

enum { PBUF_RING = 22, DROP_PBUF_RING = 23, PBUF_STATUS = 26, RESIZE = 33, MEM_REGION = 34 };

struct buf_reg { // struct io_uring_buf_reg
	uint64_t addr;
	uint32_t entries;
	uint16_t group, flags;
	uint64_t resv[3];
};

struct buf_status { // struct io_uring_buf_status
	uint32_t group, head, resv[8];
};

CASE(buffer_rings, "kernel>=6.8") {
	struct ring r = ring_new(4);
	char *page = writable_page(), got[8];
	struct buf_reg b = {.addr = (uintptr_t)page, .entries = 4, .group = 7};
	struct buf_status st = {.group = 7};
	OBSERVE_RET("status of none", reg(&r, PBUF_STATUS, &st, 1));
	OBSERVE_RET("undo of none", reg(&r, DROP_PBUF_RING, &b, 1));
	OBSERVE_RET("two", reg(&r, PBUF_RING, &b, 2));
	OBSERVE_RET("nothing", reg(&r, PBUF_RING, NULL, 1));
	OBSERVE_RET("bad pointer", reg(&r, PBUF_RING, bad_ptr(), 1));
	b.resv[2] = 1;
	OBSERVE_RET("reserved", reg(&r, PBUF_RING, &b, 1));
	b.resv[2] = 0, b.flags = 0x80;
	OBSERVE_RET("unknown flag", reg(&r, PBUF_RING, &b, 1));
	b.flags = 0, b.entries = 3;
	OBSERVE_RET("three entries", reg(&r, PBUF_RING, &b, 1));
	b.entries = 65536;
	OBSERVE_RET("too many", reg(&r, PBUF_RING, &b, 1));
	b.entries = 4, b.addr++;
	OBSERVE_RET("askew", reg(&r, PBUF_RING, &b, 1));
	b.addr = 0;
	OBSERVE_RET("nowhere", reg(&r, PBUF_RING, &b, 1));
	b.addr = (uintptr_t)page;
	OBSERVE_RET("one", reg(&r, PBUF_RING, &b, 1));
	OBSERVE_RET("again", reg(&r, PBUF_RING, &b, 1));
	OBSERVE_RET("status", reg(&r, PBUF_STATUS, &st, 1));
	OBSERVE("head", "%u", st.head);
	OBSERVE_RET("status, two", reg(&r, PBUF_STATUS, &st, 2));
	struct io_uring_buf *entry = (void *)page;
	entry[0].addr = (uintptr_t)got, entry[0].len = sizeof got, entry[0].bid = 5;
	__atomic_store_n((uint16_t *)(page + 14), 1, __ATOMIC_RELEASE); // the tail
	int fd = make_file("f", "data");
	struct io_uring_sqe *s = ring_rw(&r, IORING_OP_READ, fd, NULL, 4, 0, 1);
	s->flags = IOSQE_BUFFER_SELECT, s->buf_group = 7;
	OBSERVE("read", "%s", ring_do(&r));
	OBSERVE_RET("status then", reg(&r, PBUF_STATUS, &st, 1));
	OBSERVE("head then", "%u", st.head);
	s = ring_rw(&r, IORING_OP_READ, fd, NULL, 4, 0, 1);
	s->flags = IOSQE_BUFFER_SELECT, s->buf_group = 7;
	OBSERVE("no buffer left", "%s", ring_do(&r));
	OBSERVE_RET("undo", reg(&r, DROP_PBUF_RING, &b, 1));
	OBSERVE_RET("undo again", reg(&r, DROP_PBUF_RING, &b, 1));
}

CASE(resized, "kernel>=6.13") {
	struct ring plain = ring_new(4);
	struct ring r = ring_with(4, (struct io_uring_params){.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN});
	struct io_uring_params p = {.sq_entries = 16};
	OBSERVE_RET("without deferred work", reg(&plain, RESIZE, &p, 1));
	OBSERVE_RET("two", reg(&r, RESIZE, &p, 2));
	OBSERVE_RET("nothing", reg(&r, RESIZE, NULL, 1));
	OBSERVE_RET("bad pointer", reg(&r, RESIZE, bad_ptr(), 1));
	p.flags = IORING_SETUP_SQE128;
	OBSERVE_RET("other flags", reg(&r, RESIZE, &p, 1));
	p.flags = 0, p.sq_entries = 0;
	OBSERVE_RET("no entries", reg(&r, RESIZE, &p, 1));
	p.sq_entries = 16;
	OBSERVE_RET("larger", reg(&r, RESIZE, &p, 1));
	OBSERVE("sizes", "%u %u", p.sq_entries, p.cq_entries);
}

struct region { // struct io_uring_region_desc
	uint64_t addr, size;
	uint32_t flags, id;
	uint64_t mmap_offset, resv[4];
};

struct region_reg { // struct io_uring_mem_region_reg
	uint64_t region, flags, resv[2];
};

CASE(regions, "kernel>=6.13") {
	struct ring r = ring_with(4, (struct io_uring_params){.flags = IORING_SETUP_R_DISABLED}), running = ring_new(4);
	struct region d = {.addr = (uintptr_t)writable_page(), .size = 4096, .flags = 1};
	struct region_reg a = {.region = (uintptr_t)&d, .flags = 1}, plain = {.region = (uintptr_t)&d};
	OBSERVE_RET("nothing", reg(&r, MEM_REGION, NULL, 1));
	OBSERVE_RET("two", reg(&r, MEM_REGION, &a, 2));
	OBSERVE_RET("bad pointer", reg(&r, MEM_REGION, bad_ptr(), 1));
	a.resv[1] = 1;
	OBSERVE_RET("reserved", reg(&r, MEM_REGION, &a, 1));
	a.resv[1] = 0, a.flags = 2;
	OBSERVE_RET("unknown flag", reg(&r, MEM_REGION, &a, 1));
	a.flags = 1, a.region = (uintptr_t)bad_ptr();
	OBSERVE_RET("bad region", reg(&r, MEM_REGION, &a, 1));
	a.region = (uintptr_t)&d, d.resv[3] = 1;
	OBSERVE_RET("region, reserved", reg(&r, MEM_REGION, &a, 1));
	d.resv[3] = 0, d.flags = 3;
	OBSERVE_RET("region, unknown flag", reg(&r, MEM_REGION, &a, 1));
	d.flags = 0;
	OBSERVE_RET("region, an address of the kernel's choice", reg(&r, MEM_REGION, &a, 1));
	d.flags = 1, d.addr++;
	OBSERVE_RET("region, askew", reg(&r, MEM_REGION, &a, 1));
	d.addr--, d.size = 0;
	OBSERVE_RET("region, no size", reg(&r, MEM_REGION, &a, 1));
	d.size = 4095;
	OBSERVE_RET("region, half a page", reg(&r, MEM_REGION, &a, 1));
	d.size = 4096, d.id = 1;
	OBSERVE_RET("region, an id", reg(&r, MEM_REGION, &a, 1));
	d.id = 0;
	OBSERVE_RET("arguments of waits, of a ring that runs", reg(&running, MEM_REGION, &a, 1));
	OBSERVE_RET("of a ring that runs", reg(&running, MEM_REGION, &plain, 1));
	OBSERVE_RET("one", reg(&r, MEM_REGION, &a, 1));
	OBSERVE_RET("again", reg(&r, MEM_REGION, &a, 1));
}

struct wait_arg { // struct io_uring_reg_wait
	struct { long long sec, nsec; } ts;
	uint32_t min_us, flags;
	uint64_t mask;
	uint32_t mask_size, pad[3];
	uint64_t pad2[2];
};

// The arguments of waits can lie in a region, and go by their place in it (IORING_ENTER_EXT_ARG_REG).
CASE(arguments_in_a_region, "kernel>=6.13") {
	struct ring r = ring_with(4, (struct io_uring_params){.flags = IORING_SETUP_R_DISABLED}), bare = ring_new(4);
	struct wait_arg *w = (void *)writable_page();
	const unsigned both = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG | 0x40;
	w[0] = w[1] = w[2] = w[3] = (struct wait_arg){.ts = {0, 1000000}, .flags = 1};
	w[1].flags = 2, w[2].flags = 0, w[3].pad[0] = 1;
	struct region d = {.addr = (uintptr_t)w, .size = 4096, .flags = 1};
	struct region_reg a = {.region = (uintptr_t)&d, .flags = 1};
	OBSERVE_RET("no region", syscall(SYS_io_uring_enter, bare.fd, 0, 1, both, 0L, sizeof *w));
	OBSERVE_RET("no region and nothing to wait for", syscall(SYS_io_uring_enter, bare.fd, 0, 0, both, 0L, sizeof *w));
	OBSERVE_RET("not GETEVENTS", syscall(SYS_io_uring_enter, bare.fd, 0, 0, 0x48, 0L, sizeof *w));
	OBSERVE_RET("not EXT_ARG", syscall(SYS_io_uring_enter, bare.fd, 0, 0, 0x41, 0L, sizeof *w));
	OBSERVE_RET("region", reg(&r, MEM_REGION, &a, 1));
	REQUIRE_OK(reg(&r, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
	for (int i = 0; i < 4; i++)
		if (i != 2) // which would wait for ever
			OBSERVE_RET(name("argument %d", i), syscall(SYS_io_uring_enter, r.fd, 0, 1, both, i * sizeof *w, sizeof *w));
	OBSERVE_RET("the last", syscall(SYS_io_uring_enter, r.fd, 0, 0, both, 4096 - sizeof *w, sizeof *w));
	OBSERVE_RET("beyond", syscall(SYS_io_uring_enter, r.fd, 0, 1, both, 4096L, sizeof *w));
	OBSERVE_RET("askew", syscall(SYS_io_uring_enter, r.fd, 0, 1, both, 4L, sizeof *w));
	OBSERVE_RET("partly beyond", syscall(SYS_io_uring_enter, r.fd, 0, 1, both, 4096 - 8L, sizeof *w));
	OBSERVE_RET("of another size", syscall(SYS_io_uring_enter, r.fd, 0, 1, both, 0L, sizeof *w - 8));
	ring_sqe(&r, IORING_OP_NOP, -1, 1);
	OBSERVE_RET("something to wait for", syscall(SYS_io_uring_enter, r.fd, 1, 1, both, 2 * sizeof *w, sizeof *w));
	OBSERVE("completion", "%s", ring_all(&r));
}
