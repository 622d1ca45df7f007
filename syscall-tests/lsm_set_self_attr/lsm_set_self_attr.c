// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lsm_set_self_attr: is a context of the wrong size, module or attribute refused?
#include "../harness/harness.h"

#define NR_lsm_set_self_attr 460

struct context {
	uint64_t id, flags, len, ctx_len;
	char ctx[32];
};

CASE(attributes_and_modules, "kernel>=6.8") {
	for (int attr = 98; attr < 108; attr++)
		for (int id = 0; id < 3; id++) {
			struct context c = {.id = (const int[]){0, 100, 5000}[id], .len = sizeof c, .ctx_len = 2, .ctx = "x"};
			OBSERVE_RET(name("attribute %d of module %d", attr, (int)c.id), syscall(NR_lsm_set_self_attr, attr, &c, sizeof c, 0));
		}
}

CASE(sizes_and_flags, "kernel>=6.8") {
	struct context c = {.id = 100, .len = sizeof c, .ctx_len = 2, .ctx = "x"};
	static char big[8192];
	for (int size = 0; size < 72; size += 8)
		OBSERVE_RET(name("size %d", size), syscall(NR_lsm_set_self_attr, 100, &c, size, 0));
	OBSERVE_RET("more than a page", syscall(NR_lsm_set_self_attr, 100, big, 4097, 0));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %d", bit), syscall(NR_lsm_set_self_attr, 100, &c, sizeof c, 1u << bit));
	c.len = 1000;
	OBSERVE_RET("a length beyond the size", syscall(NR_lsm_set_self_attr, 100, &c, sizeof c, 0));
	c.len = sizeof c, c.ctx_len = 1000;
	OBSERVE_RET("a context beyond the length", syscall(NR_lsm_set_self_attr, 100, &c, sizeof c, 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, syscall(NR_lsm_set_self_attr, 100, p->p, sizeof c, 0));
}
