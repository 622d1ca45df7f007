// SPDX-License-Identifier: Apache-2.0

// Package tgkill tests tgkill from Go: a signal to one thread of this process comes by the runtime's handler.
package tgkill

import (
	"os"
	"os/signal"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("to_this_thread", "", toThisThread)
	harness.Case("wrong_group", "", wrongGroup)
}

func toThisThread(t *harness.T) {
	runtime.LockOSThread()
	c := make(chan os.Signal, 4)
	signal.Notify(c, unix.SIGUSR1, unix.SIGUSR2)
	t.Must("tgkill", unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.SIGUSR1))
	t.Observe("first", "%v", <-c)
	t.Must("tgkill", unix.Tgkill(unix.Getpid(), unix.Getpid(), unix.SIGUSR2))
	t.Observe("second", "%v", <-c)
}

func wrongGroup(t *harness.T) {
	p := t.Sleeper(nil)
	t.Errno("our group, its thread", unix.Tgkill(unix.Getpid(), p.Process.Pid, 0), unix.ESRCH)
	t.Errno("its group, our thread", unix.Tgkill(p.Process.Pid, unix.Getpid(), 0), unix.ESRCH)
	t.Errno("right", unix.Tgkill(p.Process.Pid, p.Process.Pid, unix.SIGKILL), 0)
	t.Observe("end", "%s", harness.Status(p))
}
