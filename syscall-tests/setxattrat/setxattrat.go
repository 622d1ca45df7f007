// SPDX-License-Identifier: Apache-2.0

// Package setxattrat tests the four calls on extended attributes that take a directory from Go: each thread's own attribute.
package setxattrat

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads", "fs:xattr kernel>=6.13", threads)
}

const (
	sysSetxattrat    = 463
	sysGetxattrat    = 464
	sysRemovexattrat = 466
	cwd              = ^uintptr(99) // AT_FDCWD
)

// args is struct xattr_args.
type args struct {
	value       *byte
	size, flags uint32
}

func threads(t *harness.T) {
	t.Put("f")
	path, err := unix.BytePtrFromString("f")
	t.Must("path", err)
	ends := harness.Race(8, func(i int) error {
		attr, err := unix.BytePtrFromString(fmt.Sprintf("user.a%d", i))
		if err != nil {
			return err
		}
		value, got := [4]byte{byte(i), 1, 2, 3}, [4]byte{}
		set, get := args{&value[0], 4, 0}, args{&got[0], 4, 0}
		call := func(nr uintptr, a *args) error {
			_, _, e := unix.Syscall6(nr, cwd, uintptr(unsafe.Pointer(path)), 0, uintptr(unsafe.Pointer(attr)), uintptr(unsafe.Pointer(a)), unsafe.Sizeof(*a))
			if e != 0 {
				return e
			}
			return nil
		}
		if err := call(sysSetxattrat, &set); err != nil {
			return err
		}
		if err := call(sysGetxattrat, &get); err != nil {
			return err
		}
		if got != value {
			return unix.EBADMSG
		}
		return call(sysRemovexattrat, &set)
	})
	t.Equal("ends", ends, "0 x8")
	n, err := unix.Listxattr("f", nil)
	t.ObserveRet("left", n, err)
}
