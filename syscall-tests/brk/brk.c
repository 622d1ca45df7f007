// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// brk: what does it answer, does the heap grow and shrink to the byte, and who shares it?
#include "../harness/memory.h"

static char *brk_(void *p) { return (char *)syscall(SYS_brk, p); }

// page_end is the end of the page with the break. The C library's heap lies below it by then, and has room: it grows by the
// break, and would lose what it took behind our back.
static char *page_end(void) {
	void *volatile some = malloc(8192);
	free(some);
	return (char *)(((uintptr_t)brk_(0) + PG - 1) & -PG);
}

CASE(grows_and_shrinks) {
	char *base = page_end();
	CHECK(brk_(base) == base);
	CHECK(brk_(base + 4 * PG) == base + 4 * PG);
	OBSERVE("fresh", "%s", peek_pages(base, 5));
	lettered(base, 4);
	OBSERVE("maps", "%s", perms(base, 4));
	CHECK(brk_(base + 2 * PG) == base + 2 * PG);
	OBSERVE("shrunk", "%s", peek_pages(base, 3));
	CHECK(brk_(base + 4 * PG) == base + 4 * PG);
	OBSERVE("grown again", "%s", peek_pages(base, 5));
	CHECK(brk_(base + PG + 1) == base + PG + 1);
	OBSERVE("to the byte", "%s", peek_pages(base, 3));
	OBSERVE("inside the page", "%s", poke(base + PG + 100, 'x'));
	CHECK(brk_(base + PG + 1000) == base + PG + 1000);
	OBSERVE("kept in the page", "%s", peek(base + PG + 100));
	CHECK(brk_(base) == base);
	OBSERVE("all gone", "%s", peek(base));
}

CASE(answers_the_break_when_it_cannot) {
	char *now = brk_(0);
	OBSERVE("one", "%s", addr_name(brk_((void *)1), now));
	OBSERVE("NULL", "%s", addr_name(brk_(NULL), now));
	OBSERVE("kernel", "%s", addr_name(brk_((void *)0xffff800000000000), now));
	OBSERVE("minus one", "%s", addr_name(brk_((void *)-1), now));
	OBSERVE("end of the world", "%s", addr_name(brk_((void *)0x7ffffffff000), now));
	OBSERVE("below the start", "%s", addr_name(brk_(now - (1ul << 30)), now));
	OBSERVE("same", "%s", addr_name(brk_(now), now));
}

CASE(a_mapping_stops_it) {
	char *base = page_end();
	REQUIRE(mmap(base + 8 * PG, PG, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == base + 8 * PG);
	char *now = brk_(0);
	CHECK(brk_(base + 16 * PG) == now);
	OBSERVE("just before", "%s", addr_name(brk_(base + 8 * PG), base));
	now = brk_(0);
	OBSERVE("a page before", "%s", addr_name(brk_(base + 7 * PG), base));
	OBSERVE("untouched", "%s", perms(base + 8 * PG, 1));
}

CASE(holes_in_the_heap) {
	char *base = page_end();
	REQUIRE(brk_(base + 8 * PG) == base + 8 * PG);
	REQUIRE_OK(munmap(base + 2 * PG, 2 * PG));
	REQUIRE_OK(mprotect(base + 5 * PG, PG, PROT_READ));
	OBSERVE("holes", "%s", perms(base, 8));
	OBSERVE("grow", "%s", addr_name(brk_(base + 10 * PG), base));
	OBSERVE("grown", "%s", perms(base, 10));
	OBSERVE("shrink over all", "%s", addr_name(brk_(base + PG), base));
	OBSERVE("shrunk", "%s", perms(base, 10));
}

CASE(fork_copies_it) {
	char *base = page_end();
	REQUIRE(brk_(base + 2 * PG) == base + 2 * PG);
	lettered(base, 2);
	IN_CHILD(NULL) {
		OBSERVE("child's break", "%s", addr_name(brk_(0), base));
		base[0] = 'c';
		OBSERVE("child grows", "%s", addr_name(brk_(base + 4 * PG), base));
		OBSERVE("child's bytes", "%s", peek_pages(base, 4));
	}
	OBSERVE("parent's break", "%s", addr_name(brk_(0), base));
	OBSERVE("parent's bytes", "%s", peek_pages(base, 3));
}

static void *grow(void *base) { return brk_((char *)base + 3 * PG); }

CASE(threads_share_it) {
	char *base = page_end();
	void *got = thread_join(thread_start(grow, base));
	OBSERVE("thread", "%s", addr_name(got, base));
	OBSERVE("main", "%s", addr_name(brk_(0), base));
}

CASE(limits) {
	char *base = page_end();
	REQUIRE(brk_(base) == base);
	IN_CHILD(NULL) {
		soft_limit(RLIMIT_AS, status_kb("VmSize") * 1024l + 16 * PG);
		OBSERVE("RLIMIT_AS", "%s", addr_name(brk_(base + 64 * PG), base));
		OBSERVE("within RLIMIT_AS", "%s", addr_name(brk_(base + 8 * PG), base));
	}
	IN_CHILD(NULL) {
		soft_limit(RLIMIT_DATA, 0);
		OBSERVE("RLIMIT_DATA 0", "%s", addr_name(brk_(base + PG), base));
	}
	IN_CHILD(NULL) {
		become_nobody();
		soft_limit(RLIMIT_MEMLOCK, 64 << 10);
		REQUIRE_OK(mlockall(MCL_FUTURE));
		OBSERVE("RLIMIT_MEMLOCK", "%s", addr_name(brk_(base + 32 * PG), base));
		OBSERVE("within RLIMIT_MEMLOCK", "%s", addr_name(brk_(base + 2 * PG), base));
		OBSERVE("locked, kB", "%ld", status_kb("VmLck"));
	}
}
