// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// remap_file_pages: can the pages of a shared mapping be put in another order, and what is refused?
#include "../harness/memory.h"

static long remap(void *p, size_t n, long prot, long pgoff, long flags) { return syscall(SYS_remap_file_pages, p, n, prot, pgoff, flags); }

CASE(order) {
	int fd = letter_file("f", 4, 0);
	char *p = pages(4, RW, MAP_SHARED, fd);
	CHECK_OK(remap(p, PG, 0, 3, 0));
	OBSERVE("first is fourth", "%s", peek_pages(p, 4));
	CHECK_OK(remap(p + 2 * PG, 2 * PG, 0, 1, 0));
	OBSERVE("two more", "%s", peek_pages(p, 4));
	p[3 * PG] = 'w';
	char c;
	REQUIRE(pread(fd, &c, 1, 2 * PG) == 1);
	OBSERVE("write goes to the file's page", "%c", c);
	OBSERVE("maps", "%s", perms(p, 4));
	CHECK_OK(remap(p + PG, PG, 0, 1, 0));
	OBSERVE("where it is already", "%s", peek_pages(p, 4));
	IN_CHILD(NULL) { OBSERVE("child", "%s", peek_pages(p, 4)); }
}

CASE(errors) {
	int fd = letter_file("f", 4, 0);
	char *p = pages(4, RW, MAP_SHARED, fd), *v = pages(4, RW, MAP_PRIVATE, fd), *a = anon(2);
	CHECK_ERR(remap(p, PG, PROT_READ, 1, 0), EINVAL);
	CHECK_ERR(remap(v, PG, 0, 1, 0), EINVAL);
	CHECK_ERR(remap(a, PG, 0, 1, 0), EINVAL);
	CHECK_ERR(remap(bad_ptr(), PG, 0, 1, 0), EINVAL);
	OBSERVE_RET("size 0", remap(p, 0, 0, 1, 0));
	OBSERVE_RET("crooked start", remap(p + 1, PG, 0, 1, 0));
	OBSERVE_RET("crooked size", remap(p, PG + 1, 0, 1, 0));
	OBSERVE_RET("less than a page", remap(p, 100, 0, 1, 0));
	OBSERVE_RET("more than the mapping", remap(p, 8 * PG, 0, 0, 0));
	OBSERVE_RET("huge offset", remap(p, PG, 0, -1, 0));
	OBSERVE_RET("wraps", remap(p, -PG, 0, 0, 0));
	OBSERVE_RET("nonblock", remap(p, PG, 0, 2, MAP_NONBLOCK));
	OBSERVE_RET("unknown flags", remap(p, PG, 0, 3, 0x40));
	OBSERVE("bytes", "%s", peek_pages(p, 4));
}

CASE(shared_memory) {
	char *s = lettered(shared(3), 3);
	CHECK_OK(remap(s, PG, 0, 2, 0));
	OBSERVE("bytes", "%s", peek_pages(s, 3));
	s[2 * PG] = 'x';
	OBSERVE("one page twice", "%s", peek_pages(s, 3));
}

// Pages that are mapped nowhere come from the file; beyond its end there are none.
CASE(mapped_nowhere) {
	int fd = letter_file("f", 6, 0);
	char *p = pages(2, RW, MAP_SHARED, fd);
	CHECK_OK(remap(p, PG, 0, 4, 0));
	CHECK_OK(remap(p + PG, PG, 0, 5, 0));
	OBSERVE("other pages", "%s", peek_pages(p, 2));
	p[0] = 'w';
	char c;
	REQUIRE(pread(fd, &c, 1, 4 * PG) == 1);
	OBSERVE("written", "%c", c);
	CHECK_OK(remap(p, 2 * PG, 0, 5, 0));
	OBSERVE("past the end", "%s", peek_pages(p, 2));
	OBSERVE("maps", "%s", perms(p, 2));
	REQUIRE_OK(unlink("f"));
	CHECK_OK(remap(p, PG, 0, 0, 0));
	OBSERVE("of a file without a name", "%s", peek(p));
}

// The same of memory that no file is behind but its own, in this process and in another that has it too.
static void observe_lost_pages(const char *what, char *p) {
	CHECK_OK(remap(p, PG, 0, 3, 0));
	OBSERVE(name("%s, first is fourth", what), "%s", peek_pages(p, 4));
	CHECK_OK(remap(p + 3 * PG, PG, 0, 0, 0));
	OBSERVE(name("%s, fourth is first", what), "%s", peek_pages(p, 4));
	REQUIRE_OK(munmap(p + PG, PG));
	CHECK_OK(remap(p + 2 * PG, PG, 0, 1, 0));
	OBSERVE(name("%s, third is one that was unmapped", what), "%s", peek(p + 2 * PG));
	p[2 * PG] = 'x';
	IN_CHILD(NULL) {
		CHECK_OK(remap(p + 3 * PG, PG, 0, 1, 0));
		OBSERVE(name("%s, fourth of a child", what), "%s", peek(p + 3 * PG));
		CHECK_OK(remap(p + 3 * PG, PG, 0, 2, 0));
		OBSERVE(name("%s, then", what), "%s", peek(p + 3 * PG));
		p[3 * PG] = 'y';
	}
	OBSERVE(name("%s, the parent's", what), "%s", peek(p + 3 * PG));
	CHECK_OK(remap(p + 3 * PG, PG, 0, 2, 0));
	OBSERVE(name("%s, what the child wrote", what), "%s", peek(p + 3 * PG));
	CHECK_OK(remap(p + 3 * PG, PG, 0, 4, 0));
	OBSERVE(name("%s, past the end", what), "%s", peek(p + 3 * PG));
}

CASE(anonymous_pages_mapped_nowhere) {
	observe_lost_pages("anonymous", lettered(shared(4), 4));
	int zero = REQUIRE_OK(open("/dev/zero", O_RDWR));
	observe_lost_pages("zero", lettered(pages(4, RW, MAP_SHARED, zero), 4));
}
