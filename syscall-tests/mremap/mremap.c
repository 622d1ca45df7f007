// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mremap: growing, shrinking and moving of private, shared and file mappings, each flag alone and with the others, and
// what is left at the old place.
#include "../harness/memory.h"

static char *remap(void *p, size_t from, size_t to, long flags, void *at) {
	return (char *)syscall(SYS_mremap, p, from, to, flags, at);
}
#define FAILS(call, want) CHECK_ERR((long)(call), want)
#define SEEN(n, call) OBSERVE_OK(n, (long)(call))

CASE(errors) {
	char *p = lettered(anon(4), 4), *to = anon(8);
	FAILS(remap(p + 1, PG, PG, 0, NULL), EINVAL);
	FAILS(remap(p, PG, 0, 0, NULL), EINVAL);
	FAILS(remap(p, PG, PG, 8, NULL), EINVAL);
	FAILS(remap(p, PG, PG, MREMAP_FIXED, to), EINVAL);
	FAILS(remap(p, PG, PG, MREMAP_DONTUNMAP, NULL), EINVAL);
	FAILS(remap(p, PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL), EINVAL);
	FAILS(remap(p, PG, PG, MREMAP_MAYMOVE | MREMAP_FIXED, to + 1), EINVAL);
	FAILS(remap(p, 4 * PG, 4 * PG, MREMAP_MAYMOVE | MREMAP_FIXED, p + PG), EINVAL);
	FAILS(remap(p, 4 * PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_FIXED, p), EINVAL);
	FAILS(remap(bad_ptr(), PG, PG, 0, NULL), EFAULT);
	FAILS(remap(bad_ptr(), PG, 2 * PG, MREMAP_MAYMOVE, NULL), EFAULT);
	FAILS(remap(p, 0, PG, MREMAP_MAYMOVE, NULL), EINVAL);
	FAILS(remap(p, 4 * PG, 8 * PG, 0, NULL), ENOMEM);
	SEEN("inside, in the way of itself", remap(p, PG, 2 * PG, 0, NULL));
	SEEN("more than there is", remap(p, 16 * PG, 20 * PG, MREMAP_MAYMOVE, NULL));
	SEEN("the world", remap(p, PG, 1ul << 47, MREMAP_MAYMOVE, NULL));
	SEEN("fixed in the kernel half", remap(p, PG, PG, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)0xffff800000000000));
	SEEN("high flags", remap(p, PG, PG, 1l << 33, NULL));
	OBSERVE("untouched", "%s", peek_pages(p, 4));
}

CASE(in_place) {
	char *p = lettered(anon(8), 8);
	CHECK(remap(p, 8 * PG, 5 * PG, 0, NULL) == p);
	OBSERVE("shrunk", "%s", perms(p, 9));
	CHECK(remap(p, 5 * PG, 7 * PG, 0, NULL) == p);
	OBSERVE("grown", "%s", perms(p, 9));
	OBSERVE("bytes", "%s", peek_pages(p, 7));
	CHECK(remap(p, 7 * PG, 7 * PG, 0, NULL) == p);
	CHECK(remap(p, 7 * PG, 6 * PG + 1, 0, NULL) == p);
	OBSERVE("rounded", "%s", perms(p, 9));
	CHECK(remap(p + 2 * PG, 2 * PG, PG, 0, NULL) == p + 2 * PG);
	OBSERVE("a hole by shrinking", "%s", perms(p, 9));
	FAILS(remap(p, 3 * PG, 5 * PG, 0, NULL), ENOMEM);
	CHECK(remap(p + 2 * PG, PG, 2 * PG, 0, NULL) == p + 2 * PG);
	OBSERVE("filled", "%s", peek_pages(p, 8));
	REQUIRE_OK(mprotect(p + PG, PG, PROT_READ));
	CHECK(remap(p, 4 * PG, PG, 0, NULL) == p);
	OBSERVE("shrinking over mappings", "%s", perms(p, 9));
}

