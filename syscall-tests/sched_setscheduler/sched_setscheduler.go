// SPDX-License-Identifier: Apache-2.0

// Package sched_setscheduler tests sched_setscheduler from Go: the policies by number, with a priority that fits none or some.
package sched_setscheduler

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("policies", "root", policies)
}

func policies(t *harness.T) {
	p := t.Sleeper(nil)
	for policy := range 9 {
		for _, prio := range []int32{0, 1, 99, 100} {
			_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, uintptr(p.Process.Pid), uintptr(policy), uintptr(unsafe.Pointer(&prio)))
			t.ObserveErr(fmt.Sprintf("policy %d priority %d", policy, prio), errno)
		}
	}
	p.Process.Kill()
}
