// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lsm_get_self_attr: is the same told as in /proc/self/attr, and what of attributes and flags that are none?
#include "../harness/harness.h"

#define NR_lsm_get_self_attr 459

// Names of what /proc/self/attr has, by the number of the attribute.
static const char *const attrs[] = {"current", "exec", "fscreate", "keycreate", "prev", "sockcreate"};

CASE(agrees_with_proc, "kernel>=6.8") {
	for (int i = 0; i < 6; i++) {
		char space[4096];
		uint32_t size = sizeof space;
		long n = syscall(NR_lsm_get_self_attr, 100 + i, space, &size, 0);
		const char *proc = read_file(name("/proc/self/attr/%s", attrs[i]));
		CHECK(n > 0 || !proc || !*proc);
		OBSERVE_RET(attrs[i], syscall(NR_lsm_get_self_attr, 100 + i, space, &size, 0));
	}
}

CASE(arguments, "kernel>=6.8") {
	char space[64] = {0};
	uint32_t size = sizeof space;
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %d", bit), syscall(NR_lsm_get_self_attr, 100, space, &size, 1u << bit));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(name("size %s", p->name), syscall(NR_lsm_get_self_attr, 100, space, p->p, 0));
	size = 0;
	OBSERVE_RET("no room", syscall(NR_lsm_get_self_attr, 100, space, &size, 0));
	OBSERVE_RET("a module alone, without a place", syscall(NR_lsm_get_self_attr, 100, NULL, &size, 1));
}

// The size tells how much there is, also where that is nothing.
CASE(size_of_nothing, "kernel>=6.8") {
	char space[64] = {0};
	for (int i = 0; i < 4; i++) {
		uint32_t size = 50;
		const int attr = (const int[]){99, 107, 1000, -1}[i];
		OBSERVE_RET(name("attribute %d", attr), syscall(NR_lsm_get_self_attr, attr, space, &size, 0));
		OBSERVE(name("size of %d", attr), "%u", size);
		OBSERVE_RET(name("attribute %d, no place", attr), syscall(NR_lsm_get_self_attr, attr, NULL, &size, 0));
		OBSERVE(name("size of %d, no place", attr), "%u", size);
	}
	uint64_t module[8] = {100}; // LSM_ID_CAPABILITY
	uint32_t size = 50;
	OBSERVE_RET("of one module", syscall(NR_lsm_get_self_attr, 100, module, &size, 1));
	OBSERVE("its size", "%u", size);
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(name("size %s", p->name), syscall(NR_lsm_get_self_attr, 99, space, p->p, 0));
}
