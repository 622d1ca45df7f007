// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mbind: policies of ranges: what is refused, which part of a mapping has which, what fork, mremap and unmapping make of them.
#include "../harness/numa.h"

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
