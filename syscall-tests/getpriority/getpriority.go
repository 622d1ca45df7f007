// SPDX-License-Identifier: Apache-2.0

// Package getpriority tests getpriority from Go: priorities of children by process and by group.
package getpriority

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_children", "", ofChildren)
}

func ofChildren(t *harness.T) {
	a := t.Sleeper(&syscall.SysProcAttr{Setpgid: true})
	b := t.Sleeper(&syscall.SysProcAttr{Setpgid: true, Pgid: a.Process.Pid})
	t.Must("setpriority", unix.Setpriority(unix.PRIO_PROCESS, a.Process.Pid, 15))
	t.Must("setpriority", unix.Setpriority(unix.PRIO_PROCESS, b.Process.Pid, 11))
	n, err := unix.Getpriority(unix.PRIO_PROCESS, a.Process.Pid)
	t.ObserveRet("a", n, err)
	n, err = unix.Getpriority(unix.PRIO_PGRP, a.Process.Pid)
	t.ObserveRet("group", n, err)
	n, err = unix.Getpriority(9, 0)
	t.ObserveRet("bad which", n, err)
	a.Process.Kill()
	b.Process.Kill()
}
