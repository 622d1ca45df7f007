// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of numbers that Linux gave to calls which it no longer has, or never had.
#ifndef DITTO_HARNESS_ABSENT_H
#define DITTO_HARNESS_ABSENT_H

#include "harness.h"

// ENOSYS, whatever the arguments are, whoever asks, and nothing is read or written.
static inline void check_absent(long nr) {
	static unsigned char before[256], space[256];
	memset(before, 0xa5, sizeof before);
	memcpy(space, before, sizeof space);
	CHECK_ERR(syscall(nr, 0, 0, 0, 0, 0, 0), ENOSYS);
	CHECK_ERR(syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L), ENOSYS);
	CHECK_ERR(syscall(nr, space, space, space, space, space, space), ENOSYS);
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		CHECK_ERR(syscall(nr, p->p, p->p, p->p, p->p, p->p, p->p), ENOSYS);
	CHECK(memcmp(before, space, sizeof space) == 0);
}

static inline void check_absent_for_nobody(long nr) {
	IN_CHILD(NULL) {
		become_nobody();
		check_absent(nr);
	}
}

#endif
