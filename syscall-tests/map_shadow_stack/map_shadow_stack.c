// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// map_shadow_stack: what does a machine without shadow stacks answer, whatever the arguments?
#include "../harness/memory.h"

#ifndef SYS_map_shadow_stack
#define SYS_map_shadow_stack 453
#endif

CASE(without) {
	const char *info = read_file("/proc/cpuinfo");
	if (info && strstr(info, "user_shstk"))
		SKIP("this machine has shadow stacks");
	OBSERVE_RET("plain", syscall(SYS_map_shadow_stack, 0, PG, 0));
	OBSERVE_RET("token", syscall(SYS_map_shadow_stack, 0, PG, 1));
	OBSERVE_RET("unknown flag", syscall(SYS_map_shadow_stack, 0, PG, 2));
	OBSERVE_RET("low address", syscall(SYS_map_shadow_stack, 1, PG, 0));
	OBSERVE_RET("no length", syscall(SYS_map_shadow_stack, 0, 0, 0));
}
