// SPDX-License-Identifier: Apache-2.0

// Package set_tid_address tests set_tid_address from Go: it returns the id of its thread.
package set_tid_address

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("returns_the_thread_id", "", returnsTheThreadID)
}

func returnsTheThreadID(t *harness.T) {
	runtime.LockOSThread()
	r, _, errno := unix.RawSyscall(unix.SYS_SET_TID_ADDRESS, 0, 0, 0)
	t.ObserveErr("set_tid_address", errno)
	t.Equal("result", int(r), unix.Gettid())
}
