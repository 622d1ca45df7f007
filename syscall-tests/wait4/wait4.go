// SPDX-License-Identifier: Apache-2.0

// Package wait4 tests wait4 from Go: statuses and usage of children in a row, and what -1 finds.
package wait4

import (
	"os/exec"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("statuses", "", statuses)
	harness.Case("stopped_and_continued", "", stoppedAndContinued)
}

func statuses(t *harness.T) {
	for _, script := range []string{"exit 0", "exit 77", "kill -TERM $$", "kill -KILL $$", "kill -SEGV $$"} {
		cmd := exec.Command("/bin/sh", "-c", script)
		t.Must("start", cmd.Start())
		var st unix.WaitStatus
		var ru unix.Rusage
		pid, err := unix.Wait4(cmd.Process.Pid, &st, 0, &ru)
		t.ObserveErr("wait "+script, err)
		t.Equal("pid", pid, cmd.Process.Pid)
		t.Observe(script, "%s", harness.StatusText(st))
	}
	_, err := unix.Wait4(-1, nil, 0, nil)
	t.Errno("no children", err, unix.ECHILD)
}

func stoppedAndContinued(t *harness.T) {
	p := t.Sleeper(nil)
	var st unix.WaitStatus
	for _, step := range []struct {
		sig     unix.Signal
		options int
	}{{unix.SIGSTOP, unix.WUNTRACED}, {unix.SIGCONT, unix.WCONTINUED}, {unix.SIGKILL, 0}} {
		t.Must("kill", unix.Kill(p.Process.Pid, step.sig))
		_, err := unix.Wait4(p.Process.Pid, &st, step.options, nil)
		t.Must("wait", err)
		t.Observe(harness.SignalName(step.sig), "%s", harness.StatusText(st))
	}
}
