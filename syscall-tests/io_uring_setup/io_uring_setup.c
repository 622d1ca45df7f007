// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_uring_setup: which parameters does it take, and what does it make of them?
#include "../harness/urings.h"

static long setup(unsigned entries, struct io_uring_params *p) { return syscall(SYS_io_uring_setup, entries, p); }

CASE(sizes) {
	static const unsigned sizes[] = {0, 1, 2, 3, 5, 8, 100, 4096, 32768, 32769, -1U};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (int clamp = 0; clamp < 2; clamp++) {
			struct io_uring_params p = {.flags = clamp ? IORING_SETUP_CLAMP : 0};
			int fd = OBSERVE_OK(name("%u, clamp %d", sizes[i], clamp), setup(sizes[i], &p));
			if (fd >= 0) {
				OBSERVE(name("%u, clamp %d, entries", sizes[i], clamp), "%u %u", p.sq_entries, p.cq_entries);
				close(fd);
			}
		}
}

CASE(completion_queue_size) {
	static const unsigned sizes[] = {0, 1, 4, 7, 8, 9, 65536, 65537};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct io_uring_params p = {.flags = IORING_SETUP_CQSIZE, .cq_entries = sizes[i]};
		int fd = OBSERVE_OK(name("%u", sizes[i]), setup(8, &p));
		if (fd >= 0)
			OBSERVE(name("%u, entries", sizes[i]), "%u %u", p.sq_entries, p.cq_entries);
	}
}

CASE(flags) {
	static const unsigned all[] = {0x8, 0x10, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x300, 0x3000, 0x3200, 0x10000, 1u << 30, 1u << 31};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct io_uring_params p = {.flags = all[i], .cq_entries = 16};
		int fd = OBSERVE_OK(name("%#x", all[i]), setup(4, &p));
		if (fd >= 0) {
			CHECK_EQ(p.flags, all[i]);
			CHECK_EQ(close(fd), 0);
		}
	}
	struct io_uring_params p = {.flags = IORING_SETUP_ATTACH_WQ, .wq_fd = 999};
	CHECK_ERR(setup(4, &p), ENXIO);
	p.wq_fd = 0;
	CHECK_ERR(setup(4, &p), EINVAL);
	p.wq_fd = ring_new(2).fd;
	CHECK_OK(setup(4, &p));
}

CASE(bad_parameters) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, setup(4, b->p));
	CHECK_ERR(setup(4, NULL), EFAULT);
	for (int i = 0; i < 3; i++) {
		struct io_uring_params p = {0};
		p.resv[i] = 1;
		CHECK_ERR(setup(4, &p), EINVAL);
	}
	CHECK_ERR(setup(4, readonly_page()), EFAULT);
	struct io_uring_params p = {0};
	int next = REQUIRE_OK(setup(4, &p));
	OBSERVE("a descriptor was left", "%d", next != 3);
}

CASE(layout) {
	struct ring r = ring_new(4);
	struct io_sqring_offsets s = r.p.sq_off;
	struct io_cqring_offsets c = r.p.cq_off;
	OBSERVE("submission", "%u %u %u %u %u %u", s.head, s.tail, s.ring_mask, s.ring_entries, s.flags, s.dropped);
	OBSERVE("completion", "%u %u %u %u %u %u %u", c.head, c.tail, c.ring_mask, c.ring_entries, c.overflow, c.cqes, c.flags);
	OBSERVE("array behind the completions", "%d", s.array >= c.cqes + 8 * 16);
	OBSERVE("words", "%u %u %u %u", RING_WORD(&r, sq_off.ring_mask), RING_WORD(&r, sq_off.ring_entries),
		RING_WORD(&r, cq_off.ring_mask), RING_WORD(&r, cq_off.ring_entries));
	CHECK(r.p.features & IORING_FEAT_SINGLE_MMAP);
	CHECK(r.p.features & IORING_FEAT_NODROP);
}

CASE(descriptor) {
	struct ring r = ring_new(4);
	char buf[64] = "";
	OBSERVE("flags", "%#x %d", fcntl(r.fd, F_GETFL), fcntl(r.fd, F_GETFD));
	CHECK(readlink(name("/proc/self/fd/%d", r.fd), buf, sizeof buf - 1) > 0);
	OBSERVE("name", "%s", buf);
	OBSERVE_RET("read", read(r.fd, buf, 1));
	OBSERVE_RET("write", write(r.fd, buf, 1));
	OBSERVE_RET("seek", lseek(r.fd, 0, SEEK_SET));
	OBSERVE_RET("truncate", ftruncate(r.fd, 0));
	OBSERVE_RET("sync", fsync(r.fd));
	struct pollfd p = {r.fd, POLLIN | POLLOUT, 0};
	REQUIRE_OK(poll(&p, 1, 0));
	OBSERVE("events", "%#x", p.revents);
}

CASE(mapping) {
	struct ring r = ring_new(4);
	size_t page = page_size();
	static const long long offs[] = {0, 0x8000000, 0x10000000, 0x1000, 0x20000000, 0x10001000};
	for (int i = 0; i < 6; i++) {
		void *m = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, offs[i]);
		OBSERVE(name("at %#llx", offs[i]), "%s", m == MAP_FAILED ? errno_name(errno) : "ok");
		m = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, offs[i]);
		OBSERVE(name("two pages at %#llx", offs[i]), "%s", m == MAP_FAILED ? errno_name(errno) : "ok");
	}
	unsigned *cq = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, 0x8000000);
	REQUIRE(cq != MAP_FAILED);
	cq[1] = 77;
	CHECK_EQ(((unsigned *)r.mem)[1], 77); // the same memory
	CHECK(mmap(cq, page, PROT_READ, MAP_SHARED | MAP_FIXED, r.fd, 0) == MAP_FAILED);
	OBSERVE("fixed", "%s", errno_name(errno));
	CHECK(mremap(r.mem, page, 2 * page, MREMAP_MAYMOVE) == MAP_FAILED);
	OBSERVE("grow", "%s", errno_name(errno));
}

// The memory stays when the ring is closed.
CASE(closed_ring) {
	struct ring r = ring_new(4);
	CHECK_EQ(close(r.fd), 0);
	RING_WORD(&r, sq_off.tail) = 9;
	CHECK_EQ(RING_WORD(&r, sq_off.tail), 9);
	CHECK_ERR(ring_enter(&r, 1, 0, 0), EBADF);
}
