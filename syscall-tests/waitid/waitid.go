// SPDX-License-Identifier: Apache-2.0

// Package waitid tests waitid from Go: a pidfd is waited for, and what stands in the siginfo.
package waitid

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("by_pidfd", "", byPidfd)
	harness.Case("id_types", "", idTypes)
}

func byPidfd(t *harness.T) {
	p := t.Sleeper(nil)
	fd, err := unix.PidfdOpen(p.Process.Pid, 0)
	t.Must("pidfd_open", err)
	t.Must("signal", unix.PidfdSendSignal(fd, unix.SIGTERM, nil, 0))
	var info unix.Siginfo
	t.Must("look", unix.Waitid(unix.P_PIDFD, fd, &info, unix.WEXITED|unix.WNOWAIT, nil))
	t.Observe("look", "signo %d code %d", info.Signo, info.Code)
	t.Must("reap", unix.Waitid(unix.P_PIDFD, fd, &info, unix.WEXITED, nil))
	t.Errno("again", unix.Waitid(unix.P_PIDFD, fd, &info, unix.WEXITED, nil), unix.ECHILD)
}

func idTypes(t *harness.T) {
	for kind := 0; kind < 6; kind++ {
		for _, options := range []int{0, unix.WEXITED, unix.WSTOPPED, unix.WNOHANG, unix.WEXITED | unix.WNOHANG, 1 << 20} {
			err := unix.Waitid(kind, 1<<30, nil, options, nil)
			t.ObserveErr(fmt.Sprintf("type %d options %#x", kind, options), err)
		}
	}
}
