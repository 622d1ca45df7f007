// SPDX-License-Identifier: Apache-2.0

// Package sched_getaffinity tests sched_getaffinity from Go: processors of this thread, of a child and of nobody.
package sched_getaffinity

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_a_child", "", ofAChild)
}

func ofAChild(t *harness.T) {
	var mine, theirs unix.CPUSet
	p := t.Sleeper(nil)
	t.Must("own", unix.SchedGetaffinity(0, &mine))
	t.Must("child's", unix.SchedGetaffinity(p.Process.Pid, &theirs))
	t.Equal("masks", theirs, mine)
	t.Observe("processors", "%d", mine.Count())
	t.Errno("nobody", unix.SchedGetaffinity(1<<29, &mine), unix.ESRCH)
	p.Process.Kill()
}
