// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// memfd_create: what is said to huge pages of sizes that there are none of?
#include "../harness/harness.h"

CASE(huge_pages_of_a_size_that_is_none) {
	for (int shift = 13; shift < 64; shift += 10)
		if (shift != 21 && shift != 30)
			OBSERVE_OK(name("2^%d", shift), syscall(SYS_memfd_create, "name", 4u | (unsigned)shift << 26));
	OBSERVE_OK("a size without huge pages", syscall(SYS_memfd_create, "name", 21u << 26));
}
