// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_uring_enter: names and descriptors.
#include "../harness/urings.h"

#include <linux/stat.h>
#include <sys/epoll.h>

static struct io_uring_sqe *put_path(struct ring *r, int op, const char *path, unsigned long data) {
	struct io_uring_sqe *s = ring_sqe(r, op, AT_FDCWD, data);
	s->addr = (uintptr_t)path;
	return s;
}

CASE(open_and_close) {
	struct ring r = ring_new(8);
	struct io_uring_cqe q;
	struct io_uring_sqe *s = put_path(&r, IORING_OP_OPENAT, "f", 1);
	s->open_flags = O_CREAT | O_RDWR | O_CLOEXEC, s->len = 0640;
	CHECK_EQ(ring_submit(&r, 1), 1);
	REQUIRE(ring_take(&r, &q) && q.res > 0);
	struct stat st;
	REQUIRE_OK(fstat(q.res, &st));
	OBSERVE("mode", "%o, %#x %d", st.st_mode & 07777, fcntl(q.res, F_GETFL), fcntl(q.res, F_GETFD));
	int fd = q.res;
	ring_sqe(&r, IORING_OP_CLOSE, fd, 2);
	OBSERVE("close", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_CLOSE, fd, 3);
	OBSERVE("close again", "%s", ring_do(&r));
	ring_sqe(&r, IORING_OP_CLOSE, r.fd, 4);
	OBSERVE("close the ring", "%s", ring_do(&r));
	put_path(&r, IORING_OP_OPENAT, "missing", 5);
	OBSERVE("missing", "%s", ring_do(&r));
	put_path(&r, IORING_OP_OPENAT, bad_ptr(), 6);
	OBSERVE("bad pointer", "%s", ring_do(&r));
	struct { unsigned long long flags, mode, resolve; } how = {O_RDONLY, 0, 0x08};
	s = put_path(&r, IORING_OP_OPENAT2, "f", 7);
	s->off = (uintptr_t)&how, s->len = sizeof how;
	CHECK_EQ(ring_submit(&r, 1), 1);
	REQUIRE(ring_take(&r, &q));
	CHECK(q.res > 0);
	s = put_path(&r, IORING_OP_OPENAT2, "../f", 8);
	s->off = (uintptr_t)&how, s->len = sizeof how;
	OBSERVE("beneath", "%s", ring_do(&r));
	s = put_path(&r, IORING_OP_OPENAT2, "f", 9);
	s->off = (uintptr_t)&how, s->len = 8;
	OBSERVE("short how", "%s", ring_do(&r));
}

CASE(names) {
	struct ring r = ring_new(8);
	struct io_uring_sqe *s = put_path(&r, IORING_OP_MKDIRAT, "d", 1);
	s->len = 0750;
	OBSERVE("mkdir", "%s", ring_do(&r));
	put_path(&r, IORING_OP_MKDIRAT, "d", 1);
	OBSERVE("mkdir again", "%s", ring_do(&r));
	close(make_file("f", "data"));
	s = put_path(&r, IORING_OP_RENAMEAT, "f", 2);
	s->len = AT_FDCWD, s->addr2 = (uintptr_t)"d/g";
	OBSERVE("rename", "%s %s", ring_do(&r), read_file("d/g"));
	s = put_path(&r, IORING_OP_LINKAT, "d/g", 3);
	s->len = AT_FDCWD, s->addr2 = (uintptr_t)"h";
	OBSERVE("link", "%s", ring_do(&r));
	s = put_path(&r, IORING_OP_SYMLINKAT, "h", 4);
	s->addr2 = (uintptr_t)"l";
	OBSERVE("symlink", "%s %s", ring_do(&r), read_file("l"));
	put_path(&r, IORING_OP_UNLINKAT, "d", 5);
	OBSERVE("unlink a directory", "%s", ring_do(&r));
	put_path(&r, IORING_OP_UNLINKAT, "d", 6)->unlink_flags = AT_REMOVEDIR;
	OBSERVE("rmdir, not empty", "%s", ring_do(&r));
	put_path(&r, IORING_OP_UNLINKAT, "d/g", 7);
	OBSERVE("unlink", "%s", ring_do(&r));
	put_path(&r, IORING_OP_UNLINKAT, "d", 8)->unlink_flags = AT_REMOVEDIR;
	OBSERVE("rmdir", "%s", ring_do(&r));
	put_path(&r, IORING_OP_UNLINKAT, "d", 9)->unlink_flags = 1;
	OBSERVE("bad flags", "%s", ring_do(&r));
	struct statx x;
	s = put_path(&r, IORING_OP_STATX, "h", 10);
	s->len = STATX_BASIC_STATS, s->off = (uintptr_t)&x;
	OBSERVE("statx", "%s, %lld bytes, %u links", ring_do(&r), (long long)x.stx_size, x.stx_nlink);
	s = put_path(&r, IORING_OP_STATX, "h", 11);
	OBSERVE("statx to nowhere", "%s", ring_do(&r));
	s->flags = IOSQE_FIXED_FILE;
}

