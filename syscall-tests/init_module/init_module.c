// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// init_module: is everyone without CAP_SYS_MODULE refused, before any argument is looked at?
#include "../harness/harness.h"

// As nobody from the start, so that nothing is ever let through.
CASE(refused_before_the_arguments_are_read) {
	become_nobody();
	if (syscall(SYS_init_module, NULL, 0, "") == -1 && errno == ENOSYS) {
		SKIP("this kernel was built without modules");
	}
	IN_CHILD(NULL) {
		CHECK_ERR(syscall(SYS_init_module, NULL, 0, ""), EPERM);
		CHECK_ERR(syscall(SYS_init_module, bad_ptr(), 4096, bad_ptr()), EPERM);
	}
}