CASE(maymove) {
	char *p = lettered(anon(4), 4);
	char *q = remap(p, 4 * PG, 8 * PG, MREMAP_MAYMOVE, NULL);
	REQUIRE(q != MAP_FAILED && q != p);
	OBSERVE("new", "%s", peek_pages(q, 8));
	OBSERVE("old", "%s", perms(p, 4));
	char *r = lettered(anon(4), 4);
	char *part = remap(r + PG, PG, 2 * PG, MREMAP_MAYMOVE, NULL);
	OBSERVE("part", "%s", peek_pages(part, 2));
	OBSERVE("left", "%s", perms(r, 4));
	CHECK(remap(r + 2 * PG, 2 * PG, PG, MREMAP_MAYMOVE, NULL) == r + 2 * PG);
	OBSERVE("shrunk where it is", "%s", perms(r, 4));
}

CASE(fixed) {
	char *p = lettered(anon(4), 4), *q = anon(8);
	memset(q, 'q', 8 * PG);
	CHECK(remap(p, 2 * PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_FIXED, q + PG) == q + PG);
	OBSERVE("same size", "%s", peek_pages(q, 8));
	OBSERVE("left behind", "%s", perms(p, 4));
	CHECK(remap(p + 2 * PG, 2 * PG, PG, MREMAP_MAYMOVE | MREMAP_FIXED, q + 4 * PG) == q + 4 * PG);
	OBSERVE("smaller", "%s", peek_pages(q, 8));
	OBSERVE("left behind by the smaller", "%s", perms(p, 4));
	char *to = anon(4);
	CHECK(remap(q + 6 * PG, 2 * PG, 3 * PG, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	OBSERVE("larger, there", "%s", peek_pages(to, 4));
	OBSERVE("larger, here", "%s", perms(q, 8));
	char *r = lettered(anon(4), 4);
	REQUIRE_OK(mprotect(r + 2 * PG, PG, PROT_READ));
	SEEN("over two mappings, enlarging", remap(r + PG, 2 * PG, 3 * PG, MREMAP_MAYMOVE | MREMAP_FIXED, to));
	OBSERVE("after", "%s", perms(r, 4));
	OBSERVE("after, there", "%s", perms(to, 4));
}

CASE(dontunmap) {
	char *p = lettered(anon(4), 4), *q = remap(p, 2 * PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	REQUIRE(q != MAP_FAILED);
	OBSERVE("new", "%s", peek_pages(q, 2));
	OBSERVE("old", "%s", peek_pages(p, 4));
	OBSERVE("old maps", "%s", perms(p, 4));
	p[0] = 'o';
	OBSERVE("apart", "%s %s", peek(p), peek(q));
	char *to = anon(2);
	CHECK(remap(q, 2 * PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, to) == to);
	OBSERVE("fixed", "%s", peek_pages(to, 2));
	OBSERVE("fixed, old", "%s", peek_pages(q, 2));
	char *s = shared(2);
	*s = 's';
	char *t = remap(s, 2 * PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	OBSERVE("shared", "%s", t == MAP_FAILED ? errno_name(errno) : peek(t));
	OBSERVE("shared, old", "%s", peek(s));
	int fd = letter_file("f", 2, 0);
	char *f = pages(2, RW, MAP_PRIVATE, fd);
	f[0] = 'm';
	char *g = remap(f, 2 * PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	OBSERVE("private file", "%s", g == MAP_FAILED ? errno_name(errno) : peek_pages(g, 2));
	OBSERVE("private file, old", "%s", peek_pages(f, 2));
	REQUIRE_OK(mlock(to, 2 * PG));
	char *l = remap(to, 2 * PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	OBSERVE("locked, new", "%d", vm_flag(l, "lo"));
	OBSERVE("locked, old", "%d", vm_flag(to, "lo"));
}

// An old length of 0 makes a second mapping of shared memory.
CASE(doubling) {
	char *s = lettered(shared(2), 2);
	char *t = remap(s, 0, 2 * PG, MREMAP_MAYMOVE, NULL);
	REQUIRE(t != MAP_FAILED);
	t[PG] = 't';
	OBSERVE("one", "%s", peek_pages(s, 2));
	OBSERVE("two", "%s", peek_pages(t, 2));
	int fd = letter_file("f", 3, 0);
	char *f = pages(2, RW, MAP_SHARED, fd);
	char *g = remap(f + PG, 0, 2 * PG, MREMAP_MAYMOVE, NULL);
	OBSERVE("of a file", "%s", g == MAP_FAILED ? errno_name(errno) : peek_pages(g, 2));
	SEEN("without MAYMOVE", remap(s, 0, PG, 0, NULL));
	char *to = anon(2);
	CHECK(remap(s, 0, PG, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	OBSERVE("fixed", "%s", peek_pages(to, 2));
}

CASE(files_and_their_ends) {
	int fd = letter_file("f", 3, 0);
	char *p = pages(1, RW, MAP_SHARED, fd);
	char *q = remap(p, PG, 4 * PG, MREMAP_MAYMOVE, NULL);
	REQUIRE(q != MAP_FAILED);
	OBSERVE("grown shared", "%s", peek_pages(q, 4));
	q[2 * PG] = 'w';
	char c;
	REQUIRE(pread(fd, &c, 1, 2 * PG) == 1);
	OBSERVE("read", "%c", c);
	char *v = pages(2, RW, MAP_PRIVATE, fd);
	v[PG] = 'v';
	char *w = remap(v, 2 * PG, 4 * PG, MREMAP_MAYMOVE, NULL);
	OBSERVE("grown private", "%s", peek_pages(w, 4));
	char *off = remap(w + PG, PG, 2 * PG, MREMAP_MAYMOVE, NULL);
	OBSERVE("the second page, grown", "%s", peek_pages(off, 2));
}

CASE(fork_keeps_sharing) {
	char *s = shared(1);
	char *t = remap(s, PG, 2 * PG, MREMAP_MAYMOVE, NULL);
	REQUIRE(t != MAP_FAILED);
	IN_CHILD(NULL) {
		*t = 'c';
		char *u = remap(t, PG, PG, MREMAP_MAYMOVE | MREMAP_FIXED, anon(1));
		u[1] = 'd';
	}
	OBSERVE("parent", "%s %s", peek(t), peek(t + 1));
	OBSERVE("grown shared memory", "%s", peek(t + PG));
}

CASE(limits) {
	char *p = lettered(anon(4), 4);
	IN_CHILD(NULL) {
		soft_limit(RLIMIT_AS, status_kb("VmSize") * 1024l + 16 * PG);
		SEEN("RLIMIT_AS", remap(p, 4 * PG, 64 * PG, MREMAP_MAYMOVE, NULL));
		SEEN("within RLIMIT_AS", remap(p, 4 * PG, 12 * PG, MREMAP_MAYMOVE, NULL));
	}
	IN_CHILD(NULL) {
		become_nobody();
		soft_limit(RLIMIT_MEMLOCK, 6 * PG);
		REQUIRE_OK(mlock(p, 4 * PG));
		SEEN("RLIMIT_MEMLOCK", remap(p, 4 * PG, 8 * PG, MREMAP_MAYMOVE, NULL));
		char *q = remap(p, 4 * PG, 6 * PG, MREMAP_MAYMOVE, NULL);
		OBSERVE("locked, kB", "%ld", status_kb("VmLck"));
		OBSERVE("locked", "%s", q == MAP_FAILED ? errno_name(errno) : resident(q, 6));
	}
}

// Lengths are compared as pages.
CASE(dontunmap_of_the_same_pages) {
	char *p = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	p[0] = 'x';
	OBSERVE_OK("4 to 8 bytes", syscall(SYS_mremap, p, 4, 8, 7, p + 4 * 4096));
	OBSERVE("moved", "%ld", (long)(p[4 * 4096]));
	OBSERVE("left", "%ld", (long)(p[0]));
	OBSERVE_OK("a page to two", syscall(SYS_mremap, p, 4096, 8192, 7, p + 4 * 4096));
}
