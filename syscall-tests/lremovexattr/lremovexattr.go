// SPDX-License-Identifier: Apache-2.0

// Package lremovexattr tests lremovexattr from Go: one of many removes it, and what is left.
package lremovexattr

import (
	"fmt"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_wins", "fs:xattr", oneWins)
	harness.Case("the_others_stay", "fs:xattr", theOthersStay)
}

func oneWins(t *harness.T) {
	x := harness.Xattrs("l")
	t.Put("f")
	t.Must("set", x.Set("f", "user.a", []byte("1"), 0))
	t.Equal("ends", harness.Race(8, func(int) error { return x.Remove("f", "user.a") }), "0 x1, ENODATA x7")
}

func theOthersStay(t *harness.T) {
	x := harness.Xattrs("l")
	t.Put("f")
	want := map[string]string{}
	for i := range 10 {
		attr := fmt.Sprint("user.a", i)
		want[attr] = fmt.Sprint(i)
		t.Must("set", x.Set("f", attr, []byte(want[attr]), 0))
	}
	for _, i := range []int{5, 0, 9, 3, 1, 2, 4, 8, 7, 6} {
		attr := fmt.Sprint("user.a", i)
		t.Must("remove", x.Remove("f", attr))
		delete(want, attr)
		t.Diff("left", x.All(t, "f"), want)
	}
}
