// SPDX-License-Identifier: Apache-2.0

package hostio

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Statx is statx(2) of a name in the directory dir, which needs no memory but the stack's. It may wait for a disk, so the Go
// scheduler is told of it.
func Statx(dir int, name string, flags, mask int, st *unix.Statx_t) error {
	var c [256]byte // NAME_MAX, and the zero
	if len(name) >= len(c) {
		return unix.ENAMETOOLONG
	}
	copy(c[:], name)
	for {
		_, _, e := unix.Syscall6(unix.SYS_STATX, uintptr(dir), uintptr(unsafe.Pointer(&c)), uintptr(flags), uintptr(mask),
			uintptr(unsafe.Pointer(st)), 0)
		switch e {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return e
		}
	}
}
