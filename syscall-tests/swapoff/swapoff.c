// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// swapoff: is everyone without CAP_SYS_ADMIN refused, before the path is looked at?
#include "../harness/harness.h"

CASE(refused_before_the_path_is_read) {
	make_file("swap", "");
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_swapoff, "swap"), EPERM);
		CHECK_ERR(syscall(SYS_swapoff, "missing"), EPERM);
		CHECK_ERR(syscall(SYS_swapoff, bad_ptr()), EPERM);
		CHECK_ERR(syscall(SYS_swapoff, NULL), EPERM);
	}
}
