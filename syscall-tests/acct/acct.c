// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// acct: is everyone without CAP_SYS_PACCT refused, before the file is looked at?
#include "../harness/harness.h"

CASE(refused_before_the_path_is_read) {
	make_file("log", "");
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_acct, NULL), EPERM);
		CHECK_ERR(syscall(SYS_acct, "log"), EPERM);
		CHECK_ERR(syscall(SYS_acct, "missing"), EPERM);
		CHECK_ERR(syscall(SYS_acct, bad_ptr()), EPERM);
	}
}
