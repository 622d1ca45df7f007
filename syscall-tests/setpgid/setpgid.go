// SPDX-License-Identifier: Apache-2.0

// Package setpgid tests setpgid from Go: os/exec puts children into groups, before and after.
package setpgid

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("by_exec", "", byExec)
}

func byExec(t *harness.T) {
	own := t.Sleeper(&syscall.SysProcAttr{Setpgid: true})
	joined := t.Sleeper(&syscall.SysProcAttr{Setpgid: true, Pgid: own.Process.Pid})
	for name, p := range map[string]*exec.Cmd{"own": own, "joined": joined} {
		g, err := unix.Getpgid(p.Process.Pid)
		t.Must("getpgid", err)
		t.Equal(name, g, own.Process.Pid)
	}
	t.Errno("after exec", unix.Setpgid(joined.Process.Pid, 0), unix.EACCES)
	t.Errno("negative group", unix.Setpgid(0, -5), unix.EINVAL)
	bad := exec.Command("/bin/true")
	bad.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: 1 << 29}
	t.ObserveErr("no such group", bad.Start())
	own.Process.Kill()
	joined.Process.Kill()
}
