// SPDX-License-Identifier: Apache-2.0

// Package get_robust_list tests get_robust_list from Go: threads of Go have none, and nobody's is not told.
package get_robust_list

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_a_thread", "", ofAThread)
}

func ofAThread(t *harness.T) {
	runtime.LockOSThread()
	var head, n uintptr
	_, _, errno := unix.RawSyscall(unix.SYS_GET_ROBUST_LIST, 0, uintptr(unsafe.Pointer(&head)), uintptr(unsafe.Pointer(&n)))
	t.ObserveErr("own", errno)
	t.Observe("length", "%d", n) // whether there is a list is the C library's affair
	_, _, errno = unix.RawSyscall(unix.SYS_GET_ROBUST_LIST, 1<<29, uintptr(unsafe.Pointer(&head)), uintptr(unsafe.Pointer(&n)))
	t.Errno("nobody", errno, unix.ESRCH)
}
