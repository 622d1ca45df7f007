// SPDX-License-Identifier: Apache-2.0

// Package linkat tests linkat from Go: one of many gets the name, the count of links, and its errors.
package linkat

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_wins", "", oneWins)
	harness.Case("counts", "", counts)
	harness.Case("errors", "", errors)
}

func oneWins(t *harness.T) {
	t.Put("f")
	t.Equal("ends", harness.Race(8, func(int) error { return call("f", "g") }), "0 x1, EEXIST x7")
}

func counts(t *harness.T) {
	t.Put("f")
	t.Equal("ends", harness.Race(20, func(i int) error { return call("f", fmt.Sprint("g", i)) }), "0 x20")
	var st unix.Stat_t
	t.Must("stat", unix.Stat("g7", &st))
	t.Equal("links", st.Nlink, uint64(21))
	t.Equal("ends", harness.Race(20, func(i int) error { return unix.Unlink(fmt.Sprint("g", i)) }), "0 x20")
	t.Must("stat", unix.Stat("f", &st))
	t.Equal("links", st.Nlink, uint64(1))
}

func errors(t *harness.T) {
	t.Put("file", "dir/", "loop -> loop", "dangling -> nowhere")
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing", "new")),
		harness.Try("directory", unix.EPERM, call("dir", "new")),
		harness.Try("existing", unix.EEXIST, call("file", "dir")),
		harness.Try("itself", unix.EEXIST, call("file", "file")),
		harness.Try("over a dangling link", unix.EEXIST, call("file", "dangling")),
		harness.Try("to nowhere", unix.ENOENT, call("file", "missing/new")),
		harness.Try("below a file", unix.ENOTDIR, call("file", "file/new")),
		harness.Try("of a link itself", 0, call("dangling", "dangling2")),
		harness.Try("of a loop itself", 0, call("loop", "loop2")),
		harness.Try("from another file system", unix.EXDEV, call("/proc/version", "v")),
	)
	t.Diff("tree", harness.Tree("."), []string{"dangling -> nowhere", "dangling2 -> nowhere", "dir/", "file", "loop -> loop", "loop2 -> loop"})
}

func call(from, to string) error {
	return harness.Err(unix.SYS_LINKAT, unix.AT_FDCWD, from, unix.AT_FDCWD, to, 0)
}
