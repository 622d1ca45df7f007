// SPDX-License-Identifier: Apache-2.0

// Package pwrite64 tests pwrite64 from Go: a large file in pieces of every length, and several callers at once.
package pwrite64

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pieces", "", pieces)
	harness.Case("positions_are_apart", "", positionsAreApart)
}

func pieces(t *harness.T) {
	t.WritePieces(call)
}

func positionsAreApart(t *harness.T) {
	t.PositionsAreApart(call)
}

func call(fd int, p []byte, off int64) (int, error) {
	return harness.Sys(unix.SYS_PWRITE64, fd, p, len(p), off)
}
