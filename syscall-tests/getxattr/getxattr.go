// SPDX-License-Identifier: Apache-2.0

// Package getxattr tests getxattr from Go: values of every size through buffers of every size.
package getxattr

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("buffers", "fs:xattr", buffers)
}

func buffers(t *harness.T) {
	x := harness.Xattrs("")
	t.Put("f")
	for _, size := range []int{0, 1, 2, 100, 1000} {
		value := harness.Pattern(size)
		t.Must("set", x.Set("f", "user.a", value, 0))
		for _, room := range []int{0, 1, size - 1, size, size + 1, 4096} {
			if room < 0 {
				continue
			}
			buf := make([]byte, room)
			n, err := x.Get("f", "user.a", buf)
			switch {
			case room == 0:
				t.Equal("the size itself", n, size)
			case room < size:
				t.Errno(fmt.Sprintf("%d of %d", room, size), err, unix.ERANGE)
			default:
				t.Errno(fmt.Sprintf("%d of %d", room, size), err, 0)
				t.Check(bytes.Equal(buf[:max(n, 0)], value), "%d of %d: %d bytes that differ", room, size, n)
			}
		}
	}
	_, err := x.Get("f", "user.missing", nil)
	t.Errno("missing", err, unix.ENODATA)
	_, err = x.Get("missing", "user.a", nil)
	t.Errno("missing file", err, unix.ENOENT)
	_, err = x.Get("f", "strange.a", nil)
	t.Errno("unknown kind", err, unix.EOPNOTSUPP)
}
