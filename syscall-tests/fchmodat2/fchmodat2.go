// SPDX-License-Identifier: Apache-2.0

// Package fchmodat2 tests fchmodat2 from Go: all bits come back.
package fchmodat2

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("modes", "root kernel>=6.6", modes)
}

func modes(t *harness.T) {
	t.Put("file", "dir/", "link -> file", "dangling -> nowhere")
	for mode := range 0o10000 {
		if mode%7 != 0 {
			continue
		}
		t.Must("chmod", call("file", mode))
		var st unix.Stat_t
		t.Must("stat", unix.Stat("file", &st))
		if int(st.Mode) != unix.S_IFREG|mode {
			t.Fatalf("mode %#o, want %#o", st.Mode, mode)
		}
	}
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing", 0)),
		harness.Try("dangling", unix.ENOENT, call("dangling", 0)),
		harness.Try("below a file", unix.ENOTDIR, call("file/x", 0)),
		harness.Try("link", 0, call("link", 0o4600)),
		harness.Try("directory", 0, call("dir", 0o1777)),
	)
	t.Diff("tree", harness.Tree("."), []string{"dangling -> nowhere", "dir/ 01777", "file 04600", "link -> file"})
}

func call(path string, mode int) error {
	return harness.Err(unix.SYS_FCHMODAT2, unix.AT_FDCWD, path, mode, 0)
}
