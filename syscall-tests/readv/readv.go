// SPDX-License-Identifier: Apache-2.0

// Package readv tests readv from Go: a large file in pieces of every length, and several callers at once.
package readv

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pieces", "", pieces)
}

func pieces(t *harness.T) {
	t.ReadPieces(call)
}

func vector(fd int, iovs [][]byte, off int64) (int, error) {
	return unix.Readv(fd, iovs)
}

var call = harness.Vectored(vector)
