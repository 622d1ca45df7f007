// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lsm_list_modules: is the list written whole or not at all, and is its size told?
#include "../harness/harness.h"

#define NR_lsm_list_modules 461

CASE(sizes, "kernel>=6.8") {
	uint64_t ids[64];
	uint32_t size = sizeof ids;
	long n = REQUIRE_OK(syscall(NR_lsm_list_modules, ids, &size, 0));
	CHECK_EQ(size, n * 8);
	CHECK(n >= 1);
	uint32_t small = 4;
	OBSERVE_RET("too small", syscall(NR_lsm_list_modules, ids, &small, 0));
	CHECK_EQ(small, size);
	small = 0;
	OBSERVE_RET("none", syscall(NR_lsm_list_modules, ids, &small, 0));
	CHECK_EQ(small, size);
}

CASE(arguments, "kernel>=6.8") {
	uint64_t ids[64];
	uint32_t size = sizeof ids;
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %d", bit), syscall(NR_lsm_list_modules, ids, &size, 1u << bit));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_RET(name("ids %s", p->name), syscall(NR_lsm_list_modules, p->p, &size, 0));
		OBSERVE_RET(name("size %s", p->name), syscall(NR_lsm_list_modules, ids, p->p, 0));
	}
	OBSERVE_RET("size that can't be written", syscall(NR_lsm_list_modules, ids, readonly_page(), 0));
}
