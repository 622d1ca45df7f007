// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// madvise: which advice may be given about which memory, and what the destructive kinds and those about fork do.
#include "../harness/memory.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

static long advise(void *p, size_t n, int advice) { return syscall(SYS_madvise, p, n, advice); }

CASE(errors) {
	char *p = lettered(anon(4), 4);
	CHECK_ERR(advise(p + 1, PG, MADV_NORMAL), EINVAL);
	CHECK_ERR(advise(p, PG, 12345), EINVAL);
	CHECK_ERR(advise(p, -1, MADV_NORMAL), EINVAL);
	CHECK_ERR(advise(bad_ptr(), PG, MADV_NORMAL), ENOMEM);
	OBSERVE_RET("length 0", advise(p, 0, MADV_DONTNEED));
	OBSERVE_RET("length 0 nowhere", advise(bad_ptr(), 0, MADV_DONTNEED));
	OBSERVE_RET("length 0 unknown", advise(p, 0, 12345));
	OBSERVE_RET("wraps", advise(p, -2 * PG, MADV_NORMAL));
	OBSERVE_RET("kernel half", advise((void *)0xffff800000000000, PG, MADV_NORMAL));
	OBSERVE_RET("negative", advise(p, PG, -1));
	OBSERVE("untouched", "%s", peek_pages(p, 4));
}

// Which advice fits which memory. Huge pages, KSM and memory failures depend on how the kernel was built.
CASE(advice_by_kind_of_memory) {
	static const int all[] = {0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23, 24};
	int fd = letter_file("f", 2, 0), ro = REQUIRE_OK(open("f", O_RDONLY));
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
		int a = all[i];
		OBSERVE_RET(name("private, advice %d", a), advise(anon(2), 2 * PG, a));
		OBSERVE_RET(name("shared, advice %d", a), advise(shared(2), 2 * PG, a));
		OBSERVE_RET(name("shared file, advice %d", a), advise(pages(2, RW, MAP_SHARED, fd), 2 * PG, a));
		OBSERVE_RET(name("private file, advice %d", a), advise(pages(2, RW, MAP_PRIVATE, fd), 2 * PG, a));
		OBSERVE_RET(name("read only, advice %d", a), advise(pages(2, PROT_READ, MAP_PRIVATE, ro), 2 * PG, a));
		OBSERVE_RET(name("none, advice %d", a), advise(pages(2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1), 2 * PG, a));
		char *l = anon(2);
		REQUIRE_OK(mlock(l, 2 * PG));
		OBSERVE_RET(name("locked, advice %d", a), advise(l, 2 * PG, a));
	}
}

CASE(dontneed) {
	int fd = letter_file("f", 3, 0);
	char *p = lettered(anon(3), 3), *s = lettered(shared(3), 3), *f = pages(3, RW, MAP_PRIVATE, fd), *w = pages(3, RW, MAP_SHARED, fd);
	CHECK_OK(advise(p + PG, PG, MADV_DONTNEED));
	OBSERVE("private", "%s", peek_pages(p, 3));
	CHECK_OK(advise(s, 3 * PG, MADV_DONTNEED));
	OBSERVE("shared", "%s", peek_pages(s, 3));
	f[0] = 'm';
	CHECK_OK(advise(f, 3 * PG, MADV_DONTNEED));
	OBSERVE("private file", "%s", peek_pages(f, 3));
	w[0] = 'w';
	CHECK_OK(advise(w, 3 * PG, MADV_DONTNEED));
	OBSERVE("shared file", "%s", peek_pages(w, 3));
	REQUIRE_OK(mlock(p, PG));
	CHECK_ERR(advise(p, PG, MADV_DONTNEED), EINVAL);
	OBSERVE("locked", "%s", peek(p));
	CHECK_OK(advise(p + 2 * PG, 1, MADV_DONTNEED));
	OBSERVE("a byte is a page", "%s", peek_pages(p, 3));
	// In one process only.
	char *q = lettered(anon(1), 1);
	IN_CHILD(NULL) {
		REQUIRE_OK(advise(q, PG, MADV_DONTNEED));
		OBSERVE("child", "%s", peek(q));
	}
	OBSERVE("parent", "%s", peek(q));
}

// What is mapped is done, and the hole told at the end.
CASE(holes) {
	char *p = lettered(anon(6), 6);
	REQUIRE_OK(munmap(p + 2 * PG, PG));
	CHECK_ERR(advise(p + PG, 4 * PG, MADV_DONTNEED), ENOMEM);
	OBSERVE("holes", "%s", peek_pages(p, 6));
	REQUIRE_OK(mlock(p + 4 * PG, PG));
	p[3 * PG] = 'x';
	OBSERVE_RET("mixed with locked memory", advise(p + 3 * PG, 3 * PG, MADV_DONTNEED));
	OBSERVE("mixed", "%s", peek_pages(p + 3 * PG, 3));
}

