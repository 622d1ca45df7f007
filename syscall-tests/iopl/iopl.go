// SPDX-License-Identifier: Apache-2.0

// Package iopl tests iopl from Go: an unprivileged program gets no access to I/O ports.
package iopl

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("unprivileged", "root", unprivileged) }

func unprivileged(t *harness.T) {
	runtime.LockOSThread()
	_, _, e := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534)
	t.Equal("setresuid", e, unix.Errno(0))
	_, _, e = unix.RawSyscall(unix.SYS_IOPL, 3, 1, 1)
	t.Check(e == unix.EPERM || e == unix.ENOSYS, "iopl: %v", e)
	t.Observe("answer", "%s", harness.ErrnoName(e))
}
