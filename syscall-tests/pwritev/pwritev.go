// SPDX-License-Identifier: Apache-2.0

// Package pwritev tests pwritev from Go: a large file in pieces of every length, and several callers at once.
package pwritev

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

func vector(fd int, iovs [][]byte, off int64) (int, error) {
	return unix.Pwritev(fd, iovs, off)
}

var call = harness.Vectored(vector)
