// SPDX-License-Identifier: Apache-2.0

// Package landlock_create_ruleset tests the three calls of Landlock from Go, each in its folder: here that threads make rulesets
// of their own.
package landlock_create_ruleset

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads_make_their_own", "", threads)
}

func threads(t *harness.T) {
	ends := harness.Race(4, func(i int) error {
		attr := unix.LandlockRulesetAttr{Handled_access_fs: 1 << i}
		for range 20 {
			fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), 8, 0)
			if e != 0 {
				return e
			}
			if err := unix.Close(int(fd)); err != nil {
				return err
			}
		}
		return nil
	})
	t.Equal("ends", ends, "0 x4")
}
