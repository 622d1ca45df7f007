// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pkey_alloc: which rights and flags are refused, how many keys are there, and do they survive fork?
#include "../harness/memory.h"

static long alloc(unsigned long flags, unsigned long rights) { return syscall(SYS_pkey_alloc, flags, rights); }

CASE(arguments) {
	OBSERVE_RET("flags 1", alloc(1, 0));
	OBSERVE_RET("flags and rights", alloc(1, 4));
	OBSERVE_RET("rights 4", alloc(0, 4));
	OBSERVE_RET("high rights", alloc(0, 1ul << 40));
	OBSERVE_RET("high flags", alloc(1ul << 40, 0));
	for (int r = 0; r < 4; r++)
		OBSERVE_RET(name("rights %d", r), alloc(0, r));
}

CASE(all_of_them) {
	int n = 0;
	while (n < 20 && alloc(0, 0) != -1)
		n++;
	OBSERVE("keys", "%d", n);
	OBSERVE_RET("one more", alloc(0, 0));
	IN_CHILD(NULL) { OBSERVE_RET("child", alloc(0, 0)); }
}
