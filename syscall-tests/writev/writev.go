// SPDX-License-Identifier: Apache-2.0

// Package writev tests writev from Go: a large file in pieces of every length, and several callers at once.
package writev

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pieces", "", pieces)
	harness.Case("appends_stay_whole", "", appendsStayWhole)
}

func pieces(t *harness.T) {
	t.WritePieces(call)
}

func appendsStayWhole(t *harness.T) {
	t.AppendRace(func(fd int, p []byte) (int, error) { return call(fd, p, 0) })
}

func vector(fd int, iovs [][]byte, off int64) (int, error) {
	return unix.Writev(fd, iovs)
}

var call = harness.Vectored(vector)
