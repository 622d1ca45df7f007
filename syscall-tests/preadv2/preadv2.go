// SPDX-License-Identifier: Apache-2.0

// Package preadv2 tests preadv2 from Go: a large file in pieces of every length, and several callers at once.
package preadv2

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

func vector(fd int, iovs [][]byte, off int64) (int, error) {
	return unix.Preadv2(fd, iovs, off, 0)
}

var call = harness.Vectored(vector)
