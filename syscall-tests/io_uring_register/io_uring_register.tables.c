// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_uring_register: tables of files and buffers with tags, parts of them anew, and buffers of another ring.
#include "../harness/urings.h"

static long reg(struct ring *r, unsigned op, void *arg, unsigned n) { return syscall(SYS_io_uring_register, r->fd, op, arg, n); }

struct table { // struct io_uring_rsrc_register
	uint32_t nr, flags;
	uint64_t resv, data, tags;
};

struct part { // struct io_uring_rsrc_update2
	uint32_t offset, resv;
	uint64_t data, tags;
	uint32_t nr, resv2;
};

// What both kinds of tables refuse: op makes one, update changes it; data are two of its entries.
static void observe_refusals(unsigned op, unsigned update, void *data) {
	struct ring r = ring_new(4);
	struct table t = {.nr = 2, .data = (uintptr_t)data};
	struct part p = {.nr = 1, .data = (uintptr_t)data};
	OBSERVE_RET("update of none", reg(&r, update, &p, sizeof p));
	OBSERVE_RET("short", reg(&r, op, &t, sizeof t - 1));
	OBSERVE_RET("long", reg(&r, op, &t, sizeof t + 1));
	OBSERVE_RET("bad pointer", reg(&r, op, bad_ptr(), sizeof t));
	t.resv = 1;
	OBSERVE_RET("reserved", reg(&r, op, &t, sizeof t));
	t.resv = 0, t.flags = 2;
	OBSERVE_RET("unknown flag", reg(&r, op, &t, sizeof t));
	t.flags = 1;
	OBSERVE_RET("sparse with data", reg(&r, op, &t, sizeof t));
	t.flags = 0, t.nr = 0;
	OBSERVE_RET("none", reg(&r, op, &t, sizeof t));
	struct ring other = ring_new(4);
	t.nr = 2, t.data = 0;
	OBSERVE_RET("no data", reg(&other, op, &t, sizeof t));
	t.data = (uintptr_t)bad_ptr();
	OBSERVE_RET("bad data", reg(&r, op, &t, sizeof t));
	t.data = (uintptr_t)data, t.tags = (uintptr_t)bad_ptr();
	OBSERVE_RET("bad tags", reg(&r, op, &t, sizeof t));
	t.tags = 0;
	CHECK_OK(reg(&r, op, &t, sizeof t));
	OBSERVE_RET("again", reg(&r, op, &t, sizeof t));
	OBSERVE_RET("update, short", reg(&r, update, &p, sizeof p - 1));
	OBSERVE_RET("update, bad pointer", reg(&r, update, bad_ptr(), sizeof p));
	p.resv = 1;
	OBSERVE_RET("update, reserved", reg(&r, update, &p, sizeof p));
	p.resv = 0, p.resv2 = 1;
	OBSERVE_RET("update, reserved at the end", reg(&r, update, &p, sizeof p));
	p.resv2 = 0, p.nr = 0;
	OBSERVE_RET("update, none", reg(&r, update, &p, sizeof p));
	p.nr = 2, p.offset = 1;
	OBSERVE_RET("update, beyond", reg(&r, update, &p, sizeof p));
	p.offset = -1;
	OBSERVE_RET("update, far beyond", reg(&r, update, &p, sizeof p));
	p.offset = 0, p.data = (uintptr_t)bad_ptr();
	OBSERVE_RET("update, bad data", reg(&r, update, &p, sizeof p));
	p.data = (uintptr_t)data;
	OBSERVE_RET("update, all", reg(&r, update, &p, sizeof p));
}

CASE(refused_tables_of_files, "kernel>=5.13") {
	int fds[2] = {make_file("f", "data"), -1};
	observe_refusals(IORING_REGISTER_FILES2, IORING_REGISTER_FILES_UPDATE2, fds);
}

CASE(refused_tables_of_buffers, "kernel>=5.13") {
	char *b = writable_page();
	struct iovec v[2] = {{b, 100}, {b + 100, 50}};
	observe_refusals(IORING_REGISTER_BUFFERS2, IORING_REGISTER_BUFFERS_UPDATE, v);
}

CASE(files_anew, "kernel>=5.19") {
	struct ring r = ring_new(4);
	char buf[8] = "";
	struct table t = {.nr = 3, .flags = IORING_RSRC_REGISTER_SPARSE};
	CHECK_OK(reg(&r, IORING_REGISTER_FILES2, &t, sizeof t));
	ring_rw(&r, IORING_OP_READ, 1, buf, 4, 0, 1)->flags = IOSQE_FIXED_FILE;
	OBSERVE("an empty place", "%s", ring_do(&r));
	int fds[3] = {-1, make_file("f", "data"), 999};
	struct part p = {.nr = 3, .data = (uintptr_t)fds};
	OBSERVE_RET("two, and a bad one", reg(&r, IORING_REGISTER_FILES_UPDATE2, &p, sizeof p));
	ring_rw(&r, IORING_OP_READ, 1, buf, 4, 0, 1)->flags = IOSQE_FIXED_FILE;
	OBSERVE("then", "%s %s", ring_do(&r), buf);
	fds[0] = r.fd, p.nr = 1;
	OBSERVE_RET("a ring", reg(&r, IORING_REGISTER_FILES_UPDATE2, &p, sizeof p));
	fds[0] = IORING_REGISTER_FILES_SKIP, fds[1] = -1, p.nr = 2;
	OBSERVE_RET("one kept, one taken out", reg(&r, IORING_REGISTER_FILES_UPDATE2, &p, sizeof p));
	ring_rw(&r, IORING_OP_READ, 1, buf, 4, 0, 1)->flags = IOSQE_FIXED_FILE;
	OBSERVE("taken out", "%s", ring_do(&r));
	CHECK_OK(reg(&r, IORING_UNREGISTER_FILES, NULL, 0));
	OBSERVE("no completions", "%s", ring_all(&r));
}

