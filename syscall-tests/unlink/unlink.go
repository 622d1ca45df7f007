// SPDX-License-Identifier: Apache-2.0

// Package unlink tests unlink from Go: one of many removes it, and its errors.
package unlink

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_wins", "", oneWins)
	harness.Case("errors", "", errors)
}

func oneWins(t *harness.T) {
	t.Put("f")
	t.Equal("ends", harness.Race(8, func(int) error { return call("f") }), "0 x1, ENOENT x7")
}

func errors(t *harness.T) {
	t.Put("file", "dir/", "to_dir -> dir", "dangling -> nowhere", "loop -> loop")
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing")),
		harness.Try("directory", unix.EISDIR, call("dir")),
		harness.Try("dot", unix.EISDIR, call(".")),
		harness.Try("file with a slash", unix.ENOTDIR, call("file/")),
		harness.Try("link to a directory with a slash", unix.ENOTDIR, call("to_dir/")),
		harness.Try("empty", unix.ENOENT, call("")),
		harness.Try("through the loop", unix.ELOOP, call("loop/x")),
		harness.Try("loop", 0, call("loop")),
		harness.Try("link", 0, call("to_dir")),
		harness.Try("dangling", 0, call("dangling")),
		harness.Try("file", 0, call("file")),
	)
	t.Diff("tree", harness.Tree("."), []string{"dir/"})
}

func call(path string) error {
	return harness.Err(unix.SYS_UNLINK, path)
}
