// SPDX-License-Identifier: Apache-2.0

// Package mkdirat tests mkdirat from Go: one of many makes it, and its errors.
package mkdirat

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_wins", "", oneWins)
	harness.Case("makes_a_tree", "", makesATree)
}

func oneWins(t *harness.T) {
	t.Equal("ends", harness.Race(8, func(int) error { return call("d") }), "0 x1, EEXIST x7")
}

func makesATree(t *harness.T) {
	t.Put("file", "dangling -> nowhere", "to_a -> a")
	t.Tries(
		harness.Try("parent missing", unix.ENOENT, call("a/b")),
		harness.Try("a", 0, call("a")),
		harness.Try("a/b/", 0, call("a/b/")),
		harness.Try("a/b again", unix.EEXIST, call("a/b")),
		harness.Try("through a link", 0, call("to_a/c")),
		harness.Try("over a link", unix.EEXIST, call("dangling")),
		harness.Try("over a file", unix.EEXIST, call("file")),
		harness.Try("below a file", unix.ENOTDIR, call("file/x")),
		harness.Try("dot", unix.EEXIST, call(".")),
		harness.Try("dot below", unix.ENOENT, call("x/.")),
		harness.Try("root", unix.EEXIST, call("/")),
		harness.Try("empty", unix.ENOENT, call("")),
	)
	t.Diff("tree", harness.Tree("."), []string{"a/", "a/b/", "a/c/", "dangling -> nowhere", "file", "to_a -> a"})
}

func call(path string) error {
	return harness.Err(unix.SYS_MKDIRAT, unix.AT_FDCWD, path, 0o755)
}
