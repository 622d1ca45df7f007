// SPDX-License-Identifier: Apache-2.0

// Package sched_setparam tests sched_setparam from Go: the priority within a policy that stays.
package sched_setparam

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("within_a_policy", "root", withinAPolicy)
}

func withinAPolicy(t *harness.T) {
	p := t.Sleeper(nil)
	pid := uintptr(p.Process.Pid)
	for _, policy := range []uintptr{0, 2} {
		first := int32(policy)
		_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, pid, policy, uintptr(unsafe.Pointer(&first)))
		t.ObserveErr(fmt.Sprint("policy ", policy), errno)
		for _, prio := range []int32{-1, 0, 1, 99, 100} {
			_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETPARAM, pid, uintptr(unsafe.Pointer(&prio)), 0)
			t.ObserveErr(fmt.Sprintf("policy %d priority %d", policy, prio), errno)
		}
	}
	p.Process.Kill()
}
