// SPDX-License-Identifier: Apache-2.0

// Package clone tests clone from Go: os/exec with the clone flags that it lets one set.
package clone

import (
	"fmt"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("flags_of_exec", "", flagsOfExec)
}

func flagsOfExec(t *harness.T) {
	for _, flags := range []uintptr{0, unix.CLONE_IO, unix.CLONE_SYSVSEM, unix.CLONE_IO | unix.CLONE_SYSVSEM} {
		cmd := exec.Command("/bin/sh", "-c", "exit 6")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
		t.Observe(fmt.Sprintf("flags %#x", flags), "%s", harness.Status(cmd))
	}
	fd := -1
	cmd := exec.Command("/bin/sh", "-c", "exit 7")
	cmd.SysProcAttr = &syscall.SysProcAttr{PidFD: &fd}
	t.Must("start", cmd.Start())
	t.Check(fd >= 0, "no pidfd")
	t.Observe("with a pidfd", "%s", harness.Status(cmd))
}
