// SPDX-License-Identifier: Apache-2.0

// Package symlink tests symlink from Go: one of many gets the name, links in a row, and its errors.
package symlink

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_wins", "", oneWins)
	harness.Case("forty_in_a_row", "", fortyInARow)
	harness.Case("errors", "", refusals)
}

func oneWins(t *harness.T) {
	t.Equal("ends", harness.Race(8, func(i int) error { return call(fmt.Sprint("target", i), "l") }), "0 x1, EEXIST x7")
}

func fortyInARow(t *harness.T) {
	t.Put("end")
	t.Must("first", call("end", "l1"))
	for i := 2; i <= 41; i++ {
		t.Must("next", call(fmt.Sprint("l", i-1), fmt.Sprint("l", i)))
	}
	_, err := os.ReadFile("l40")
	// Linux counts the links of a walk that it had to start over, too (LOOKUP_RCU): see the harness in C.
	for again := 0; again < 100 && errors.Is(err, unix.ELOOP); again++ {
		_, err = os.ReadFile("l40")
	}
	t.Errno("40 links", err, 0)
	_, err = os.ReadFile("l41")
	t.Errno("41 links", err, unix.ELOOP)
}

func refusals(t *harness.T) {
	t.Put("file", "dir/")
	t.Tries(
		harness.Try("empty target", unix.ENOENT, call("", "new")),
		harness.Try("empty path", unix.ENOENT, call("x", "")),
		harness.Try("existing", unix.EEXIST, call("x", "file")),
		harness.Try("slash", unix.ENOENT, call("x", "new/")),
		harness.Try("existing with a slash", unix.EEXIST, call("x", "dir/")),
		harness.Try("below a file", unix.ENOTDIR, call("x", "file/new")),
		harness.Try("target of 4096", unix.ENAMETOOLONG, call(strings.Repeat("t", 4096), "new")),
		harness.Try("any target", 0, call("//no/../where/", "new")),
	)
	t.Diff("tree", harness.Tree("."), []string{"dir/", "file", "new -> //no/../where/"})
}

func call(target, path string) error {
	return harness.Err(unix.SYS_SYMLINK, target, path)
}
