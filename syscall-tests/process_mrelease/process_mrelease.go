// SPDX-License-Identifier: Apache-2.0

// Package process_mrelease tests process_mrelease from Go: what the descriptor of a program in another process allows.
package process_mrelease

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Child("process_mrelease.waiter", func([]string) int {
		var b [1]byte
		_, _ = syscall.Read(0, b[:])
		return 0
	})
	harness.Case("a_program", "kernel>=5.15", aProgram)
}

func release(fd int) error {
	_, _, e := unix.Syscall(unix.SYS_PROCESS_MRELEASE, uintptr(fd), 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

func aProgram(t *harness.T) {
	cmd := harness.Command("process_mrelease.waiter")
	stdin, err := cmd.StdinPipe()
	t.Must("pipe", err)
	t.Must("start", cmd.Start())
	fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	t.Must("pidfd_open", err)
	t.Errno("alive", release(fd), unix.EINVAL)
	stdin.Close()
	t.Observe("end", "%s", harness.Status(cmd))
	t.Errno("waited for", release(fd), unix.ESRCH)
}
