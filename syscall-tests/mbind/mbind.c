// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mbind: policies of ranges: what is refused, which part of a mapping has which, what fork, mremap and unmapping make of them.
#include "../harness/numa.h"

#include <sys/shm.h>

static const mask_t one = 1;

CASE(errors) {
	one_node();
	char *p = anon(4);
	OBSERVE_RET("crooked", bind_(p + 1, PG, BIND, &one, 64, 0));
	OBSERVE_RET("length 0", bind_(p, 0, BIND, &one, 64, 0));
	OBSERVE_RET("length 0 of nothing", bind_(bad_ptr(), 0, 99, &one, 64, 0));
	OBSERVE_RET("length 0, wrong set", bind_(p, 0, BIND, NULL, 0, 0));
	OBSERVE_RET("wraps", bind_(p, -2 * PG, BIND, &one, 64, 0));
	OBSERVE_RET("unmapped", bind_(bad_ptr(), PG, BIND, &one, 64, 0));
	OBSERVE_RET("unmapped, default", bind_(bad_ptr(), PG, DEFAULT, NULL, 0, 0));
	OBSERVE_RET("kernel half", bind_((void *)0xffff800000000000, PG, BIND, &one, 64, 0));
	OBSERVE_RET("mode", bind_(p, PG, 7, &one, 64, 0));
	OBSERVE_RET("long mode", bind_(p, PG, 1ul << 32 | BIND, &one, 64, 0));
	OBSERVE_RET("bad set", bind_(p, PG, BIND, bad_ptr(), 64, 0));
	OBSERVE_RET("empty set", bind_(p, PG, BIND, NULL, 0, 0));
	OBSERVE_RET("default with a set", bind_(p, PG, DEFAULT, &one, 64, 0));
	for (unsigned f = 1; f <= 32; f *= 2)
		OBSERVE_RET(name("flags %u", f), bind_(p, PG, BIND, &one, 64, f));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody, MOVE", bind_(p, PG, BIND, &one, 64, MOVE));
		OBSERVE_RET("nobody, MOVE_ALL", bind_(p, PG, BIND, &one, 64, MOVE_ALL));
		OBSERVE_RET("nobody, MOVE_ALL, crooked", bind_(p + 1, PG, BIND, &one, 64, MOVE_ALL));
		OBSERVE_RET("nobody, MOVE_ALL, bad set", bind_(p, PG, BIND, bad_ptr(), 64, MOVE_ALL));
	}
}

CASE(parts) {
	one_node();
	char *p = lettered(anon(5), 5);
	CHECK_OK(bind_(p + PG, 3 * PG, BIND, &one, 64, 0));
	CHECK_OK(bind_(p + 2 * PG, 1, INTERLEAVE | STATIC, &one, 64, 0));
	for (int i = 0; i < 5; i++)
		OBSERVE(name("page %d", i), "%s", policy_text(p + i * PG));
	OBSERVE("bytes", "%s", peek_pages(p, 5));
	CHECK_OK(bind_(p, 5 * PG, DEFAULT, NULL, 0, 0));
	OBSERVE("taken back", "%s", policy_text(p + 2 * PG));
}

CASE(holes) {
	one_node();
	char *p = anon(4);
	REQUIRE_OK(munmap(p + PG, PG));
	CHECK_ERR(bind_(p, 4 * PG, BIND, &one, 64, 0), EFAULT);
	CHECK_OK(bind_(p + 2 * PG, 2 * PG, BIND, &one, 64, 0));
	CHECK_OK(bind_(p, 4 * PG, DEFAULT, NULL, 0, 0));
	OBSERVE("behind the hole", "%s", policy_text(p + 3 * PG));
}

