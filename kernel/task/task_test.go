// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/platform/fake"
)

func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		name string
		main func(w *world, a *fake.App)
		want int32
	}{
		{"exit_group", func(_ *world, a *fake.App) { a.Syscall(unix.SYS_EXIT_GROUP, 0x103) }, 0x300},
		{"exit", func(_ *world, a *fake.App) { a.Syscall(unix.SYS_EXIT, 7) }, 0x700},
		{"SIGTERM from itself", func(w *world, a *fake.App) {
			w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGTERM); return 0, nil })
		}, 15},
		{"SIGABRT leaves no core without a limit for it", func(w *world, a *fake.App) {
			w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGABRT); return 0, nil })
		}, 6},
		{"fault", func(_ *world, a *fake.App) {
			a.Fault(platform.Event{Signo: abi.SIGSEGV, Code: 1, Addr: 0x123})
		}, 11},
		{"SIGCHLD is ignored", func(w *world, a *fake.App) {
			w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGCHLD); return 0, nil })
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			assert.Equal(t, w.run(func(a *fake.App) { c.main(w, a) }), c.want)
			assert.Equal(t, w.k.TaskCount(), 1, "only init is left")
		})
	}
}

func TestSignalEndsApplicationCode(t *testing.T) {
	w := newWorld(t)
	started := make(chan struct{})
	task, done := w.start(func(a *fake.App) {
		close(started)
		for {
			a.Spin()
		}
	})
	<-started
	info := KernelInfo(abi.SIGINT)
	assert.NilError(t, task.Group().SendSignal(&info))
	assert.Equal(t, w.wait(done), int32(2))
}

func TestSignalEndsSleep(t *testing.T) {
	w := newWorld(t)
	task, done := w.start(func(a *fake.App) {
		w.do(a, func(t *Task) (uint64, error) { return 0, t.Sleep(time.Time{}) })
	})
	parked(task)
	info := KernelInfo(abi.SIGKILL)
	assert.NilError(t, task.Group().SendSignal(&info))
	assert.Equal(t, w.wait(done), int32(9))
}

func TestSleepDeadline(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		r := w.do(a, func(t *Task) (uint64, error) { return 0, t.Sleep(time.Now().Add(time.Millisecond)) })
		assert.Check(t, fake.Errno(r) == unix.ETIMEDOUT)
	})
}

func TestForkExitWait(t *testing.T) {
	w := newWorld(t)
	status := w.run(func(a *fake.App) {
		pid := w.fork(a, 0, func(c *fake.App) {
			if c.Syscall(unix.SYS_GETPPID) == 2 {
				c.Syscall(unix.SYS_EXIT_GROUP, 5)
			}
		})
		got, err := w.waitPid(a, pid, unix.WEXITED)
		assert.Check(t, err == 0)
		assert.Check(t, got.Pid == pid && got.Status == 0x500 && got.Code == abi.CLD_EXITED, "%+v", got)
		_, err = w.waitPid(a, -1, unix.WEXITED)
		assert.Check(t, err == unix.ECHILD)
	})
	assert.Equal(t, status, int32(0))
	assert.Equal(t, w.k.TaskCount(), 1)
}
