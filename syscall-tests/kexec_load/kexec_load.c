// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// kexec_load: is everyone without CAP_SYS_BOOT refused, before any argument is looked at?
#include "../harness/harness.h"

// As nobody from the start, so that nothing is ever let through.
CASE(refused_before_the_arguments_are_read) {
	become_nobody();
	if (syscall(SYS_kexec_load, 0, 0, NULL, 0) == -1 && errno == ENOSYS) {
		SKIP("this kernel was built without kexec");
	}
	IN_CHILD(NULL) {
		CHECK_ERR(syscall(SYS_kexec_load, 0, 0, NULL, 0), EPERM);
		CHECK_ERR(syscall(SYS_kexec_load, 0, 1, bad_ptr(), 0), EPERM);
		CHECK_ERR(syscall(SYS_kexec_load, 0, -1, NULL, -1), EPERM);
	}
}
