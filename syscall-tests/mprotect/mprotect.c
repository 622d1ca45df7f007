// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mprotect: which protections may which mapping get, how far does a failing call go, and what do accesses meet then?
#include "../harness/memory.h"

static long protect(void *p, size_t n, long prot) { return syscall(SYS_mprotect, p, n, prot); }

CASE(errors) {
	char *p = anon(4);
	CHECK_ERR(protect(p + 1, PG, PROT_READ), EINVAL);
	CHECK_ERR(protect(p, PG, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP), EINVAL);
	CHECK_ERR(protect(bad_ptr(), PG, PROT_READ), ENOMEM);
	CHECK_ERR(protect(p, -1ul - PG * 8, PROT_READ), ENOMEM);
	OBSERVE_RET("length 0", protect(p, 0, PROT_NONE));
	OBSERVE_RET("length 0, nowhere", protect(bad_ptr(), 0, PROT_NONE));
	OBSERVE_RET("length 0, unknown bits", protect(p, 0, 0x40));
	OBSERVE_RET("length that wraps", protect(p, -1, PROT_READ));
	OBSERVE_RET("kernel half", protect((void *)0xffff800000000000, PG, PROT_READ));
	for (int bit = 3; bit < 32; bit++)
		OBSERVE_RET(name("bit %d", bit), protect(p, PG, 1l << bit));
	OBSERVE_RET("high bits", protect(p, PG, 1l << 40));
	OBSERVE("bytes", "%s", perms(p, 4));
}

CASE(every_protection) {
	char *p = lettered(anon(1), 1);
	*p = (char)0xc3; // ret
	for (int from = 0; from < 8; from++)
		for (int to = 0; to < 8; to++) {
			REQUIRE_OK(protect(p, PG, from));
			OBSERVE_RET(name("%d to %d", from, to), protect(p, PG, to));
			OBSERVE(name("%d to %d, maps", from, to), "%s", perms(p, 1));
			OBSERVE(name("%d to %d, read", from, to), "%s", peek(p));
			OBSERVE(name("%d to %d, write", from, to), "%s", poke(p, (char)0xc3));
			OBSERVE(name("%d to %d, execute", from, to), "%s", memory_access('x', p, 0));
		}
}

CASE(files) {
	int fd = letter_file("f", 2, 0), ro = REQUIRE_OK(open("f", O_RDONLY));
	char *s = pages(2, PROT_READ, MAP_SHARED, ro), *p = pages(2, PROT_READ, MAP_PRIVATE, ro), *w = pages(2, PROT_READ, MAP_SHARED, fd);
	CHECK_ERR(protect(s, PG, RW), EACCES);
	CHECK_OK(protect(s, PG, PROT_NONE));
	CHECK_OK(protect(s, PG, PROT_READ));
	CHECK_OK(protect(p, PG, RW));
	CHECK_OK(protect(w, PG, RW));
	*p = 'p';
	*w = 'w';
	OBSERVE("shared", "%s", peek(s));
	OBSERVE("private", "%s", peek(p));
	OBSERVE("executable", "%s", errno_name(protect(s, 2 * PG, PROT_READ | PROT_EXEC) ? errno : 0));
	OBSERVE_RET("write only of a read only file", protect(s, PG, PROT_WRITE));
	OBSERVE("maps", "%s", perms(s, 2));
}

// A call that meets a hole, or a mapping that may not be written, has changed what stands before it.
CASE(partial) {
	int fd = letter_file("f", 1, 0), ro = REQUIRE_OK(open("f", O_RDONLY));
	char *p = anon(6);
	REQUIRE_OK(munmap(p + 2 * PG, PG));
	CHECK_ERR(protect(p, 6 * PG, PROT_READ), ENOMEM);
	OBSERVE("hole", "%s", perms(p, 6));
	CHECK_ERR(protect(p + 2 * PG, 4 * PG, PROT_READ), ENOMEM);
	OBSERVE("hole at the start", "%s", perms(p, 6));
	char *q = anon(4);
	REQUIRE(mmap(q + 2 * PG, PG, PROT_READ, MAP_SHARED | MAP_FIXED, ro, 0) == q + 2 * PG);
	REQUIRE_OK(protect(q, 2 * PG, PROT_NONE));
	CHECK_ERR(protect(q, 4 * PG, RW), EACCES);
	OBSERVE("not writable", "%s", perms(q, 4));
}

CASE(splits_and_merges) {
	char *p = lettered(anon(8), 8);
	REQUIRE_OK(protect(p + 2 * PG, PG, PROT_READ));
	REQUIRE_OK(protect(p + 5 * PG, 1, PROT_NONE));
	OBSERVE("split", "%s", perms(p, 8));
	REQUIRE_OK(protect(p + 2 * PG, 4 * PG, PROT_READ));
	OBSERVE("one", "%s", perms(p, 8));
	REQUIRE_OK(protect(p, 8 * PG, RW));
	OBSERVE("again", "%s", perms(p, 8));
	OBSERVE("bytes", "%s", peek_pages(p, 8));
	OBSERVE("size of the mapping", "%s", smaps(p, "Size"));
}

CASE(growsdown) {
	char *area = mmap(NULL, 1024 * PG, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(area != MAP_FAILED);
	REQUIRE_OK(munmap(area, 1024 * PG));
	char *p = mmap(area + 1000 * PG, 4 * PG, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	REQUIRE(p == area + 1000 * PG);
	*(p - PG) = 'g';
	OBSERVE_RET("last page", protect(p + 3 * PG, PG, PROT_READ | PROT_GROWSDOWN));
	OBSERVE("whole stack", "%s", perms(p - PG, 5));
	char *q = anon(2);
	OBSERVE_RET("no stack", protect(q, PG, PROT_READ | PROT_GROWSDOWN));
	OBSERVE_RET("no stack that grows up", protect(q, PG, PROT_READ | PROT_GROWSUP));
	OBSERVE_RET("nowhere", protect(bad_ptr(), PG, PROT_READ | PROT_GROWSDOWN));
	OBSERVE("unchanged", "%s", perms(q, 2));
}

CASE(only_the_caller) {
	char *p = shared(1);
	*p = 'x';
	IN_CHILD(NULL) {
		REQUIRE_OK(protect(p, PG, PROT_NONE));
		OBSERVE("child", "%s", peek(p));
	}
	OBSERVE("parent", "%s", poke(p, 'y'));
	IN_CHILD(NULL) { OBSERVE("inherited", "%s", peek(p)); }
	REQUIRE_OK(protect(p, PG, PROT_READ));
	int fds[2];
	REQUIRE_OK(pipe2(fds, O_NONBLOCK));
	REQUIRE(write(fds[1], "z", 1) == 1);
	CHECK_ERR(read(fds[0], p, 1), EFAULT);
	REQUIRE_OK(protect(p, PG, PROT_NONE));
	CHECK_ERR(write(fds[1], p, 1), EFAULT);
	REQUIRE_OK(protect(p, PG, RW));
	OBSERVE_RET("a failed read has taken nothing", read(fds[0], p, 1));
}

CASE(data_limit) {
	char *p = pages(64, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	IN_CHILD(NULL) {
		soft_limit(RLIMIT_DATA, status_kb("VmData") * 1024l + 32 * PG);
		CHECK_ERR(protect(p, 64 * PG, RW), ENOMEM);
		OBSERVE_RET("half of it", protect(p, 16 * PG, RW));
		soft_limit(RLIMIT_DATA, RLIM_INFINITY); // or there may be no room to look
		OBSERVE("maps", "%s", perms(p, 64));
	}
}