CASE(sizes) {
	struct ring r = ring_new(8);
	int fd = make_file("f", "data");
	struct stat st;
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_FALLOCATE, fd, 1);
	s->off = 0, s->addr = 10000, s->len = 0;
	OBSERVE("fallocate", "%s", ring_do(&r));
	REQUIRE_OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, 10000);
	s = ring_sqe(&r, IORING_OP_FALLOCATE, fd, 2);
	OBSERVE("fallocate nothing", "%s", ring_do(&r));
	s = ring_sqe(&r, IORING_OP_FADVISE, fd, 3);
	s->fadvise_advice = POSIX_FADV_WILLNEED;
	OBSERVE("fadvise", "%s", ring_do(&r));
	s = ring_sqe(&r, IORING_OP_FADVISE, fd, 4);
	s->fadvise_advice = 99;
	OBSERVE("bad advice", "%s", ring_do(&r));
	s = ring_sqe(&r, IORING_OP_SYNC_FILE_RANGE, fd, 5);
	s->sync_range_flags = 7;
	OBSERVE("sync_file_range", "%s", ring_do(&r));
	char *m = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*m = 1;
	s = ring_sqe(&r, IORING_OP_MADVISE, -1, 6);
	s->addr = (uintptr_t)m, s->len = page_size(), s->fadvise_advice = MADV_DONTNEED;
	OBSERVE("madvise", "%s %d", ring_do(&r), *m);
}

CASE(truncate, "kernel>=6.9") {
	struct ring r = ring_new(8);
	int fd = make_file("f", "data");
	struct stat st;
	ring_sqe(&r, 55, fd, 1)->off = 2; // IORING_OP_FTRUNCATE
	OBSERVE("ftruncate", "%s", ring_do(&r));
	REQUIRE_OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, 2);
	ring_sqe(&r, 55, fd, 2)->off = -1;
	OBSERVE("negative", "%s", ring_do(&r));
}

CASE(epoll) {
	struct ring r = ring_new(8);
	int ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(1, 0));
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = 5}, got = {0};
	struct io_uring_sqe *s = ring_sqe(&r, IORING_OP_EPOLL_CTL, ep, 1);
	s->addr = (uintptr_t)&ev, s->len = EPOLL_CTL_ADD, s->off = e;
	OBSERVE("add", "%s", ring_do(&r));
	CHECK_EQ(epoll_wait(ep, &got, 1, 0), 1);
	CHECK_EQ(got.data.u32, 5);
	s = ring_sqe(&r, IORING_OP_EPOLL_CTL, ep, 2);
	s->addr = (uintptr_t)&ev, s->len = EPOLL_CTL_ADD, s->off = e;
	OBSERVE("add again", "%s", ring_do(&r));
}
