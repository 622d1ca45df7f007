// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_wake: words with the node of memory beside them (FUTEX2_NUMA), and of memory with a policy (FUTEX2_MPOL).
#include "../harness/futexes.h"

CASE(nodes, "kernel>=6.16") {
	static const int nodes[] = {-1, 0, 63, 1023, 1024, -2, 0x7fffffff};
	struct { uint32_t word; int node; } __attribute__((aligned(8))) f[2];
	for (unsigned flags = 4; flags <= 12; flags += 4)
		for (unsigned private = 0; private <= W_PRIVATE; private += W_PRIVATE)
			for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
				f[0].node = nodes[i];
				OBSERVE_RET(name("flags %#x, node %d", flags | private, nodes[i]), syscall(SYS_futex_wake, f, 0xff, 1, W_U32 | flags | private));
				OBSERVE(name("flags %#x, node %d, afterwards", flags | private, nodes[i]), "%s", f[0].node == nodes[i] ? "as it was" : "another");
			}
	OBSERVE_RET("askew", syscall(SYS_futex_wake, &f[0].node, 0xff, 1, W_U32 | 4));
	OBSERVE_RET("the node can't be read", syscall(SYS_futex_wake, (char *)guard_end(4) , 0xff, 1, W_U32 | 4));
	OBSERVE_RET("a policy that can't be asked for", syscall(SYS_futex_wake, bad_ptr(), 0xff, 1, W_U32 | 8));
}