CASE(what_becomes_of_it) {
	one_node();
	char *p = lettered(anon(4), 4);
	REQUIRE_OK(bind_(p, 2 * PG, PREFERRED, &one, 64, 0));
	IN_CHILD(NULL) { OBSERVE("child", "%s; %s", policy_text(p), policy_text(p + 2 * PG)); }
	char *q = mremap(p, 2 * PG, 4 * PG, MREMAP_MAYMOVE);
	REQUIRE(q != MAP_FAILED);
	OBSERVE("moved and grown", "%s; %s", policy_text(q), policy_text(q + 3 * PG));
	REQUIRE(mmap(q, PG, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == q);
	OBSERVE("mapped anew", "%s; %s", policy_text(q), policy_text(q + PG));
	REQUIRE_OK(mprotect(q, 4 * PG, PROT_READ));
	OBSERVE("protected", "%s; %s", policy_text(q), policy_text(q + PG));
}

// Pages that are where the policy does not want them: with an empty or another set all are.
CASE(strict) {
	one_node();
	char *p = lettered(anon(4), 2), *r = anon(2);
	volatile char c = r[0];
	(void)c;
	OBSERVE_RET("bind", bind_(p, 4 * PG, BIND, &one, 64, STRICT));
	OBSERVE_RET("local", bind_(p, 4 * PG, LOCAL, NULL, 0, STRICT));
	OBSERVE("is set all the same", "%s", policy_text(p));
	OBSERVE_RET("local, untouched", bind_(p + 2 * PG, 2 * PG, LOCAL, NULL, 0, STRICT));
	OBSERVE_RET("local, page of zeros", bind_(r, 2 * PG, LOCAL, NULL, 0, STRICT));
	OBSERVE_RET("preferred, empty", bind_(p, 4 * PG, PREFERRED, NULL, 0, STRICT));
	OBSERVE_RET("default", bind_(p, 4 * PG, DEFAULT, NULL, 0, STRICT));
	mask_t two = 2;
	OBSERVE_RET("relative", bind_(p, 4 * PG, BIND | RELATIVE, &two, 64, STRICT));
	OBSERVE_RET("static", bind_(p, 4 * PG, BIND | STATIC, &two, 64, STRICT));
}

CASE(kinds_of_memory) {
	one_node();
	int fd = letter_file("f", 2, 0);
	char *list[] = {anon(1), shared(1), pages(1, RW, MAP_SHARED, fd), pages(1, PROT_READ, MAP_PRIVATE, fd), pages(1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1)};
	for (unsigned i = 0; i < sizeof list / sizeof *list; i++) {
		OBSERVE_RET(name("kind %u", i), bind_(list[i], PG, BIND, &one, 64, MOVE));
		OBSERVE(name("policy of kind %u", i), "%s", policy_text(list[i]));
	}
}


static const char *policies(char *p, int n) {
	static char text[4][256];
	static int turn;
	char *t = text[turn++ % 4];
	int at = 0;
	t[0] = 0;
	for (int i = 0; i < n; i++)
		at += snprintf(t + at, 256 - at, "%s%s", i ? "; " : "", policy_text(p + i * PG));
	return t;
}

// The policy of shared memory belongs to it: who else maps it sees it, before and after.
CASE(of_shared_memory) {
	one_node();
	char *p = shared(4);
	struct gate set = gate_open(), seen = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		CHECK_OK(bind_(p + PG, 2 * PG, BIND, &one, 64, 0));
		gate_signal(&set);
		gate_wait(&seen);
		OBSERVE("changed by the parent", "%s", policies(p, 4));
		CHECK_OK(munmap(p, 4 * PG));
		_exit(0);
	}
	gate_wait(&set);
	OBSERVE("set by a child", "%s", policies(p, 4));
	CHECK_OK(bind_(p + 2 * PG, 2 * PG, INTERLEAVE | STATIC, &one, 64, 0));
	gate_signal(&seen);
	CHECK_EQ(wait_for(child), 0);
	CHECK_OK(bind_(p + PG, PG, DEFAULT, NULL, 0, 0));
	OBSERVE("taken back in part", "%s", policies(p, 4));
	char *q = mremap(p + 2 * PG, 0, PG, MREMAP_MAYMOVE);
	REQUIRE(q != MAP_FAILED);
	OBSERVE("mapped twice", "%s", policies(q, 1));
	CHECK_OK(bind_(q, PG, LOCAL, NULL, 0, 0));
	OBSERVE("set by way of the other mapping", "%s", policies(p, 4));
}

