// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// vhangup: is everyone without CAP_SYS_TTY_CONFIG refused, with a terminal or without?
#include "../harness/harness.h"

CASE(refused_without_the_capability) {
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_vhangup), EPERM);
		OBSERVE_OK("a session of its own", setsid());
		CHECK_ERR(syscall(SYS_vhangup), EPERM);
	}
}
