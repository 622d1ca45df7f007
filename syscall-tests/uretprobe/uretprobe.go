// SPDX-License-Identifier: Apache-2.0

// Package uretprobe tests uretprobe from Go: the end of a process that makes the call without being on the trampoline.
package uretprobe

import (
	"os/signal"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Child("uretprobe.calls", func([]string) int {
		signal.Reset()
		unix.RawSyscall(335, 0, 0, 0)
		return 0
	})
	harness.Case("ends_the_process", "kernel>=6.11", func(t *harness.T) {
		cmd := harness.Command("uretprobe.calls")
		cmd.Stderr = nil // the Go runtime's last words
		t.Observe("child", "%s", harness.Status(cmd))
	})
}
