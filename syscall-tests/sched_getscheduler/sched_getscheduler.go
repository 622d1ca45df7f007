// SPDX-License-Identifier: Apache-2.0

// Package sched_getscheduler tests sched_getscheduler from Go: the policies of this thread and of a child that was changed.
package sched_getscheduler

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_a_child", "", ofAChild)
}

func ofAChild(t *harness.T) {
	p := t.Sleeper(nil)
	pid := uintptr(p.Process.Pid)
	var zero int32
	for _, policy := range []uintptr{3, 5, 0, 3 | 0x40000000} {
		_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, pid, policy, uintptr(unsafe.Pointer(&zero)))
		t.ObserveErr(fmt.Sprintf("set %#x", policy), errno)
		r, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETSCHEDULER, pid, 0, 0)
		t.ObserveRet(fmt.Sprintf("get %#x", policy), int(r), nilIfZero(errno))
	}
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETSCHEDULER, 1<<29, 0, 0)
	t.Errno("nobody", errno, unix.ESRCH)
	p.Process.Kill()
}

func nilIfZero(errno unix.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}