static char *map_at(int fd, int prot, int flags, int page) {
	char *p = mmap(NULL, 2 * PG, prot, flags, fd, page * PG);
	REQUIRE(p != MAP_FAILED);
	return p;
}

// A file in memory keeps it when nobody maps the file; one on a disk never has it.
static void observe_file(const char *what, int fd) {
	REQUIRE_OK(ftruncate(fd, 4 * PG));
	char *p = map_at(fd, RW, MAP_SHARED, 1);
	CHECK_OK(bind_(p, 2 * PG, INTERLEAVE, &one, 64, 0));
	OBSERVE(name("%s, shared", what), "%s", policies(map_at(fd, PROT_READ, MAP_SHARED, 0), 2));
	OBSERVE(name("%s, private", what), "%s", policies(map_at(fd, PROT_READ, MAP_PRIVATE, 2), 2));
	CHECK_OK(munmap(p, 2 * PG));
	OBSERVE(name("%s, unmapped and mapped", what), "%s", policies(map_at(fd, RW, MAP_SHARED, 2), 2));
	char *own = map_at(fd, RW, MAP_PRIVATE, 0);
	CHECK_OK(bind_(own, PG, LOCAL, NULL, 0, 0));
	OBSERVE(name("%s, set by a private mapping", what), "%s", policies(map_at(fd, RW, MAP_SHARED, 0), 2));
	OBSERVE(name("%s, the private mapping", what), "%s", policies(own, 2));
	REQUIRE_OK(ftruncate(fd, 0));
	REQUIRE_OK(ftruncate(fd, 4 * PG));
	OBSERVE(name("%s, cut and grown", what), "%s", policies(map_at(fd, RW, MAP_SHARED, 2), 2));
}

CASE(of_files) {
	one_node();
	observe_file("memfd", REQUIRE_OK(syscall(SYS_memfd_create, "m", 0)));
	observe_file("file", REQUIRE_OK(open("file", O_RDWR | O_CREAT, 0600)));
	int zero = REQUIRE_OK(open("/dev/zero", O_RDWR));
	char *p = map_at(zero, RW, MAP_SHARED, 0);
	CHECK_OK(bind_(p, PG, BIND, &one, 64, 0));
	IN_CHILD(NULL) {
		OBSERVE("zero", "%s", policies(p, 2));
		CHECK_OK(bind_(p + PG, PG, LOCAL, NULL, 0, 0));
	}
	OBSERVE("zero, set by a child", "%s", policies(p, 2));
}

CASE(of_files_of_tmpfs, "file:/dev/shm") {
	one_node();
	char path[64];
	snprintf(path, sizeof path, "/dev/shm/mbind.%d", getpid());
	int fd = REQUIRE_OK(open(path, O_RDWR | O_CREAT | O_EXCL, 0600));
	unlink(path);
	observe_file("tmpfs", fd);
}

CASE(of_segments) {
	one_node();
	int id = REQUIRE_OK(shmget(IPC_PRIVATE, 4 * PG, 0600));
	char *p = shmat(id, NULL, 0);
	REQUIRE(p != (void *)-1);
	CHECK_OK(bind_(p + PG, PG, BIND, &one, 64, 0));
	IN_CHILD(NULL) {
		char *q = shmat(id, NULL, SHM_RDONLY);
		REQUIRE(q != (void *)-1);
		OBSERVE("attached by a child", "%s", policies(q, 4));
		CHECK_OK(bind_(q + 2 * PG, PG, PREFERRED, &one, 64, 0));
	}
	OBSERVE("set by the child", "%s", policies(p, 4));
	CHECK_OK(shmdt(p));
	p = shmat(id, NULL, 0);
	OBSERVE("attached again", "%s", policies(p, 4));
	CHECK_OK(shmctl(id, IPC_RMID, NULL));
}
