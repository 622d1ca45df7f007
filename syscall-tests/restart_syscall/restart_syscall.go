// SPDX-License-Identifier: Apache-2.0

// Package restart_syscall tests restart_syscall from Go: there is nothing to restart.
package restart_syscall

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("nothing_to_restart", "", nothingToRestart)
}

func nothingToRestart(t *harness.T) {
	runtime.LockOSThread()
	_, _, errno := unix.RawSyscall(unix.SYS_RESTART_SYSCALL, 0, 0, 0)
	t.Errno("restart_syscall", errno, unix.EINTR)
	t.ObserveErr("restart_syscall", errno)
}
