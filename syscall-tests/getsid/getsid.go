// SPDX-License-Identifier: Apache-2.0

// Package getsid tests getsid from Go: sessions along a chain of processes.
package getsid

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("chain", "", chain)
}

func chain(t *harness.T) {
	mine, err := unix.Getsid(0)
	t.Must("getsid", err)
	same := t.Sleeper(nil)
	other := t.Sleeper(&syscall.SysProcAttr{Setsid: true})
	s, err := unix.Getsid(same.Process.Pid)
	t.Must("getsid", err)
	t.Equal("child", s, mine)
	s, err = unix.Getsid(other.Process.Pid)
	t.Must("getsid", err)
	t.Equal("leader", s, other.Process.Pid)
	_, err = unix.Getsid(-1)
	t.ObserveErr("-1", err)
	same.Process.Kill()
	other.Process.Kill()
}
