// SPDX-License-Identifier: Apache-2.0

// Package kill tests kill from Go: a whole pipeline is one process group, and one signal ends it.
package kill

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("group_of_a_pipeline", "", groupOfAPipeline)
}

func groupOfAPipeline(t *harness.T) {
	first := t.Sleeper(&syscall.SysProcAttr{Setpgid: true})
	second := t.Sleeper(&syscall.SysProcAttr{Setpgid: true, Pgid: first.Process.Pid})
	outside := t.Sleeper(nil)
	t.Must("kill", unix.Kill(-first.Process.Pid, unix.SIGINT))
	t.Observe("first", "%s", harness.Status(first))
	t.Observe("second", "%s", harness.Status(second))
	t.Errno("empty group", unix.Kill(-first.Process.Pid, 0), unix.ESRCH)
	t.Errno("outside", unix.Kill(outside.Process.Pid, 0), 0)
	t.Must("kill outside", outside.Process.Kill())
	t.Observe("outside", "%s", harness.Status(outside))
}