CASE(buffers_anew, "kernel>=5.19") {
	struct ring r = ring_new(4);
	char *b = writable_page();
	int fd = make_file("f", "0123456789");
	struct table t = {.nr = 3, .flags = IORING_RSRC_REGISTER_SPARSE};
	CHECK_OK(reg(&r, IORING_REGISTER_BUFFERS2, &t, sizeof t));
	ring_rw(&r, IORING_OP_READ_FIXED, fd, b, 4, 0, 1);
	OBSERVE("an empty place", "%s", ring_do(&r));
	struct iovec v[3] = {{b, 100}, {b + 100, 50}, {bad_ptr(), 7}};
	struct part p = {.nr = 3, .data = (uintptr_t)v};
	OBSERVE_RET("two, and a bad one", reg(&r, IORING_REGISTER_BUFFERS_UPDATE, &p, sizeof p));
	ring_rw(&r, IORING_OP_READ_FIXED, fd, b + 100, 4, 3, 1)->buf_index = 1;
	OBSERVE("then", "%s %.4s", ring_do(&r), b + 100);
	v[0] = (struct iovec){NULL, 0}, p.nr = 1, p.offset = 1;
	OBSERVE_RET("taken out", reg(&r, IORING_REGISTER_BUFFERS_UPDATE, &p, sizeof p));
	ring_rw(&r, IORING_OP_READ_FIXED, fd, b + 100, 4, 3, 1)->buf_index = 1;
	OBSERVE("afterwards", "%s", ring_do(&r));
	v[0].iov_len = 5;
	OBSERVE_RET("a length of nothing", reg(&r, IORING_REGISTER_BUFFERS_UPDATE, &p, sizeof p));
	CHECK_OK(reg(&r, IORING_UNREGISTER_BUFFERS, NULL, 0));
	OBSERVE("no completions", "%s", ring_all(&r));
}

// A tag comes as a completion when what bears it is gone.
CASE(tags, "kernel>=5.19") {
	struct ring r = ring_new(8);
	char *b = writable_page();
	int fds[3] = {make_file("f", "data"), make_file("g", ""), -1}, none = -1;
	uint64_t tags[3] = {101, 0, 103}, fresh = 104;
	struct table t = {.nr = 2, .data = (uintptr_t)fds, .tags = (uintptr_t)tags};
	OBSERVE_RET("files", reg(&r, IORING_REGISTER_FILES2, &t, sizeof t));
	struct part p = {.nr = 1, .data = (uintptr_t)&fds[1], .tags = (uintptr_t)&fresh};
	OBSERVE_RET("another file", reg(&r, IORING_REGISTER_FILES_UPDATE2, &p, sizeof p));
	OBSERVE("the first is gone", "%s", ring_all(&r));
	p.data = (uintptr_t)&none;
	OBSERVE_RET("a tag of nothing", reg(&r, IORING_REGISTER_FILES_UPDATE2, &p, sizeof p));
	OBSERVE("then", "%s", ring_all(&r));
	OBSERVE_RET("unregister files", reg(&r, IORING_UNREGISTER_FILES, NULL, 0));
	OBSERVE("all are gone", "%s", ring_all(&r));
	struct iovec v[3] = {{b, 100}, {b + 100, 50}, {NULL, 0}};
	t = (struct table){.nr = 3, .data = (uintptr_t)v, .tags = (uintptr_t)tags};
	OBSERVE_RET("a tag of no buffer", reg(&r, IORING_REGISTER_BUFFERS2, &t, sizeof t));
	OBSERVE("of no table", "%s", ring_all(&r));
	tags[1] = 102, tags[2] = 0;
	OBSERVE_RET("buffers", reg(&r, IORING_REGISTER_BUFFERS2, &t, sizeof t));
	p.data = (uintptr_t)v;
	OBSERVE_RET("another buffer", reg(&r, IORING_REGISTER_BUFFERS_UPDATE, &p, sizeof p));
	OBSERVE("the first buffer is gone", "%s", ring_all(&r));
	OBSERVE_RET("unregister buffers", reg(&r, IORING_UNREGISTER_BUFFERS, NULL, 0));
	OBSERVE("all buffers are gone", "%s", ring_all(&r));
}

struct clone { // struct io_uring_clone_buffers
	uint32_t src_fd, flags, src_off, dst_off, nr, pad[3];
};

