// SPDX-License-Identifier: Apache-2.0

// Package set_robust_list tests set_robust_list from Go: its lengths.
package set_robust_list

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("lengths", "", lengths)
}

func lengths(t *harness.T) {
	runtime.LockOSThread()
	head := new([3]uintptr)
	head[0] = uintptr(unsafe.Pointer(head))
	for _, n := range []uintptr{0, 12, 23, 25, 24} {
		_, _, errno := unix.RawSyscall(unix.SYS_SET_ROBUST_LIST, uintptr(unsafe.Pointer(head)), n, 0)
		t.ObserveErr(fmt.Sprint("length ", n), errno)
	}
	_, _, errno := unix.RawSyscall(unix.SYS_SET_ROBUST_LIST, 0, 24, 0)
	t.Errno("none", errno, 0)
	runtime.KeepAlive(head)
}
