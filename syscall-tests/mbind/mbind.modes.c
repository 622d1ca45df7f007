// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mbind: flags in the mode that go together with some policies only.
#include "../harness/numa.h"

CASE(flags_of_modes) {
	unsigned long node = 1;
	static const int flags[] = {1 << 13, 1 << 14, 1 << 15, 3 << 14, 5 << 13};
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int mode = 0; mode < 8; mode++)
		for (int i = 0; i < 5; i++)
			OBSERVE_RET(name("mode %d, flags %#x", mode, flags[i]), syscall(SYS_mbind, p, 4096, mode | flags[i], mode == 0 || mode == 4 ? NULL : &node, 2, 0));
}
