// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// arch_prctl: tagged addresses, shadow stacks and vDSOs of other kinds, where the processor or the program has none.
#include "../harness/harness.h"

static long ap(int code, unsigned long arg) { return syscall(SYS_arch_prctl, code, arg); }

// A processor with LAM or shadow stacks answers otherwise on both sides; nothing is switched on that outlives the child.
CASE(vdso_where_one_is) {
	// With which error is a matter of whether the kernel runs such programs.
	CHECK_EQ(ap(0x2002, 0x10000000), -1);
	CHECK_EQ(ap(0x2001, 0x10000000), -1);
	OBSERVE_OK("of 64 bits, again", ap(0x2003, 0x10000000));
}

CASE(tagged_addresses) {
	unsigned long mask = 0, bits = 0;
	OBSERVE_RET("mask", ap(0x4001, (unsigned long)&mask));
	OBSERVE_RET("bits", ap(0x4003, (unsigned long)&bits));
	OBSERVE("without them", "%#lx %lu", mask, bits);
	OBSERVE_RET("mask, bad pointer", ap(0x4001, (unsigned long)bad_ptr()));
	OBSERVE_RET("more than there are", ap(0x4002, 64));
	OBSERVE_RET("force", ap(0x4004, 0));
}

CASE(shadow_stacks) {
	unsigned long features = 0;
	OBSERVE_RET("status", ap(0x5005, (unsigned long)&features));
	OBSERVE_RET("enable none", ap(0x5001, 0));
	OBSERVE_RET("enable what is none", ap(0x5001, 1ul << 40));
	OBSERVE_RET("disable what is none", ap(0x5002, 1ul << 40));
	OBSERVE_RET("unlock", ap(0x5004, 1));
	OBSERVE_RET("lock none", ap(0x5003, 0));
}
