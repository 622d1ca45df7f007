// SPDX-License-Identifier: Apache-2.0

// Package vhangup tests vhangup from Go: is a thread without capabilities refused before the arguments are looked at?
package vhangup

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("refused_in_a_thread_without_capabilities", "", refused)
}

// Capabilities belong to the thread: it is locked, and never given back.
func refused(t *harness.T) {
	runtime.LockOSThread()
	var none [2]unix.CapUserData
	h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	t.Must("capset", unix.Capset(&h, &none[0]))
	var err unix.Errno
	_, _, err = unix.Syscall(unix.SYS_VHANGUP, 0, 0, 0)
	t.Errno("call 1", err, unix.EPERM)
}
