// SPDX-License-Identifier: Apache-2.0

// Package sched_getparam tests sched_getparam from Go: the priority of a child, before and after.
package sched_getparam

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_a_child", "root", ofAChild)
}

func ofAChild(t *harness.T) {
	p := t.Sleeper(nil)
	pid := uintptr(p.Process.Pid)
	for _, want := range []int32{1, 50, 99} {
		prio, got := want, int32(-1)
		_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, pid, 2, uintptr(unsafe.Pointer(&prio)))
		t.Errno("set", errno, 0)
		_, _, errno = unix.RawSyscall(unix.SYS_SCHED_GETPARAM, pid, uintptr(unsafe.Pointer(&got)), 0)
		t.Errno("get", errno, 0)
		t.Equal("priority", got, want)
	}
	p.Process.Kill()
}
