// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioperm: which ports may a program without CAP_SYS_RAWIO have, or give up?
#include "../harness/harness.h"

CASE(ports) {
	IN_CHILD(NULL) {
		become_nobody();
		static const unsigned long ranges[][2] = {{0, 1}, {0, 0}, {0, 65536}, {0, 65537}, {65535, 1}, {65536, 1}, {-1, 1}, {-1, 2}, {0x80, 1}};
		for (unsigned i = 0; i < sizeof ranges / sizeof *ranges; i++)
			for (int on = 0; on < 2; on++)
				OBSERVE_RET(name("%#lx, %#lx, %d", ranges[i][0], ranges[i][1], on), syscall(SYS_ioperm, ranges[i][0], ranges[i][1], on));
	}
}
