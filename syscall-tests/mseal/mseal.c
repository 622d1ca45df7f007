// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mseal: what can be sealed, and what may no longer be done to it: by each call that changes mappings, in part and as a whole,
// in a forked child.
#include "../harness/memory.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

static long seal(void *p, size_t n, unsigned long flags) { return syscall(SYS_mseal, p, n, flags); }

static char *sealed(char *p, int n) {
	REQUIRE_OK(seal(p, n * PG, 0));
	return p;
}

CASE(errors, "kernel>=6.10") {
	char *p = anon(4);
	CHECK_ERR(seal(p, PG, 1), EINVAL);
	CHECK_ERR(seal(p + 1, PG, 0), EINVAL);
	CHECK_ERR(seal(p, -1, 0), EINVAL);
	OBSERVE_RET("flags before alignment", seal(p + 1, PG, 1ul << 63));
	OBSERVE_RET("wraps", seal(p, -2 * PG, 0));
	CHECK_OK(seal(p, 0, 0));
	OBSERVE_RET("length 0 nowhere", seal(bad_ptr(), 0, 0));
	CHECK_ERR(seal(bad_ptr(), PG, 0), ENOMEM);
	OBSERVE_RET("kernel half", seal((void *)0xffff800000000000, PG, 0));
	REQUIRE_OK(munmap(p + PG, PG));
	CHECK_ERR(seal(p, 3 * PG, 0), ENOMEM);
	OBSERVE_RET("not sealed by the failure", munmap(p, PG));
	CHECK_OK(seal(p + 2 * PG, 1, 0));
	OBSERVE_RET("a byte is a page", munmap(p + 2 * PG, PG));
	OBSERVE_RET("the next is free", munmap(p + 3 * PG, PG));
	CHECK_OK(seal(p + 2 * PG, PG, 0));
}

CASE(unmapping, "kernel>=6.10") {
	char *p = lettered(anon(5), 5);
	sealed(p + 2 * PG, 1);
	CHECK_ERR(munmap(p + 2 * PG, PG), EPERM);
	CHECK_ERR(munmap(p, 5 * PG), EPERM);
	CHECK_ERR(munmap(p + 2 * PG, 2 * PG), EPERM);
	OBSERVE("all there", "%s", perms(p, 5));
	CHECK_OK(munmap(p, 2 * PG));
	CHECK_OK(munmap(p + 3 * PG, 2 * PG));
	OBSERVE("one left", "%s", perms(p, 5));
	OBSERVE("bytes", "%s", peek_pages(p, 5));
	OBSERVE("written", "%s", poke(p + 2 * PG, 'x'));
}

