// SPDX-License-Identifier: Apache-2.0

// Package fchdir tests fchdir from Go: to and fro by descriptors.
package fchdir

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("to_and_fro", "", toAndFro)
}

func toAndFro(t *harness.T) {
	t.Put("a/", "a/here", "b/", "b/there")
	a, b := t.FD("a", unix.O_RDONLY|unix.O_DIRECTORY), t.FD("b", unix.O_PATH)
	var got []string
	for _, fd := range []int{a, b, a, b} {
		t.Must("fchdir", harness.Err(unix.SYS_FCHDIR, fd))
		got = append(got, harness.Tree(".")...)
	}
	t.Diff("entries", got, []string{`here "a/here"`, `there "b/there"`, `here "a/here"`, `there "b/there"`})
	t.Tries(
		harness.Try("bad", unix.EBADF, harness.Err(unix.SYS_FCHDIR, -1)),
		harness.Try("file", unix.ENOTDIR, harness.Err(unix.SYS_FCHDIR, t.FD("there", unix.O_RDONLY))),
	)
}
