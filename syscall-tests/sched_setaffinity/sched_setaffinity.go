// SPDX-License-Identifier: Apache-2.0

// Package sched_setaffinity tests sched_setaffinity from Go: a program that is started on one processor counts one.
package sched_setaffinity

import (
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("nproc", "", nproc)
}

func nproc(t *harness.T) {
	runtime.LockOSThread()
	var all, one unix.CPUSet
	t.Must("get", unix.SchedGetaffinity(0, &all))
	for cpu := range 1024 {
		if all.IsSet(cpu) {
			one.Set(cpu)
			break
		}
	}
	t.Must("set", unix.SchedSetaffinity(0, &one))
	out, err := exec.Command("nproc").Output()
	t.ObserveErr("nproc", err)
	t.Observe("output", "%s", out)
	t.Must("set back", unix.SchedSetaffinity(0, &all))
	t.Errno("none", unix.SchedSetaffinity(0, &unix.CPUSet{}), unix.EINVAL)
}
