// SPDX-License-Identifier: Apache-2.0

// Package pread64 tests pread64 from Go: a large file in pieces of every length, and several callers at once.
package pread64

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pieces", "", pieces)
	harness.Case("positions_are_apart", "", positionsAreApart)
}

func pieces(t *harness.T) {
	t.ReadPieces(call)
}

func positionsAreApart(t *harness.T) {
	t.PositionsAreApart(call)
}

func call(fd int, p []byte, off int64) (int, error) {
	return harness.Sys(unix.SYS_PREAD64, fd, p, len(p), off)
}
