// SPDX-License-Identifier: Apache-2.0

// Package pause tests pause from Go: a child that pauses sleeps until each of several signals.
package pause

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("ended_by_signals", "", endedBySignals)
	harness.Child("pause.child", func([]string) int {
		fmt.Println("up")
		unix.Pause()
		return 3
	})
}

func endedBySignals(t *harness.T) {
	for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGKILL, unix.SIGINT} {
		cmd := harness.Command("pause.child")
		out, err := cmd.StdoutPipe()
		t.Must("pipe", err)
		t.Must("start", cmd.Start())
		out.Read(make([]byte, 1))
		t.Must("kill", unix.Kill(cmd.Process.Pid, sig))
		t.Observe(harness.SignalName(sig), "%s", harness.Status(cmd))
	}
}
