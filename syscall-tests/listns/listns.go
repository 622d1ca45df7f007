// SPDX-License-Identifier: Apache-2.0

// Package listns tests listns, a call of Linux 6.19, from Go: threads that call it with nothing.
package listns

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads", "", func(t *harness.T) {
		t.Observe("ends", "%s", harness.Race(4, func(int) error {
			_, _, e := unix.Syscall6(470, 0, 0, 0, 0, 0, 0)
			return e
		}))
	})
}
