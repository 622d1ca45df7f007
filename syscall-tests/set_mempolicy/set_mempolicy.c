// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// set_mempolicy: every mode with every kind of set of nodes, the forms of the set, and who inherits a policy.
#include "../harness/numa.h"

CASE(modes_and_sets) {
	static const int flags[] = {0, STATIC, RELATIVE, STATIC | RELATIVE, BALANCING, BALANCING | STATIC};
	static const mask_t sets[] = {0, 1, 2, 3, 0x8000000000000000};
	one_node();
	for (int mode = 0; mode <= MODES; mode++)
		for (unsigned f = 0; f < sizeof flags / sizeof *flags; f++)
			for (unsigned s = 0; s < sizeof sets / sizeof *sets; s++) {
				long r = set_policy(mode | flags[f], &sets[s], 64);
				OBSERVE(name("%#x, %#lx", mode | flags[f], sets[s]), "%s, %s", r ? errno_name(errno) : "ok", policy_text(NULL));
				REQUIRE_OK(set_policy(DEFAULT, NULL, 0));
			}
}

CASE(forms_of_the_set) {
	one_node();
	static mask_t many[1024] = {1};
	OBSERVE_RET("NULL", set_policy(BIND, NULL, 64));
	OBSERVE_RET("NULL, all nodes", set_policy(PREFERRED, NULL, -1));
	OBSERVE_RET("0 nodes", set_policy(PREFERRED, many, 0));
	OBSERVE_RET("1 node", set_policy(PREFERRED, many, 1));
	OBSERVE("is empty", "%s", policy_text(NULL));
	OBSERVE_RET("2 nodes", set_policy(PREFERRED, many, 2));
	OBSERVE("is the first", "%s", policy_text(NULL));
	OBSERVE_RET("1025", set_policy(BIND, many, 1025));
	OBSERVE_RET("1026", set_policy(BIND, many, 1026));
	OBSERVE_RET("a page of bits", set_policy(BIND, many, 8 * PG));
	OBSERVE_RET("and one", set_policy(BIND, many, 8 * PG + 1));
	OBSERVE_RET("and two", set_policy(BIND, many, 8 * PG + 2));
	many[17] = 1;
	OBSERVE_RET("a node that can't be", set_policy(BIND, many, 2048));
	many[17] = 0, many[1] = 1;
	OBSERVE_RET("bit beyond the last", set_policy(BIND | STATIC, many, 65));
	OBSERVE("it is not in it", "%s", policy_text(NULL));
	OBSERVE_RET("bit 64", set_policy(BIND | STATIC, many, 66));
	OBSERVE_RET("bad pointer", set_policy(BIND, bad_ptr(), 64));
	OBSERVE_RET("bad pointer and mode", set_policy(77, bad_ptr(), 64));
	OBSERVE_RET("bad pointer, default", set_policy(DEFAULT, bad_ptr(), 64));
	mask_t *end = guard_end(8);
	*end = 1;
	OBSERVE_RET("a word before the end", set_policy(BIND, end, 65));
	OBSERVE_RET("two words before the end", set_policy(BIND, end, 66));
	OBSERVE_RET("negative mode", set_policy(-1, NULL, 0));
}

static void *thread(void *arg) {
	(void)arg;
	OBSERVE("thread's", "%s", policy_text(NULL));
	mask_t one = 1;
	REQUIRE_OK(set_policy(INTERLEAVE, &one, 64));
	return NULL;
}

CASE(inheritance) {
	one_node();
	mask_t one = 1;
	REQUIRE_OK(set_policy(BIND | STATIC, &one, 64));
	IN_CHILD(NULL) {
		OBSERVE("child's", "%s", policy_text(NULL));
		REQUIRE_OK(set_policy(LOCAL, NULL, 0));
	}
	thread_join(thread_start(thread, NULL));
	OBSERVE("own", "%s", policy_text(NULL));
	char *p = anon(1);
	OBSERVE("memory has its own", "%s", policy_text(p));
	REQUIRE_OK(set_policy(DEFAULT, NULL, 0));
	OBSERVE("taken back", "%s", policy_text(NULL));
}
