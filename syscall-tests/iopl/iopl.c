// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// iopl: which levels may a program without CAP_SYS_RAWIO ask for?
#include "../harness/harness.h"

CASE(levels) {
	IN_CHILD(NULL) {
		become_nobody();
		static const unsigned levels[] = {0, 1, 2, 3, 4, 5, 0x80000000, -1};
		for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++)
			OBSERVE_RET(name("level %#x", levels[i]), syscall(SYS_iopl, levels[i]));
	}
}
