// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_wait: words with the node of memory beside them (FUTEX2_NUMA), and of memory with a policy (FUTEX2_MPOL).
#include "../harness/futexes.h"

static struct { uint32_t word; int node; } __attribute__((aligned(8))) noded;
static unsigned noded_flags;

static long wait_noded(struct waiter *w) {
	(void)w;
	return syscall(SYS_futex_wait, &noded, 0, 0xff, noded_flags, NULL, CLOCK_MONOTONIC);
}

CASE(nodes, "kernel>=6.16") {
	for (unsigned flags = 4; flags <= 12; flags += 4)
		for (unsigned private = 0; private <= W_PRIVATE; private += W_PRIVATE) {
			struct waiter w = {.call = wait_noded};
			noded.node = -1;
			noded_flags = W_U32 | flags | private;
			waiter_start(&w);
			OBSERVE(name("flags %#x, node", noded_flags), "%s", noded.node == -1 ? "none" : "some");
			OBSERVE_RET(name("flags %#x, wake", noded_flags), syscall(SYS_futex_wake, &noded, 0xff, 9, noded_flags));
			OBSERVE(name("flags %#x, waiter", noded_flags), "%s", waiter_end(&w));
		}
	noded.node = 1 << 20;
	for (unsigned flags = 4; flags <= 12; flags += 4)
		OBSERVE_RET(name("flags %#x, no such node", flags), syscall(SYS_futex_wait, &noded, 1, 0xff, W_U32 | flags, NULL, CLOCK_MONOTONIC));
	OBSERVE_RET("askew", syscall(SYS_futex_wait, &noded.node, 0, 0xff, W_U32 | 4, NULL, CLOCK_MONOTONIC));
}
