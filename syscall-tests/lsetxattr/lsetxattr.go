// SPDX-License-Identifier: Apache-2.0

// Package lsetxattr tests lsetxattr from Go: many attributes of many sizes, against a model.
package lsetxattr

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("against_a_model", "fs:xattr", againstAModel)
	harness.Case("one_creates", "fs:xattr", oneCreates)
}

func againstAModel(t *harness.T) {
	x := harness.Xattrs("l")
	t.Put("f")
	model := map[string]string{}
	for i := range 60 {
		attr := fmt.Sprintf("user.a%d", i*7%13)
		_, there := model[attr]
		flags := []int{0, unix.XATTR_CREATE, unix.XATTR_REPLACE}[i%3]
		value := string(harness.Pattern(i))
		want := unix.Errno(0)
		switch {
		case flags == unix.XATTR_CREATE && there:
			want = unix.EEXIST
		case flags == unix.XATTR_REPLACE && !there:
			want = unix.ENODATA
		default:
			model[attr] = value
		}
		t.Errno(fmt.Sprint(attr, " ", flags), x.Set("f", attr, []byte(value), flags), want)
	}
	t.Diff("attributes", x.All(t, "f"), model)
}

func oneCreates(t *harness.T) {
	x := harness.Xattrs("l")
	t.Put("f")
	t.Equal("ends", harness.Race(8, func(i int) error { return x.Set("f", "user.a", []byte{byte(i)}, unix.XATTR_CREATE) }), "0 x1, EEXIST x7")
}
