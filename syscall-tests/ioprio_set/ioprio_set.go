// SPDX-License-Identifier: Apache-2.0

// Package ioprio_set tests ioprio_set from Go: classes for a child and for nobody.
package ioprio_set

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_a_child", "root", ofAChild)
}

func ofAChild(t *harness.T) {
	p := t.Sleeper(nil)
	for _, prio := range []uintptr{0x4000, 0x4007, 0x6000, 0x2001, 0x2008, 0x8000, 1} {
		_, _, errno := unix.RawSyscall(unix.SYS_IOPRIO_SET, 1, uintptr(p.Process.Pid), prio)
		t.ObserveErr(fmt.Sprintf("set %#x", prio), errno)
		r, _, errno := unix.RawSyscall(unix.SYS_IOPRIO_GET, 1, uintptr(p.Process.Pid), 0)
		t.Errno("get", errno, 0)
		t.Observe(fmt.Sprintf("get %#x", prio), "%#x", r)
	}
	_, _, errno := unix.RawSyscall(unix.SYS_IOPRIO_SET, 1, 1<<29, 0x4004)
	t.Errno("nobody", errno, unix.ESRCH)
	p.Process.Kill()
}
