// SPDX-License-Identifier: Apache-2.0

// Package userfaultfd tests userfaultfd from Go: whether it is allowed for a program without privileges.
package userfaultfd

import (
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("follows_the_sysctl", "root", followsTheSysctl) }

func followsTheSysctl(t *harness.T) {
	b, err := os.ReadFile("/proc/sys/vm/unprivileged_userfaultfd")
	if err == nil && strings.TrimSpace(string(b)) != "0" {
		t.Skip("vm.unprivileged_userfaultfd is set")
	}
	runtime.LockOSThread()
	_, _, e := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534)
	t.Equal("setresuid", e, unix.Errno(0))
	_, _, e = unix.RawSyscall(unix.SYS_USERFAULTFD, 0, 0, 0)
	t.Equal("userfaultfd", e, unix.EPERM)
}
