// SPDX-License-Identifier: Apache-2.0

// Package unlinkat tests unlinkat from Go: one of many removes it, and its errors.
package unlinkat

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_wins", "", oneWins)
	harness.Case("errors", "", errors)
	harness.Case("removes_a_tree_by_descriptors", "", removesATreeByDescriptors)
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

func removesATreeByDescriptors(t *harness.T) {
	t.Put("a/", "a/f", "a/b/", "a/b/f", "a/b/l -> ../f")
	a := t.FD("a", unix.O_PATH)
	b, err := unix.Openat(a, "b", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	t.Must("open", err)
	rm := func(fd int, path string, flags int) error { return harness.Err(unix.SYS_UNLINKAT, fd, path, flags) }
	t.Tries(
		harness.Try("b is a directory", unix.EISDIR, rm(a, "b", 0)),
		harness.Try("b isn't empty", unix.ENOTEMPTY, rm(a, "b", unix.AT_REMOVEDIR)),
		harness.Try("f isn't a directory", unix.ENOTDIR, rm(b, "f", unix.AT_REMOVEDIR)),
		harness.Try("b/f", 0, rm(b, "f", 0)),
		harness.Try("b/l", 0, rm(b, "l", 0)),
		harness.Try("b", 0, rm(a, "b", unix.AT_REMOVEDIR)),
		harness.Try("in the removed", unix.ENOENT, rm(b, "f", 0)),
		harness.Try("bad fd", unix.EBADF, rm(-1, "f", 0)),
		harness.Try("closed fd", unix.EBADF, rm(999, "f", 0)),
		harness.Try("unknown flag", unix.EINVAL, rm(a, "f", 1)),
	)
	t.Diff("tree", harness.Tree("."), []string{"a/", "a/f"})
}

func call(path string) error {
	return harness.Err(unix.SYS_UNLINKAT, unix.AT_FDCWD, path, 0)
}
