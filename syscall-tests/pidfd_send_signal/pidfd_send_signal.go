// SPDX-License-Identifier: Apache-2.0

// Package pidfd_send_signal tests pidfd_send_signal from Go: signals by descriptor, to the living, the zombie and the reaped.
package pidfd_send_signal

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("life_of_a_target", "", lifeOfATarget)
}

func lifeOfATarget(t *harness.T) {
	p := t.Sleeper(nil)
	fd, err := unix.PidfdOpen(p.Process.Pid, 0)
	t.Must("pidfd_open", err)
	t.Errno("alive", unix.PidfdSendSignal(fd, 0, nil, 0), 0)
	t.ObserveErr("bad signal", unix.PidfdSendSignal(fd, 99, nil, 0))
	t.ObserveErr("flags", unix.PidfdSendSignal(fd, 0, nil, 1<<10))
	t.Errno("kill", unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0), 0)
	t.Must("waitid", unix.Waitid(unix.P_PIDFD, fd, nil, unix.WEXITED|unix.WNOWAIT, nil))
	t.ObserveErr("zombie", unix.PidfdSendSignal(fd, 0, nil, 0))
	t.Observe("status", "%s", harness.Status(p))
	t.Errno("reaped", unix.PidfdSendSignal(fd, 0, nil, 0), unix.ESRCH)
}
