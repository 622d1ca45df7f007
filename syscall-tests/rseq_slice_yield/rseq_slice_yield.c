// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rseq_slice_yield: a call of Linux 7.0. What does it answer to arguments that are wrong?
#include "../harness/harness.h"

CASE(odd_arguments) {
	OBSERVE_OK("zeros", syscall(471, 0, 0, 0, 0));
	OBSERVE_OK("all ones", syscall(471, -1L, -1L, -1L, -1L));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_OK(p->name, syscall(471, p->p, p->p, 4, 0));
}

CASE(odd_arguments_by_nobody) {
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_OK("zeros", syscall(471, 0, 0, 0, 0));
		OBSERVE_OK("a bad pointer", syscall(471, bad_ptr(), bad_ptr(), 4, 0));
	}
}
