// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// membarrier: which commands are there, which need registration, and are flags and unknown commands refused?
#include "../harness/signals.h"

#include <linux/membarrier.h>

static long mb(int cmd, unsigned flags, int cpu) { return syscall(SYS_membarrier, cmd, flags, cpu); }

CASE(query) {
	OBSERVE("commands", "%#lx", mb(MEMBARRIER_CMD_QUERY, 0, 0));
	OBSERVE_RET("with flags", mb(MEMBARRIER_CMD_QUERY, 1, 0));
}

CASE(commands_before_and_after_registration) {
	for (int bit = 0; bit < 12; bit++)
		IN_CHILD(NULL) OBSERVE_RET(name("unregistered %#x", 1 << bit), mb(1 << bit, 0, 0));
	static const int reg[][2] = {{MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, MEMBARRIER_CMD_PRIVATE_EXPEDITED},
				     {MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, MEMBARRIER_CMD_GLOBAL_EXPEDITED},
				     {MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE}};
	for (int i = 0; i < 3; i++)
		IN_CHILD(NULL) {
			OBSERVE_RET(name("register %#x", reg[i][0]), mb(reg[i][0], 0, 0));
			OBSERVE_RET(name("then %#x", reg[i][1]), mb(reg[i][1], 0, 0));
			OBSERVE_RET(name("register again %#x", reg[i][0]), mb(reg[i][0], 0, 0));
			IN_CHILD(NULL) OBSERVE_RET(name("in a child %#x", reg[i][1]), mb(reg[i][1], 0, 0));
		}
}

CASE(bad_arguments) {
	OBSERVE_RET("-1", mb(-1, 0, 0));
	OBSERVE_RET("two commands", mb(3, 0, 0));
	OBSERVE_RET("unknown", mb(1 << 20, 0, 0));
	OBSERVE_RET("flags", mb(MEMBARRIER_CMD_GLOBAL, 1, 0));
	CHECK_ERR(mb(1 << 20, 0, 0), EINVAL);
	CHECK_ERR(mb(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
}
