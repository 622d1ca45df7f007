// SPDX-License-Identifier: Apache-2.0

// Package sched_getattr tests sched_getattr from Go: what was set by sched_setattr, read back.
package sched_getattr

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("read_back", "root", readBack)
}

func readBack(t *harness.T) {
	p := t.Sleeper(nil)
	for _, set := range []unix.SchedAttr{{Policy: 3, Nice: 5}, {Policy: 2, Priority: 9}, {Policy: 0, Nice: -3, Flags: 1}, {Policy: 5}} {
		set.Size = unix.SizeofSchedAttr
		t.ObserveErr(fmt.Sprint("set policy ", set.Policy), unix.SchedSetAttr(p.Process.Pid, &set, 0))
		got, err := unix.SchedGetAttr(p.Process.Pid, 0)
		t.Must("get", err)
		t.Observe(fmt.Sprint("policy ", set.Policy), "policy %d nice %d priority %d flags %#x", got.Policy, got.Nice, got.Priority, got.Flags)
	}
	p.Process.Kill()
}
