// SPDX-License-Identifier: Apache-2.0

// Package landlock_restrict_self tests landlock_restrict_self from Go: a child that shuts itself in, and its parent, which is not.
package landlock_restrict_self

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Child("landlock_restrict_self.restricted", restricted)
	harness.Case("child_shuts_itself_in", "", child)
}

// restricted ends with 0 if it can read what it could before, and write nothing; else with the step that went wrong.
func restricted([]string) int {
	runtime.LockOSThread()
	attr := unix.LandlockRulesetAttr{Handled_access_fs: unix.LANDLOCK_ACCESS_FS_WRITE_FILE}
	rules, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), 8, 0)
	if e != 0 {
		return 1
	}
	if unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != nil {
		return 2
	}
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0, 0); e != 0 {
		return 3
	}
	if fd, err := unix.Open("f", unix.O_RDONLY, 0); err != nil || unix.Close(fd) != nil {
		return 4
	}
	if _, err := unix.Open("f", unix.O_WRONLY, 0); err != unix.EACCES {
		return 5
	}
	return 0
}

func child(t *harness.T) {
	t.Must("write", os.WriteFile("f", []byte("x"), 0o644))
	t.Observe("child", "%s", harness.Status(harness.Command("landlock_restrict_self.restricted")))
	t.Must("write after", os.WriteFile("f", []byte("y"), 0o644))
}
