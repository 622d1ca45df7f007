// SPDX-License-Identifier: Apache-2.0

// Package llistxattr tests llistxattr from Go: all names while they come and go, and buffers of every size.
package llistxattr

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("names", "fs:xattr", names)
}

func names(t *harness.T) {
	x := harness.Xattrs("l")
	t.Put("f")
	want := map[string]string{}
	size := 0
	for i := range 20 {
		attr := "user." + strings.Repeat("n", i+1)
		want[attr] = fmt.Sprint(i)
		size += len(attr) + 1
		t.Must("set", x.Set("f", attr, []byte(want[attr]), 0))
		t.Diff("names", x.All(t, "f"), want)
	}
	for _, room := range []int{0, 1, size - 1, size, size + 1} {
		n, err := x.List("f", make([]byte, room))
		if room > 0 && room < size {
			t.Errno(fmt.Sprintf("room for %d of %d", room, size), err, unix.ERANGE)
		} else {
			t.Equal(fmt.Sprintf("room for %d of %d", room, size), n, size)
		}
	}
}
