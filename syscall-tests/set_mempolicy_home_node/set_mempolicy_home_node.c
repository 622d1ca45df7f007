// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// set_mempolicy_home_node: which memory may have a home node, and what is refused.
#include "../harness/numa.h"

#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node 450
#endif

static long home(void *p, unsigned long n, unsigned long node, unsigned long flags) { return syscall(SYS_set_mempolicy_home_node, p, n, node, flags); }

CASE(errors, "kernel>=5.17") {
	one_node();
	mask_t one = 1;
	char *p = anon(4);
	OBSERVE_RET("no policy", home(p, PG, 0, 0));
	REQUIRE_OK(bind_(p, 4 * PG, BIND, &one, 64, 0));
	CHECK_OK(home(p, PG, 0, 0));
	CHECK_ERR(home(p + 1, PG, 0, 0), EINVAL);
	CHECK_ERR(home(p, PG, 0, 1), EINVAL);
	OBSERVE_RET("another node", home(p, PG, 1, 0));
	OBSERVE_RET("a node that can't be", home(p, PG, 5000, 0));
	OBSERVE_RET("negative node", home(p, PG, -1, 0));
	OBSERVE_RET("length 0", home(p, 0, 0, 0));
	OBSERVE_RET("length 0 of nothing", home(bad_ptr(), 0, 0, 0));
	OBSERVE_RET("wraps", home(p, -2 * PG, 0, 0));
	OBSERVE_RET("unmapped", home(bad_ptr(), PG, 0, 0));
	OBSERVE_RET("length 0, another node", home(p, 0, 1, 0));
}

CASE(policies, "kernel>=5.17") {
	one_node();
	mask_t one = 1;
	for (int mode = PREFERRED; mode < MODES; mode++) {
		char *p = anon(2);
		REQUIRE_OK(bind_(p, 2 * PG, mode, mode == LOCAL ? NULL : &one, mode == LOCAL ? 0 : 64, 0));
		OBSERVE_RET(name("mode %d", mode), home(p, 2 * PG, 0, 0));
		OBSERVE(name("policy of mode %d", mode), "%s", policy_text(p));
	}
	char *p = anon(4);
	REQUIRE_OK(bind_(p + PG, PG, BIND, &one, 64, 0));
	OBSERVE_RET("some have none", home(p, 4 * PG, 0, 0));
	REQUIRE_OK(bind_(p + 2 * PG, PG, INTERLEAVE, &one, 64, 0));
	OBSERVE_RET("some can't", home(p, 4 * PG, 0, 0));
}
