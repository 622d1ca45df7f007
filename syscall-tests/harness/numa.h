// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// What the cases about memory policies share. They hold on a machine with one node, as a small one and every container's is.
#ifndef DITTO_NUMA_H
#define DITTO_NUMA_H

#include "memory.h"

enum { DEFAULT, PREFERRED, BIND, INTERLEAVE, LOCAL, PREFERRED_MANY, WEIGHTED, MODES };
#define BALANCING 0x2000
#define RELATIVE 0x4000
#define STATIC 0x8000
#define STRICT 1
#define MOVE 2
#define MOVE_ALL 4
#define OF_NODE 1
#define OF_ADDR 2
#define MEMS_ALLOWED 4

typedef unsigned long mask_t;

static inline long set_policy(int mode, const mask_t *nodes, unsigned long max) { return syscall(SYS_set_mempolicy, mode, nodes, max); }
static inline long get_policy(int *mode, mask_t *nodes, unsigned long max, void *addr, unsigned long flags) {
	return syscall(SYS_get_mempolicy, mode, nodes, max, addr, flags);
}
static inline long bind_(void *p, unsigned long n, unsigned long mode, const mask_t *nodes, unsigned long max, unsigned flags) {
	return syscall(SYS_mbind, p, n, mode, nodes, max, flags);
}

static inline void one_node(void) {
	if (access("/sys/devices/system/node/node1", F_OK) == 0)
		SKIP("more than one node");
}

// The task's policy, or that of the memory at p: "0x8002 of 0x3".
static inline const char *policy_text(void *p) {
	int mode = -1;
	mask_t nodes[16];
	memset(nodes, 0xff, sizeof nodes);
	if (get_policy(&mode, nodes, 1024, p, p ? OF_ADDR : 0) != 0)
		return errno_name(errno);
	for (int i = 1; i < 16; i++)
		CHECK_EQ(nodes[i], 0);
	return name("%#x of %#lx", mode, nodes[0]);
}

#endif
