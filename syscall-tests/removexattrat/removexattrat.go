// SPDX-License-Identifier: Apache-2.0

// Package removexattrat tests removexattrat from Go: of threads that remove the same attribute one finds it.
package removexattrat

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_wins", "fs:xattr kernel>=6.13", oneWins)
}

func oneWins(t *harness.T) {
	t.Put("f")
	path, err := unix.BytePtrFromString("f")
	t.Must("path", err)
	attr, err := unix.BytePtrFromString("user.a")
	t.Must("name", err)
	cwd := unix.AT_FDCWD
	for range 10 {
		t.Must("set", unix.Setxattr("f", "user.a", []byte("x"), 0))
		t.Equal("ends", harness.Race(4, func(int) error {
			_, _, e := unix.Syscall6(466, uintptr(cwd), uintptr(unsafe.Pointer(path)), 0, uintptr(unsafe.Pointer(attr)), 0, 0)
			if e != 0 {
				return e
			}
			return nil
		}), "0 x1, ENODATA x3")
	}
}