CASE(buffers_of_another_ring, "kernel>=6.13") {
	const int op = 30; // IORING_REGISTER_CLONE_BUFFERS
	struct ring from = ring_new(4), to = ring_new(4);
	char *b = writable_page();
	int fd = make_file("f", "0123456789");
	struct iovec v[3] = {{b, 100}, {b + 100, 50}, {b + 200, 50}};
	struct clone c = {.src_fd = from.fd};
	OBSERVE_RET("of none", reg(&to, op, &c, 1));
	CHECK_OK(reg(&from, IORING_REGISTER_BUFFERS, v, 3));
	OBSERVE_RET("nothing", reg(&to, op, NULL, 1));
	OBSERVE_RET("two", reg(&to, op, &c, 2));
	OBSERVE_RET("bad pointer", reg(&to, op, bad_ptr(), 1));
	c.flags = 4;
	OBSERVE_RET("unknown flag", reg(&to, op, &c, 1));
	c.flags = 0, c.pad[2] = 1;
	OBSERVE_RET("padding", reg(&to, op, &c, 1));
	c.pad[2] = 0, c.src_fd = 999;
	OBSERVE_RET("of no descriptor", reg(&to, op, &c, 1));
	c.src_fd = fd;
	OBSERVE_RET("of what is no ring", reg(&to, op, &c, 1));
	c.src_fd = from.fd;
	OBSERVE_RET("all", reg(&to, op, &c, 1));
	ring_rw(&to, IORING_OP_READ_FIXED, fd, b + 200, 4, 3, 1)->buf_index = 2;
	OBSERVE("read", "%s %.4s", ring_do(&to), b + 200);
	OBSERVE_RET("again", reg(&to, op, &c, 1));
	c.flags = 2; // IORING_REGISTER_DST_REPLACE
	OBSERVE_RET("instead", reg(&to, op, &c, 1));
	c.src_off = 1, c.dst_off = 4, c.nr = 2;
	OBSERVE_RET("behind", reg(&to, op, &c, 1));
	for (int i = 0; i < 7; i++) {
		ring_rw(&to, IORING_OP_READ_FIXED, fd, b + 100, 4, 1, i)->buf_index = i;
		OBSERVE(name("place %d", i), "%s", ring_do(&to));
	}
	c.nr = 3;
	OBSERVE_RET("more than there are", reg(&to, op, &c, 1));
	c.src_off = 9, c.nr = 0;
	OBSERVE_RET("from beyond", reg(&to, op, &c, 1));
	c = (struct clone){.src_fd = to.fd};
	OBSERVE_RET("of itself", reg(&to, op, &c, 1));
	CHECK_OK(reg(&from, IORING_UNREGISTER_BUFFERS, NULL, 0));
	ring_rw(&to, IORING_OP_READ_FIXED, fd, b + 200, 4, 5, 1)->buf_index = 5;
	OBSERVE("they stay", "%s %.4s", ring_do(&to), b + 200);
	CHECK_OK(reg(&to, IORING_UNREGISTER_BUFFERS, NULL, 0));
}

// Where a file that may go anywhere is put, is bounded by a range of places.
CASE(range_of_places, "kernel>=6.0") {
	const int op = 25; // IORING_REGISTER_FILE_ALLOC_RANGE
	struct ring r = ring_new(4);
	struct { uint32_t off, len; uint64_t resv; } a = {.off = 2, .len = 2};
	OBSERVE_RET("of no table", reg(&r, op, &a, 0));
	struct table t = {.nr = 6, .flags = IORING_RSRC_REGISTER_SPARSE};
	CHECK_OK(reg(&r, IORING_REGISTER_FILES2, &t, sizeof t));
	OBSERVE_RET("nothing", reg(&r, op, NULL, 0));
	OBSERVE_RET("one", reg(&r, op, &a, 1));
	OBSERVE_RET("bad pointer", reg(&r, op, bad_ptr(), 0));
	a.resv = 1;
	OBSERVE_RET("reserved", reg(&r, op, &a, 0));
	a.resv = 0, a.len = 5;
	OBSERVE_RET("beyond", reg(&r, op, &a, 0));
	a.len = -1;
	OBSERVE_RET("far beyond", reg(&r, op, &a, 0));
	a.len = 2;
	OBSERVE_RET("two places", reg(&r, op, &a, 0));
	close(make_file("f", "data"));
	for (int i = 0; i < 3; i++) {
		struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_OPENAT, AT_FDCWD, i);
		s->addr = (uintptr_t)"f", s->file_index = IORING_FILE_INDEX_ALLOC;
		OBSERVE(name("file %d", i), "%s", ring_do(&r));
	}
	ring_sqe(&r, IORING_OP_CLOSE, 0, 9)->file_index = 3; // place 2
	OBSERVE("close", "%s", ring_do(&r));
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_OPENAT, AT_FDCWD, 4);
	s->addr = (uintptr_t)"f", s->file_index = IORING_FILE_INDEX_ALLOC;
	OBSERVE("another", "%s", ring_do(&r));
	a.len = 0;
	OBSERVE_RET("no place", reg(&r, op, &a, 0));
}
