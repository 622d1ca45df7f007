// SPDX-License-Identifier: Apache-2.0

// Package rseq_slice_yield tests rseq_slice_yield, a call of Linux 7.0, from Go: threads that call it with nothing.
package rseq_slice_yield

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads", "", func(t *harness.T) {
		t.Observe("ends", "%s", harness.Race(4, func(int) error {
			_, _, e := unix.Syscall6(471, 0, 0, 0, 0, 0, 0)
			return e
		}))
	})
}
