// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// remap_file_pages: which of the flags and protections that mmap knows are looked at?
#include "../harness/memory.h"

CASE(each_bit) {
	char *p = pages(4, RW, MAP_SHARED, letter_file("f", 4, 0));
	for (int bit = 0; bit < 32; bit++) {
		OBSERVE_RET(name("flag %#x", 1u << bit), syscall(SYS_remap_file_pages, p, PG, 0, 1, 1u << bit));
		OBSERVE_RET(name("protection %#x", 1u << bit), syscall(SYS_remap_file_pages, p, PG, 1u << bit, 1, 0));
	}
	OBSERVE_RET("shared, checked", syscall(SYS_remap_file_pages, p, PG, 0, 1, 3));
	OBSERVE("bytes", "%s", peek_pages(p, 4));
}