CASE(free_) {
	char *p = lettered(anon(2), 2);
	CHECK_OK(advise(p, 2 * PG, MADV_FREE));
	char c = *(volatile char *)p;
	CHECK(c == 'A' || c == 0);
	p[1] = 'k';
	OBSERVE("written after", "%s", peek(p + 1));
	CHECK_ERR(advise(shared(1), PG, MADV_FREE), EINVAL);
}

CASE(wipeonfork) {
	char *p = lettered(anon(3), 3);
	CHECK_OK(advise(p + PG, PG, MADV_WIPEONFORK));
	OBSERVE("flag", "%d", vm_flag(p + PG, "wf"));
	IN_CHILD(NULL) {
		OBSERVE("child", "%s", peek_pages(p, 3));
		p[PG] = 'c';
		IN_CHILD(NULL) { OBSERVE("grandchild", "%s", peek_pages(p, 3)); }
	}
	OBSERVE("parent", "%s", peek_pages(p, 3));
	CHECK_OK(advise(p, 3 * PG, MADV_KEEPONFORK));
	IN_CHILD(NULL) { OBSERVE("kept", "%s", peek_pages(p, 3)); }
	CHECK_ERR(advise(shared(1), PG, MADV_WIPEONFORK), EINVAL);
}

CASE(dontfork) {
	char *p = lettered(anon(4), 4), *s = shared(1);
	*s = 's';
	CHECK_OK(advise(p + PG, 2 * PG, MADV_DONTFORK));
	CHECK_OK(advise(s, PG, MADV_DONTFORK));
	OBSERVE("flag", "%d", vm_flag(p + PG, "dc"));
	IN_CHILD(NULL) {
		OBSERVE("child", "%s", peek_pages(p, 4));
		OBSERVE("child's maps", "%s", perms(p, 4));
		OBSERVE("child's shared", "%s", peek(s));
		OBSERVE_OK("the hole can be filled", (long)mmap(p + PG, PG, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
	}
	OBSERVE("parent", "%s", peek_pages(p, 4));
	CHECK_OK(advise(p, 4 * PG, MADV_DOFORK));
	IN_CHILD(NULL) { OBSERVE("again", "%s", peek_pages(p, 4)); }
}

CASE(populate, "kernel>=5.14") {
	int fd = letter_file("f", 2, 0);
	char *p = anon(4);
	CHECK_OK(advise(p, 2 * PG, MADV_POPULATE_WRITE));
	CHECK_OK(advise(p + 2 * PG, PG, MADV_POPULATE_READ));
	OBSERVE("there", "%s", resident(p, 4));
	OBSERVE("bytes", "%s", peek_pages(p, 4));
	char *r = pages(2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	OBSERVE_RET("write into read only", advise(r, PG, MADV_POPULATE_WRITE));
	OBSERVE_RET("read from PROT_NONE", advise(p - PG, PG, MADV_POPULATE_READ));
	REQUIRE_OK(munmap(p + PG, PG));
	OBSERVE_RET("hole", advise(p, 3 * PG, MADV_POPULATE_READ));
	char *f = pages(4, RW, MAP_SHARED, fd);
	OBSERVE_RET("past the end of file", advise(f, 4 * PG, MADV_POPULATE_READ));
	OBSERVE_RET("of a file", advise(f, 2 * PG, MADV_POPULATE_WRITE));
	OBSERVE("file", "%s", peek_pages(f, 2));
}

CASE(remove) {
	char *s = lettered(shared(3), 3);
	OBSERVE_RET("shared memory", advise(s + PG, PG, MADV_REMOVE));
	OBSERVE("shared", "%s", peek_pages(s, 3));
	CHECK_ERR(advise(anon(1), PG, MADV_REMOVE), EINVAL);
	int fd = (int)REQUIRE_OK(syscall(SYS_memfd_create, "m", 0));
	REQUIRE_OK(ftruncate(fd, 3 * PG));
	char *f = lettered(pages(3, RW, MAP_SHARED, fd), 3);
	OBSERVE_RET("memfd", advise(f, PG, MADV_REMOVE));
	OBSERVE("memfd bytes", "%s", peek_pages(f, 3));
	char *ro = pages(3, PROT_READ, MAP_SHARED, fd);
	OBSERVE_RET("read only mapping", advise(ro + PG, PG, MADV_REMOVE));
	REQUIRE_OK(mlock(f, PG));
	OBSERVE_RET("locked", advise(f, PG, MADV_REMOVE));
}

CASE(vm_flags) {
	static const struct { int a; const char *flag; } f[] = {{MADV_SEQUENTIAL, "sr"}, {MADV_RANDOM, "rr"}, {MADV_NORMAL, "rr"},
		{MADV_DONTDUMP, "dd"}, {MADV_DODUMP, "dd"}, {MADV_DONTFORK, "dc"}, {MADV_DOFORK, "dc"}};
	char *p = anon(4);
	for (int i = 0; i < 7; i++) {
		CHECK_OK(advise(p + PG, PG, f[i].a));
		OBSERVE(name("after advice %d", f[i].a), "%s %d %d", f[i].flag, vm_flag(p + PG, f[i].flag), vm_flag(p, f[i].flag));
	}
}
