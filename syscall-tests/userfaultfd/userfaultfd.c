// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// userfaultfd: who may have a descriptor that handles the faults of the kernel itself?
#include "../harness/memory.h"

CASE(unprivileged) {
	const char *s = read_file("/proc/sys/vm/unprivileged_userfaultfd");
	if (s && atoi(s))
		SKIP("vm.unprivileged_userfaultfd is set");
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_userfaultfd, 0), EPERM);
		CHECK_ERR(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK), EPERM);
		OBSERVE_RET("unknown flag", syscall(SYS_userfaultfd, 2));
	}
}

CASE(privileged, "cap:19") {
	OBSERVE_OK("plain", syscall(SYS_userfaultfd, 0));
	OBSERVE_OK("of user mode", syscall(SYS_userfaultfd, 1));
	OBSERVE_OK("unknown flag", syscall(SYS_userfaultfd, 2));
}

CASE(of_user_mode, "kernel>=5.11") {
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_OK("of user mode", syscall(SYS_userfaultfd, 1));
	}
}
