// SPDX-License-Identifier: Apache-2.0

// Package uprobe tests uprobe from Go: threads that are on no trampoline.
package uprobe

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads", "kernel>=6.18", threads)
}

func threads(t *harness.T) {
	t.Observe("ends", "%s", harness.Race(4, func(int) error {
		_, _, e := unix.Syscall(336, 0, 0, 0)
		return e
	}))
}
