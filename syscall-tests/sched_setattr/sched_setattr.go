// SPDX-License-Identifier: Apache-2.0

// Package sched_setattr tests sched_setattr from Go: values that do not fit.
package sched_setattr

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("misfits", "root", misfits)
}

func misfits(t *harness.T) {
	p := t.Sleeper(nil)
	for i, set := range []unix.SchedAttr{{Policy: 2}, {Policy: 2, Priority: 100}, {Policy: 0, Priority: 1}, {Policy: 4}, {Policy: 77}, {Flags: 1 << 30}, {Policy: 6}, {Policy: 6, Runtime: 10, Deadline: 5, Period: 5}} {
		set.Size = unix.SizeofSchedAttr
		t.ObserveErr(fmt.Sprint(i), unix.SchedSetAttr(p.Process.Pid, &set, 0))
	}
	t.Errno("nobody", unix.SchedSetAttr(1<<29, &unix.SchedAttr{Size: unix.SizeofSchedAttr}, 0), unix.ESRCH)
	p.Process.Kill()
}
