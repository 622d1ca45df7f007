// SPDX-License-Identifier: Apache-2.0

// This file lists what Linux refuses to every ordinary container: calls that act on the machine as a whole, and need
// capabilities that no container has. Each checks the capability before it looks at any argument, so the refusal needs
// no handler; swapon alone looks at its flags first.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall acct denied EPERM needs CAP_SYS_PACCT
//ditto:syscall delete_module denied EPERM needs CAP_SYS_MODULE
//ditto:syscall finit_module denied EPERM needs CAP_SYS_MODULE
//ditto:syscall init_module denied EPERM needs CAP_SYS_MODULE
//ditto:syscall kexec_file_load denied EPERM needs CAP_SYS_BOOT
//ditto:syscall kexec_load denied EPERM needs CAP_SYS_BOOT
//ditto:syscall reboot denied EPERM needs CAP_SYS_BOOT
//ditto:syscall swapoff denied EPERM needs CAP_SYS_ADMIN
//ditto:syscall vhangup denied EPERM needs CAP_SYS_TTY_CONFIG

// swapFlagsValid is SWAP_FLAGS_VALID: a priority of 15 bits, and its flags.
const swapFlagsValid = 0x7ffff

// swapon(2).
//
//ditto:syscall swapon denied EPERM needs CAP_SYS_ADMIN
func swapon(t *task.Task, file user.Path, flags int32) error {
	if flags&^swapFlagsValid != 0 {
		return unix.EINVAL
	}
	return unix.EPERM
}
