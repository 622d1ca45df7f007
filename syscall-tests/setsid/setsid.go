// SPDX-License-Identifier: Apache-2.0

// Package setsid tests setsid from Go: a child in a session of its own has no terminal and leads its group.
package setsid

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_a_child", "", ofAChild)
}

func ofAChild(t *harness.T) {
	p := t.Sleeper(&syscall.SysProcAttr{Setsid: true})
	sid, err := unix.Getsid(p.Process.Pid)
	t.Must("getsid", err)
	pgid, err := unix.Getpgid(p.Process.Pid)
	t.Must("getpgid", err)
	t.Equal("session", sid, p.Process.Pid)
	t.Equal("group", pgid, p.Process.Pid)
	t.Errno("move a session leader", unix.Setpgid(p.Process.Pid, 0), unix.EPERM)
	_, err = unix.Setsid()
	t.Errno("as a group leader", err, unix.EPERM)
	p.Process.Kill()
	t.Observe("end", "%s", harness.Status(p))
}
