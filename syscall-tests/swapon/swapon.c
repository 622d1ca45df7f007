// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// swapon: are unknown flags refused first, and then everyone without CAP_SYS_ADMIN, before the path is looked at?
#include "../harness/harness.h"

#define SWAP_FLAGS_VALID 0x7ffff // a priority of 15 bits, prefer, discard, discard once, discard pages

CASE(refused_before_the_path_is_read) {
	make_file("swap", "");
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_swapon, "swap", 0), EPERM);
		CHECK_ERR(syscall(SYS_swapon, "missing", 0), EPERM);
		CHECK_ERR(syscall(SYS_swapon, bad_ptr(), 0), EPERM);
		CHECK_ERR(syscall(SYS_swapon, "swap", SWAP_FLAGS_VALID), EPERM);
	}
}

CASE(unknown_flags_come_first) {
	IN_CHILD(NULL) {
		become_nobody();
		for (int bit = 0; bit < 32; bit++) {
			OBSERVE_RET(name("flag %#x", 1u << bit), syscall(SYS_swapon, "swap", 1u << bit));
		}
		CHECK_ERR(syscall(SYS_swapon, bad_ptr(), 0x80000), EINVAL);
	}
}
