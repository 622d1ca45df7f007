// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// listns: a call of Linux 6.19. What does it answer to arguments that are wrong?
#include "../harness/harness.h"

CASE(odd_arguments) {
	OBSERVE_OK("zeros", syscall(470, 0, 0, 0, 0));
	OBSERVE_OK("all ones", syscall(470, -1L, -1L, -1L, -1L));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_OK(p->name, syscall(470, p->p, p->p, 4, 0));
}

CASE(odd_arguments_by_nobody) {
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_OK("zeros", syscall(470, 0, 0, 0, 0));
		OBSERVE_OK("a bad pointer", syscall(470, bad_ptr(), bad_ptr(), 4, 0));
	}
}
