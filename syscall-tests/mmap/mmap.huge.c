// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mmap: what is said to huge pages of sizes that there are none of, and to stacks that would grow up?
#include "../harness/memory.h"

// 1 << 20 is no size of a huge page on any x86.
CASE(huge_pages_of_a_size_that_is_none) {
	for (int shift = 13; shift < 64; shift += 10)
		if (shift != 21 && shift != 30)
			OBSERVE_OK(name("2^%d", shift), mmap(NULL, 1 << 21, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | shift << 26, -1, 0));
	OBSERVE_OK("of a file", mmap(NULL, PG, RW, MAP_PRIVATE | MAP_HUGETLB, letter_file("f", 1, 0), 0));
}

CASE(growing_up) {
	OBSERVE_OK("protection", mmap(NULL, PG, PROT_READ | PROT_GROWSUP, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OBSERVE_OK("both", mmap(NULL, PG, PROT_READ | PROT_GROWSUP | PROT_GROWSDOWN, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}
