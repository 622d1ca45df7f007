// SPDX-License-Identifier: Apache-2.0

// Package landlock_add_rule tests landlock_add_rule from Go: rules of several threads in one ruleset.
package landlock_add_rule

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads_add_to_one", "", threads)
}

func threads(t *harness.T) {
	attr := unix.LandlockRulesetAttr{Handled_access_fs: unix.LANDLOCK_ACCESS_FS_READ_FILE}
	rules, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), 8, 0)
	if e != 0 {
		t.Must("ruleset", e)
	}
	ends := harness.Race(4, func(i int) error {
		dir := fmt.Sprintf("d%d", i)
		if err := unix.Mkdir(dir, 0o755); err != nil {
			return err
		}
		fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		rule := unix.LandlockPathBeneathAttr{Allowed_access: unix.LANDLOCK_ACCESS_FS_READ_FILE, Parent_fd: int32(fd)}
		_, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, rules, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
		if e != 0 {
			return e
		}
		return unix.Close(fd)
	})
	t.Equal("ends", ends, "0 x4")
}
