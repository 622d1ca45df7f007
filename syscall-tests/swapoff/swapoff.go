// SPDX-License-Identifier: Apache-2.0

// Package swapoff tests swapoff from Go: is a thread without capabilities refused before the arguments are looked at?
package swapoff

import (
	"runtime"
	"unsafe"

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
	name, _ := unix.BytePtrFromString("missing")
	path := uintptr(unsafe.Pointer(name))
	const bad = uintptr(0x10000000000)
	var err unix.Errno
	_, _, err = unix.Syscall(unix.SYS_SWAPOFF, path, 0, 0)
	if err == unix.ENOSYS {
		t.Skip("this kernel was built without it")
	}
	t.Errno("call 1", err, unix.EPERM)
	_, _, err = unix.Syscall(unix.SYS_SWAPOFF, bad, 0, 0)
	t.Errno("call 2", err, unix.EPERM)
}
