// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// munmap: which ranges are refused, what is left of mappings that it cuts, and who else keeps the memory?
#include "../harness/memory.h"

static long unmap(void *p, size_t n) { return syscall(SYS_munmap, p, n); }

CASE(errors) {
	char *p = lettered(anon(4), 4);
	CHECK_ERR(unmap(p + 1, PG), EINVAL);
	CHECK_ERR(unmap(p, 0), EINVAL);
	CHECK_ERR(unmap(p, -1), EINVAL);
	CHECK_ERR(unmap(p, 1ul << 63), EINVAL);
	OBSERVE_RET("kernel half", unmap((void *)0xffff800000000000, PG));
	OBSERVE_RET("across the end", unmap((void *)(0x7ffffffff000 - PG), 2 * PG));
	OBSERVE_RET("NULL page", unmap(NULL, PG));
	OBSERVE_RET("never mapped", unmap(bad_ptr(), 16 * PG));
	OBSERVE("all is there", "%s", peek_pages(p, 4));
}

CASE(parts) {
	char *p = lettered(anon(8), 8);
	CHECK_OK(unmap(p + 3 * PG, PG));
	OBSERVE("middle", "%s", perms(p, 8));
	CHECK_OK(unmap(p + 3 * PG, PG));
	CHECK_OK(unmap(p, 1));
	OBSERVE("a byte is a page", "%s", perms(p, 8));
	CHECK_OK(unmap(p + 2 * PG, PG + 1));
	OBSERVE("a page and a byte", "%s", perms(p, 8));
	CHECK_OK(unmap(p + 7 * PG, PG));
	OBSERVE("end", "%s", perms(p, 8));
	OBSERVE("bytes", "%s", peek_pages(p, 8));
	CHECK_OK(unmap(p, 8 * PG));
	OBSERVE("all, holes included", "%s", perms(p, 8));
}

CASE(several_mappings) {
	int fd = letter_file("f", 4, 0);
	char *p = anon(8);
	REQUIRE(mmap(p + 2 * PG, 2 * PG, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == p + 2 * PG);
	REQUIRE_OK(mprotect(p + 5 * PG, PG, PROT_NONE));
	REQUIRE_OK(mlock(p + 6 * PG, PG));
	long locked = status_kb("VmLck");
	CHECK_OK(unmap(p + PG, 6 * PG));
	OBSERVE("left", "%s", perms(p, 8));
	OBSERVE("locked less, kB", "%ld", locked - status_kb("VmLck"));
}

CASE(others_keep_it) {
	int fd = letter_file("f", 1, 0);
	char *s = shared(1), *f = pages(1, RW, MAP_SHARED, fd), *g = pages(1, RW, MAP_SHARED, fd);
	struct gate a = gate_open(), b = gate_open();
	*s = 's';
	pid_t pid = harness_fork();
	if (pid == 0) {
		gate_wait(&a);
		OBSERVE("child", "%s", peek(s));
		gate_signal(&b);
		_exit(0);
	}
	*f = 'x';
	CHECK_OK(unmap(s, PG));
	CHECK_OK(unmap(f, PG));
	OBSERVE("own", "%s %s", peek(s), peek(f));
	OBSERVE("other mapping", "%s", peek(g));
	gate_signal(&a);
	gate_wait(&b);
	CHECK_EQ(wait_for(pid), 0);
	char c;
	REQUIRE(pread(fd, &c, 1, 0) == 1);
	OBSERVE("file", "%c", c);
}

// Every second page is its own mapping, and each of them can be taken out.
CASE(many) {
	enum { N = 400 };
	char *p = anon(N);
	for (int i = 0; i < N; i += 2)
		CHECK_OK(unmap(p + i * PG, PG));
	int there = 0;
	const char *maps = perms(p, 8);
	OBSERVE("the first", "%s", maps);
	for (int i = 1; i < N; i += 2) {
		p[i * PG] = 'x';
		there++;
	}
	CHECK_EQ(there, N / 2);
	CHECK_OK(unmap(p, N * PG));
	OBSERVE("none", "%s", perms(p, N));
}
