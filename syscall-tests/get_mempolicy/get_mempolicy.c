// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// get_mempolicy: what each flag asks for, and which results may be left out.
#include "../harness/numa.h"

CASE(errors) {
	one_node();
	int mode = 77;
	mask_t m[16] = {0};
	char *p = anon(1);
	for (unsigned f = 0; f < 9; f++) {
		OBSERVE_RET(name("flags %u, no address", f), get_policy(&mode, m, 1024, NULL, f));
		OBSERVE_RET(name("flags %u, address", f), get_policy(&mode, m, 1024, p, f));
	}
	OBSERVE_RET("unmapped", get_policy(&mode, NULL, 0, bad_ptr(), OF_ADDR));
	OBSERVE_RET("kernel half", get_policy(&mode, NULL, 0, (void *)0xffff800000000000, OF_ADDR));
	OBSERVE_RET("flag beyond 32 bits", get_policy(&mode, NULL, 0, NULL, 1ul << 32));
	OBSERVE_RET("nothing asked", get_policy(NULL, NULL, 0, NULL, 0));
	OBSERVE_RET("bad mode", get_policy(bad_ptr(), NULL, 0, NULL, 0));
	OBSERVE_RET("bad mask", get_policy(NULL, bad_ptr(), 64, NULL, 0));
	OBSERVE_RET("bad mask, 1 node", get_policy(NULL, bad_ptr(), 1, NULL, 0));
	OBSERVE_RET("mask of no nodes", get_policy(&mode, m, 0, NULL, 0));
	OBSERVE_RET("mask of 8 pages of nodes", get_policy(&mode, m, 64 * PG, NULL, 0));
}

CASE(sizes_of_the_mask) {
	one_node();
	static const unsigned long sizes[] = {1, 2, 63, 64, 65, 66, 128, 129, 1024, 1025};
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		mask_t m[20];
		memset(m, 0xff, sizeof m);
		REQUIRE_OK(get_policy(NULL, m, sizes[i], NULL, MEMS_ALLOWED));
		int n = 0;
		while (n < 20 && m[n] != (mask_t)-1)
			n++;
		OBSERVE(name("%lu nodes", sizes[i]), "%d words, %#lx", n, n ? m[0] : 0);
	}
	mask_t *end = guard_end(8);
	OBSERVE_RET("ends with memory", get_policy(NULL, end, 64, NULL, MEMS_ALLOWED));
	OBSERVE_RET("ends too early", get_policy(NULL, end, 66, NULL, MEMS_ALLOWED));
}

CASE(node_of_a_page) {
	one_node();
	int node = 77;
	char *p = anon(3), *none = pages(1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	OBSERVE_RET("untouched", get_policy(&node, NULL, 0, p, OF_NODE | OF_ADDR));
	OBSERVE("node", "%d", node);
	OBSERVE("brought in", "%s", resident(p, 3));
	OBSERVE_RET("in the middle", get_policy(&node, NULL, 0, p + PG + 5, OF_NODE | OF_ADDR));
	OBSERVE_RET("no access", get_policy(&node, NULL, 0, none, OF_NODE | OF_ADDR));
	char *f = pages(2, RW, MAP_SHARED, letter_file("f", 1, 0));
	OBSERVE_RET("file", get_policy(&node, NULL, 0, f, OF_NODE | OF_ADDR));
	OBSERVE_RET("past its end", get_policy(&node, NULL, 0, f + PG, OF_NODE | OF_ADDR));
}

CASE(next_node) {
	one_node();
	static const int modes[] = {PREFERRED, BIND, INTERLEAVE, PREFERRED_MANY, WEIGHTED};
	mask_t one = 1;
	for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
		int node = 77;
		REQUIRE_OK(set_policy(modes[i], &one, 64));
		OBSERVE_RET(name("mode %d", modes[i]), get_policy(&node, NULL, 0, NULL, OF_NODE));
		OBSERVE(name("node of %d", modes[i]), "%d", node);
	}
}
