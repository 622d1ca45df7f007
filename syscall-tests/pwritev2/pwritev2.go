// SPDX-License-Identifier: Apache-2.0

// Package pwritev2 tests pwritev2 from Go: a large file in pieces of every length, and several callers at once.
package pwritev2

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pieces", "", pieces)
	harness.Case("positions_are_apart", "", positionsAreApart)
	harness.Case("appends_stay_whole", "", appendsStayWhole)
}

func pieces(t *harness.T) {
	t.WritePieces(call)
}

func positionsAreApart(t *harness.T) {
	t.PositionsAreApart(call)
}

func appendsStayWhole(t *harness.T) {
	t.AppendRace(func(fd int, p []byte) (int, error) {
		return unix.Pwritev2(fd, [][]byte{p[:50], p[50:]}, 0, unix.RWF_APPEND)
	})
}

func vector(fd int, iovs [][]byte, off int64) (int, error) {
	return unix.Pwritev2(fd, iovs, off, 0)
}

var call = harness.Vectored(vector)
