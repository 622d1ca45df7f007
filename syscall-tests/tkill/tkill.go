// SPDX-License-Identifier: Apache-2.0

// Package tkill tests tkill from Go: the signals that end a process, each sent to its only thread.
package tkill

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("each_signal", "", eachSignal)
}

func eachSignal(t *harness.T) {
	for _, sig := range []unix.Signal{unix.SIGHUP, unix.SIGUSR1, unix.SIGCHLD, unix.SIGURG, unix.SIGVTALRM, unix.SIGIO, 40} {
		p := t.Sleeper(nil)
		_, _, errno := unix.RawSyscall(unix.SYS_TKILL, uintptr(p.Process.Pid), uintptr(sig), 0)
		t.ObserveErr(fmt.Sprintf("send %d", sig), errno)
		// What the first one did not end, this does.
		unix.Kill(p.Process.Pid, unix.SIGTERM)
		t.Observe(fmt.Sprintf("end %d", sig), "%s", harness.Status(p))
	}
}
