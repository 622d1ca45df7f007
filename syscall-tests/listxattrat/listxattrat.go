// SPDX-License-Identifier: Apache-2.0

// Package listxattrat tests listxattrat from Go: it agrees with listxattr, in every size.
package listxattrat

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_listxattr", "fs:xattr kernel>=6.13", agrees)
}

func agrees(t *harness.T) {
	t.Put("f")
	for _, name := range []string{"user.a", "user.bb", "user.ccc"} {
		t.Must(name, unix.Setxattr("f", name, nil, 0))
	}
	dir, err := os.Open(".")
	t.Must("open", err)
	path, err := unix.BytePtrFromString("f")
	t.Must("path", err)
	for size := range 64 {
		want, got := make([]byte, 65), make([]byte, 65)
		n, err := unix.Listxattr("f", want[:size])
		m, _, e := unix.Syscall6(465, dir.Fd(), uintptr(unsafe.Pointer(path)), 0, uintptr(unsafe.Pointer(&got[0])), uintptr(size), 0)
		if size == 0 {
			n, err = unix.Listxattr("f", nil)
		}
		t.Equal("errno", harness.ErrnoName(e), harness.ErrnoName(err))
		if err == nil {
			t.Equal("length", int(m), n)
			t.Equal("names", string(got), string(want))
		}
	}
}