CASE(mapping_over, "kernel>=6.10") {
	char *p = sealed(lettered(anon(3), 3) + PG, 1) - PG;
	int fd = letter_file("f", 1, 0);
	OBSERVE_RET("fixed", (long)mmap(p, 3 * PG, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	OBSERVE_RET("fixed file", (long)mmap(p + PG, PG, RW, MAP_PRIVATE | MAP_FIXED, fd, 0));
	OBSERVE_RET("noreplace", (long)mmap(p + PG, PG, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
	OBSERVE_RET("bad file first", (long)mmap(p + PG, PG, RW, MAP_PRIVATE | MAP_FIXED, -1, 0));
	OBSERVE("hint", "%d", mmap(p + PG, PG, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != (void *)(p + PG));
	OBSERVE("bytes", "%s", peek_pages(p, 3));
	OBSERVE_OK("beside it", (long)mmap(p, PG, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

// mprotect goes as far as the seal.
CASE(protection, "kernel>=6.10") {
	char *p = lettered(anon(4), 4);
	sealed(p + 2 * PG, 1);
	CHECK_ERR(mprotect(p + 2 * PG, PG, PROT_READ), EPERM);
	OBSERVE_RET("as it is", mprotect(p + 2 * PG, PG, RW));
	OBSERVE_RET("all", mprotect(p, 4 * PG, PROT_READ));
	OBSERVE("as far as the seal", "%s", perms(p, 4));
	OBSERVE_RET("pkey", syscall(SYS_pkey_mprotect, p + 2 * PG, PG, PROT_READ, -1));
	OBSERVE_RET("length 0", mprotect(p + 2 * PG, 0, PROT_READ));
	OBSERVE_RET("unknown prot", mprotect(p + 2 * PG, PG, 0x10000));
	int ro = REQUIRE_OK(open("/proc/self/exe", O_RDONLY));
	char *f = sealed(pages(1, PROT_READ, MAP_SHARED, ro), 1);
	OBSERVE_RET("forbidden anyway", mprotect(f, PG, RW));
}

CASE(moving, "kernel>=6.10") {
	char *p = lettered(anon(4), 4), *to = anon(8);
	sealed(p + PG, 1);
	OBSERVE_RET("grow", (long)mremap(p + PG, PG, 2 * PG, MREMAP_MAYMOVE));
	OBSERVE_RET("shrink", (long)mremap(p + PG, PG, PG / 2, 0));
	OBSERVE_RET("same", (long)mremap(p + PG, PG, PG, 0));
	OBSERVE_RET("fixed", (long)mremap(p + PG, PG, PG, MREMAP_MAYMOVE | MREMAP_FIXED, to));
	OBSERVE_RET("dontunmap", (long)mremap(p + PG, PG, PG, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
	OBSERVE_RET("double", (long)mremap(p + PG, 0, PG, MREMAP_MAYMOVE));
	OBSERVE_RET("bad flags first", (long)mremap(p + PG, PG, PG, 8));
	sealed(to + 4 * PG, 1);
	OBSERVE_RET("onto a seal", (long)mremap(p, PG, PG, MREMAP_MAYMOVE | MREMAP_FIXED, to + 4 * PG));
	OBSERVE("source", "%s", peek_pages(p, 4));
	OBSERVE("target", "%s", peek_pages(to, 8));
	CHECK(mremap(p, PG, PG, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	OBSERVE("others move", "%s", peek_pages(to, 2));
}

// Throwing away what could not be written is forbidden, the rest not.
CASE(advice, "kernel>=6.17") {
	static const int all[] = {0, 1, 2, 3, 4, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 24, MADV_GUARD_INSTALL, MADV_GUARD_INSTALL + 1};
	int fd = letter_file("f", 2, 0);
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
		int a = all[i];
		char *w = sealed(anon(2), 2), *r = sealed(pages(2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1), 2);
		OBSERVE_RET(name("writable, advice %d", a), madvise(w, 2 * PG, a));
		OBSERVE_RET(name("read only, advice %d", a), madvise(r, 2 * PG, a));
		OBSERVE_RET(name("none, advice %d", a), madvise(sealed(pages(1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1), 1), PG, a));
		OBSERVE_RET(name("shared, advice %d", a), madvise(sealed(pages(1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1), 1), PG, a));
		OBSERVE_RET(name("private file, advice %d", a), madvise(sealed(pages(1, PROT_READ, MAP_PRIVATE, fd), 1), PG, a));
		OBSERVE_RET(name("shared file, advice %d", a), madvise(sealed(pages(1, PROT_READ, MAP_SHARED, fd), 1), PG, a));
	}
	char *p = lettered(anon(4), 4);
	REQUIRE_OK(mprotect(p + 2 * PG, PG, PROT_READ));
	sealed(p + 2 * PG, 1);
	OBSERVE_RET("range that meets it", madvise(p, 4 * PG, MADV_DONTNEED));
	OBSERVE("range", "%s", peek_pages(p, 4));
	REQUIRE_OK(munmap(p + PG, PG));
	OBSERVE_RET("behind a hole", madvise(p, 4 * PG, MADV_DONTNEED));
}

CASE(what_stays_allowed, "kernel>=6.10") {
	char *p = sealed(lettered(anon(2), 2), 2);
	CHECK_OK(syscall(SYS_mlock, p, PG));
	CHECK_OK(syscall(SYS_munlock, p, PG));
	CHECK_OK(msync(p, PG, MS_SYNC));
	OBSERVE("resident", "%s", resident(p, 2));
	OBSERVE("write", "%s", poke(p, 'x'));
	OBSERVE("flag", "%d", vm_flag(p, "sl"));
	OBSERVE("no flag beside it", "%d", vm_flag(p - PG, "sl"));
	CHECK_OK(seal(p, 2 * PG, 0));
}

CASE(remap_file_pages, "kernel>=6.10") {
	char *p = pages(4, RW, MAP_SHARED, letter_file("f", 4, 0));
	sealed(p, 4);
	OBSERVE_RET("reorder", syscall(SYS_remap_file_pages, p, PG, 0, 2, 0));
	OBSERVE("bytes", "%s", peek_pages(p, 4));
}

CASE(children_inherit, "kernel>=6.10") {
	char *p = sealed(lettered(anon(2), 2), 1);
	IN_CHILD(NULL) {
		CHECK_ERR(munmap(p, PG), EPERM);
		CHECK_OK(munmap(p + PG, PG));
		CHECK_OK(seal(p, PG, 0));
	}
	OBSERVE("parent's", "%s", peek_pages(p, 2));
}

CASE(the_break, "kernel>=6.10") {
	IN_CHILD(NULL) {
		char *b = sbrk(0);
		b = (char *)(((uintptr_t)b + PG - 1) & ~(PG - 1));
		REQUIRE(brk(b + 2 * PG) == 0);
		b[PG] = 'x';
		sealed(b + PG, 1);
		OBSERVE("shrinks", "%d", (char *)syscall(SYS_brk, b) == b);
		OBSERVE("grows", "%d", (char *)syscall(SYS_brk, b + 4 * PG) == b + 4 * PG);
		OBSERVE("shrinks to the seal", "%d", (char *)syscall(SYS_brk, b + 2 * PG) == b + 2 * PG);
		OBSERVE("byte", "%s", peek(b + PG));
	}
}
