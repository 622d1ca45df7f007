// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// reboot: is everyone without CAP_SYS_BOOT refused, whatever the magic numbers and the command?
#include "../harness/harness.h"

#include <linux/reboot.h>

// No command that would do anything is tried: CAD_OFF and CAD_ON decide what Ctrl-Alt-Del does, and are harmless even if
// they were let through.
CASE(refused_before_the_magic_is_checked) {
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_reboot, 0, 0, 0, NULL), EPERM);
		CHECK_ERR(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, 12345, NULL), EPERM);
		CHECK_ERR(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2A, LINUX_REBOOT_CMD_CAD_ON, NULL), EPERM);
	}
}
