// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// cachestat: how many pages of a file are in memory, in which ranges, of which files, and who may ask.
#include "../harness/memory.h"

#include <sys/socket.h>

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

struct span {
	uint64_t off, len;
};
struct counts {
	uint64_t cache, dirty, writeback, evicted, recent;
};

static long stat_(int fd, const void *span, void *out, unsigned flags) { return syscall(SYS_cachestat, fd, span, out, flags); }

// Pages in [off, off+len), of a file whose pages were all written just now.
static long cached(int fd, uint64_t off, uint64_t len) {
	struct span s = {off, len};
	struct counts c;
	memset(&c, 0xff, sizeof c);
	REQUIRE_OK(stat_(fd, &s, &c, 0));
	CHECK_EQ(c.evicted, 0);
	CHECK(c.dirty + c.writeback <= 2 * c.cache);
	return (long)c.cache;
}

CASE(errors, "kernel>=6.5") {
	struct span s = {0, 0};
	struct counts c;
	int fd = letter_file("f", 2, 0);
	CHECK_ERR(stat_(-1, &s, &c, 0), EBADF);
	CHECK_ERR(stat_(fd, bad_ptr(), &c, 0), EFAULT);
	CHECK_ERR(stat_(fd, &s, bad_ptr(), 0), EFAULT);
	CHECK_ERR(stat_(fd, &s, &c, 1), EINVAL);
	OBSERVE_RET("bad range before flags", stat_(fd, bad_ptr(), &c, 1));
	OBSERVE_RET("bad fd before range", stat_(-1, bad_ptr(), &c, 0));
	OBSERVE_RET("flags before result", stat_(fd, &s, bad_ptr(), 1));
	OBSERVE_RET("read only result", stat_(fd, &s, readonly_page(), 0));
	OBSERVE_RET("O_PATH", stat_(REQUIRE_OK(open("f", O_PATH)), &s, &c, 0));
}

CASE(ranges, "kernel>=6.5") {
	int fd = letter_file("f", 6, 0);
	OBSERVE("all", "%ld", cached(fd, 0, 0));
	OBSERVE("one byte", "%ld", cached(fd, 0, 1));
	OBSERVE("a page", "%ld", cached(fd, 0, PG));
	OBSERVE("a page and a byte", "%ld", cached(fd, 0, PG + 1));
	OBSERVE("across a border", "%ld", cached(fd, PG - 1, 2));
	OBSERVE("from the second", "%ld", cached(fd, PG, 0));
	OBSERVE("middle", "%ld", cached(fd, 2 * PG, 3 * PG));
	OBSERVE("past the end", "%ld", cached(fd, 6 * PG, 0));
	OBSERVE("far past the end", "%ld", cached(fd, 1ul << 50, 1ul << 50));
	OBSERVE("offset wraps", "%ld", cached(fd, -1, 2));
	OBSERVE("length wraps", "%ld", cached(fd, PG, -1));
}

CASE(grows_and_shrinks, "kernel>=6.5") {
	int fd = letter_file("f", 4, 0);
	REQUIRE_OK(ftruncate(fd, 2 * PG));
	OBSERVE("cut", "%ld", cached(fd, 0, 0));
	REQUIRE(pwrite(fd, "x", 1, 3 * PG) == 1);
	OBSERVE("written behind", "%ld", cached(fd, 3 * PG, PG));
	REQUIRE_OK(ftruncate(fd, 0));
	OBSERVE("empty", "%ld", cached(fd, 0, 0));
	int e = make_file("e", "");
	OBSERVE("new", "%ld", cached(e, 0, 0));
}

CASE(memory_file, "kernel>=6.5") {
	int fd = REQUIRE_OK((int)syscall(SYS_memfd_create, "m", 0));
	REQUIRE_OK(ftruncate(fd, 8 * PG));
	OBSERVE("holes", "%ld", cached(fd, 0, 0));
	REQUIRE(pwrite(fd, "x", 1, 2 * PG) == 1);
	OBSERVE("one page", "%ld", cached(fd, 0, 0));
	char *p = pages(8, RW, MAP_SHARED, fd);
	p[5 * PG] = 'y';
	OBSERVE("a mapped one too", "%ld", cached(fd, 0, 0));
	OBSERVE("where", "%ld%ld%ld", cached(fd, 2 * PG, PG), cached(fd, 3 * PG, PG), cached(fd, 5 * PG, PG));
	REQUIRE_OK(madvise(p + 5 * PG, PG, MADV_REMOVE));
	OBSERVE("punched", "%ld", cached(fd, 0, 0));
}

CASE(other_files, "kernel>=6.5") {
	int p[2], s[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	REQUIRE(write(p[1], "abc", 3) == 3);
	OBSERVE("pipe", "%ld", cached(p[1], 0, 0));
	OBSERVE("socket", "%ld", cached(s[0], 0, 0));
	OBSERVE("null", "%ld", cached(REQUIRE_OK(open("/dev/null", O_RDWR)), 0, 0));
	REQUIRE_OK(mkdir("d", 0755));
	OBSERVE("directory", "%ld", cached(REQUIRE_OK(open("d", O_RDONLY)), 0, 0));
	OBSERVE("proc", "%ld", cached(REQUIRE_OK(open("/proc/self/status", O_RDONLY)), 0, 0));
}

// Since Linux 6.15 only for who could write the file.
CASE(permission, "root kernel>=6.15") {
	struct span s = {0, 0};
	struct counts c;
	letter_file("f", 1, 0);
	REQUIRE_OK(chmod("f", 0444));
	letter_file("g", 1, 0);
	REQUIRE_OK(chmod("g", 0666));
	letter_file("h", 1, 0);
	REQUIRE_OK(chown("h", 65534, 65534));
	REQUIRE_OK(chmod("h", 0400));
	int w = REQUIRE_OK(open("f", O_RDWR));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("read only", stat_(REQUIRE_OK(open("f", O_RDONLY)), &s, &c, 0));
		OBSERVE_RET("writable by all, open for reading", stat_(REQUIRE_OK(open("g", O_RDONLY)), &s, &c, 0));
		OBSERVE_RET("own", stat_(REQUIRE_OK(open("h", O_RDONLY)), &s, &c, 0));
		OBSERVE_RET("inherited writable", stat_(w, &s, &c, 0));
		OBSERVE_RET("before flags", stat_(REQUIRE_OK(open("f", O_RDONLY)), &s, &c, 1));
	}
}
