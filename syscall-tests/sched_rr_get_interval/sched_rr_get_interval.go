// SPDX-License-Identifier: Apache-2.0

// Package sched_rr_get_interval tests sched_rr_get_interval from Go: of a child under each policy, and of nobody.
package sched_rr_get_interval

import (
	"fmt"
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
	for policy := range uintptr(3) {
		prio := int32(min(policy, 1))
		_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, pid, policy, uintptr(unsafe.Pointer(&prio)))
		t.Errno("set", errno, 0)
		var slice unix.Timespec
		_, _, errno = unix.RawSyscall(unix.SYS_SCHED_RR_GET_INTERVAL, pid, uintptr(unsafe.Pointer(&slice)), 0)
		t.ObserveErr(fmt.Sprint("policy ", policy), errno)
		t.Observe(fmt.Sprint("has a slice ", policy), "%t", slice.Nsec > 0)
	}
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_RR_GET_INTERVAL, 1<<29, 0, 0)
	t.Errno("nobody", errno, unix.ESRCH)
	p.Process.Kill()
}
