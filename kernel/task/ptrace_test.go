// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform/fake"
)

// waitStop waits for a child or tracee to stop or end, and returns its status.
func (w *world) waitStop(a *fake.App, pid int32) int32 {
	w.t.Helper()
	got, errno := w.waitPid(a, pid, unix.WEXITED|unix.WALL)
	assert.Equal(w.t, errno, unix.Errno(0))
	assert.Equal(w.t, got.Pid, pid)
	return got.Status
}

// withTracee has the tracer call f with its tracee frozen.
func (w *world) withTracee(a *fake.App, pid int32, f func(x Tracee)) unix.Errno {
	return fake.Errno(w.do(a, func(t *Task) (uint64, error) {
		x, err := t.Tracee(pid)
		if err != nil {
			return 0, err
		}
		defer x.Release()
		f(x)
		return 0, nil
	}))
}

func (w *world) traceMe(a *fake.App) {
	w.do(a, func(t *Task) (uint64, error) { return 0, t.TraceMe() })
}

const stopped = 0x7f

func TestTraceeStopsForSignals(t *testing.T) {
	w := newWorld(t)
	status := w.run(func(a *fake.App) {
		pid := w.fork(a, 0, func(a *fake.App) {
			w.traceMe(a)
			w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGTERM); return 0, nil })
			a.Syscall(unix.SYS_EXIT_GROUP, 5)
		})
		assert.Equal(t, w.waitStop(a, pid), int32(abi.SIGTERM<<8|stopped))
		errno := w.withTracee(a, pid, func(x Tracee) {
			info, err := x.SigInfo()
			assert.NilError(t, err)
			assert.Equal(t, info.Signo, int32(abi.SIGTERM))
			x.Resume(Resume{}, 0)
		})
		assert.Equal(t, errno, unix.Errno(0))
		assert.Equal(t, w.waitStop(a, pid), int32(5<<8))
		assert.Equal(t, w.withTracee(a, pid, func(Tracee) {}), unix.ESRCH)
	})
	assert.Equal(t, status, int32(0))
}

// A tracer that works on its tracee keeps it from running, even from dying.
func TestKillWaitsForTheTracer(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		pid := w.fork(a, 0, func(a *fake.App) {
			w.traceMe(a)
			w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGUSR1); return 0, nil })
		})
		w.waitStop(a, pid)
		victim := w.k.Lookup(pid)
		errno := w.withTracee(a, pid, func(x Tracee) {
			info := KernelInfo(abi.SIGKILL)
			assert.NilError(t, victim.Group().SendSignal(&info))
			parked(victim)
			r := x.Regs()
			assert.NilError(t, x.SetRegs(&r))
		})
		assert.Equal(t, errno, unix.Errno(0))
		assert.Equal(t, w.waitStop(a, pid), int32(abi.SIGKILL))
	})
}

// What others want of a task (Call) is done in a ptrace-stop as well.
func TestCallInAStop(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		pid := w.fork(a, 0, func(a *fake.App) {
			w.traceMe(a)
			w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGUSR1); return 0, nil })
		})
		w.waitStop(a, pid)
		for range 100 {
			done := make(chan struct{})
			assert.Assert(t, w.k.Lookup(pid).Call(func() { close(done) }))
			errno := w.withTracee(a, pid, func(Tracee) {})
			assert.Equal(t, errno, unix.Errno(0))
			<-done
		}
		w.withTracee(a, pid, func(x Tracee) { x.Detach(0) })
		assert.Equal(t, w.waitStop(a, pid), int32(0))
	})
}

// Tracees of a tracer that dies go on, or die with it.
func TestTracerDies(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options uint64
		status  int32
	}{
		{"lets go", 0, 7 << 8},
		{"kills", unix.PTRACE_O_EXITKILL, int32(abi.SIGKILL)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.run(func(a *fake.App) {
				pid := w.fork(a, 0, func(a *fake.App) {
					w.handler(a, abi.SIGUSR1, 0, func(*fake.App) {})
					w.do(a, func(t *Task) (uint64, error) { return 0, t.Pause() })
					a.Syscall(unix.SYS_EXIT_GROUP, 7)
				})
				tracee := w.k.Lookup(pid)
				parked(tracee)
				tracer := w.fork(a, 0, func(a *fake.App) {
					errno := fake.Errno(w.do(a, func(t *Task) (uint64, error) { return 0, t.Attach(pid, true, tt.options) }))
					assert.Equal(t, errno, unix.Errno(0))
					w.do(a, func(t *Task) (uint64, error) { return 0, t.Interrupt(pid) })
					assert.Equal(t, w.waitStop(a, pid), int32(unix.PTRACE_EVENT_STOP<<16|abi.SIGTRAP<<8|stopped))
					assert.Equal(t, tracee.TracerID(), w.k.Lookup(pid).pt.tracer.ProcessID())
				})
				assert.Equal(t, w.waitStop(a, tracer), int32(0))
				assert.Equal(t, tracee.TracerID(), int32(0))
				if tt.options == 0 {
					// It goes back to its pause. A signal that comes after the kernel has decided that, and before it is there,
					// is handled first, and the pause lasts, as on Linux.
					parked(tracee)
				}
				w.kill(a, pid, abi.SIGUSR1)
				assert.Equal(t, w.waitStop(a, pid), tt.status)
			})
		})
	}
}
