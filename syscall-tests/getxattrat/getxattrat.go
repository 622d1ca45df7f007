// SPDX-License-Identifier: Apache-2.0

// Package getxattrat tests getxattrat from Go: it agrees with getxattr, by a path, by a directory and by a descriptor.
package getxattrat

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_getxattr", "fs:xattr kernel>=6.13", agrees)
}

// args is struct xattr_args.
type args struct {
	value       *byte
	size, flags uint32
}

func agrees(t *harness.T) {
	t.Put("d/", "d/f")
	t.Must("set", unix.Setxattr("d/f", "user.a", []byte("value"), 0))
	want := make([]byte, 16)
	n, err := unix.Getxattr("d/f", "user.a", want)
	t.Must("getxattr", err)
	for _, way := range []struct {
		name, dir, path string
		flags           uintptr
	}{{"path", ".", "d/f", 0}, {"directory", "d", "f", 0}, {"descriptor", "d/f", "", unix.AT_EMPTY_PATH}} {
		dir, err := os.Open(way.dir)
		t.Must(way.name, err)
		path, err := unix.BytePtrFromString(way.path)
		t.Must(way.name, err)
		attr, err := unix.BytePtrFromString("user.a")
		t.Must(way.name, err)
		got := make([]byte, 16)
		a := args{value: &got[0], size: 16}
		m, _, e := unix.Syscall6(464, dir.Fd(), uintptr(unsafe.Pointer(path)), way.flags, uintptr(unsafe.Pointer(attr)), uintptr(unsafe.Pointer(&a)), unsafe.Sizeof(a))
		t.Equal(way.name+": errno", e, unix.Errno(0))
		t.Equal(way.name+": length", int(m), n)
		t.Equal(way.name+": value", string(got), string(want))
		t.Must(way.name, dir.Close())
	}
}
