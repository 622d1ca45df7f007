// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
	is "gotest.tools/v3/assert/cmp"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/platform/fake"
)

// TestRestart has every rule of signal(7), "Interruption of system calls": a
// call sleeps, is interrupted, and either is made again (and then answers 42)
// or answers EINTR.
func TestRestart(t *testing.T) {
	const again = 42
	for _, c := range []struct {
		name    string
		code    unix.Errno
		handler bool
		flags   uint64
		want    uint64
	}{
		{"ERESTARTSYS without a handler", abi.ERESTARTSYS, false, 0, again},
		{"ERESTARTSYS with a handler", abi.ERESTARTSYS, true, 0, errnoResult(unix.EINTR)},
		{"ERESTARTSYS with SA_RESTART", abi.ERESTARTSYS, true, SA_RESTART, again},
		{"ERESTARTNOHAND without a handler", abi.ERESTARTNOHAND, false, 0, again},
		{"ERESTARTNOHAND with a handler", abi.ERESTARTNOHAND, true, 0, errnoResult(unix.EINTR)},
		{"ERESTARTNOHAND with SA_RESTART", abi.ERESTARTNOHAND, true, SA_RESTART, errnoResult(unix.EINTR)},
		{"ERESTARTNOINTR without a handler", abi.ERESTARTNOINTR, false, 0, again},
		{"ERESTARTNOINTR with a handler", abi.ERESTARTNOINTR, true, 0, again},
		{"ERESTART_RESTARTBLOCK without a handler", abi.ERESTART_RESTARTBLOCK, false, 0, 43},
		{"ERESTART_RESTARTBLOCK with a handler", abi.ERESTART_RESTARTBLOCK, true, 0, errnoResult(unix.EINTR)},
		{"ERESTART_RESTARTBLOCK with SA_RESTART", abi.ERESTART_RESTARTBLOCK, true, SA_RESTART, errnoResult(unix.EINTR)},
		{"EINTR is EINTR", unix.EINTR, true, SA_RESTART, errnoResult(unix.EINTR)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			var got uint64
			handled, calls := 0, 0
			task, done := w.start(func(a *fake.App) {
				if c.handler {
					w.handler(a, abi.SIGUSR1, c.flags, func(*fake.App) { handled++ })
				}
				got = w.do(a, func(t *Task) (uint64, error) {
					if calls++; calls > 1 {
						return again, nil
					}
					t.SetRestartBlock(func(*Task) (uint64, error) { return again + 1, nil })
					for t.Sleep(time.Time{}) == nil {
					}
					return 0, c.code
				})
			})
			parked(task)
			if c.handler {
				info := KernelInfo(abi.SIGUSR1)
				assert.NilError(t, task.SendSignal(&info))
			} else {
				// Not to be handled, but to be looked at.
				assert.Assert(t, task.Call(func() {}))
			}
			assert.Equal(t, w.wait(done), int32(0))
			assert.Equal(t, got, c.want)
			if c.handler {
				assert.Equal(t, handled, 1)
			}
		})
	}
}

func TestRestartBlockIsForOneRestart(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		assert.Check(t, fake.Errno(a.Syscall(unix.SYS_RESTART_SYSCALL)) == unix.EINTR)
	})
}

// queue sends a signal to the caller itself.
func queue(t *Task, signo int, code int32, value uint64) error {
	info := abi.SigInfo{Signo: int32(signo), Code: code}
	info.SetValue(value)
	return t.Group().SendSignal(&info)
}

type sent struct {
	signo int
	value uint64
}

func TestQueueing(t *testing.T) {
	for _, c := range []struct {
		name string
		send []sent
		want []sent
	}{
		{"a standard signal is kept once", []sent{{10, 1}, {10, 2}}, []sent{{10, 1}}},
		{"a real-time signal each time, in order", []sent{{34, 1}, {34, 2}, {34, 3}}, []sent{{34, 1}, {34, 2}, {34, 3}}},
		{"the lowest number first", []sent{{35, 1}, {34, 2}, {12, 3}, {10, 4}}, []sent{{10, 4}, {12, 3}, {34, 2}, {35, 1}}},
		{"what the code did before all else", []sent{{2, 1}, {11, 2}}, []sent{{11, 2}, {2, 1}}},
		{"SIGCONT takes back stops", []sent{{20, 1}, {19, 2}, {18, 3}}, []sent{{18, 3}}},
		{"a stop takes back SIGCONT", []sent{{18, 1}, {20, 2}}, []sent{{20, 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.run(func(a *fake.App) {
				var got []sent
				w.do(a, func(t *Task) (uint64, error) {
					t.SetBlocked(^SigSet(0))
					for _, s := range c.send {
						if s.signo != abi.SIGSTOP {
							_ = queue(t, s.signo, abi.SI_QUEUE, s.value)
						}
					}
					var info abi.SigInfo
					for t.DequeueSignal(^SigSet(0), &info) {
						got = append(got, sent{int(info.Signo), info.Value()})
					}
					return 0, nil
				})
				assert.Check(t, is.DeepEqual(got, c.want, cmp.AllowUnexported(sent{})))
			})
		})
	}
}

func TestPendingLimit(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		w.do(a, func(tk *Task) (uint64, error) {
			tk.SetBlocked(^SigSet(0))
			_ = tk.Group().ChangeLimit(unix.RLIMIT_SIGPENDING, func(Limit) error { return nil }, Limit{2, 2})
			assert.Check(t, queue(tk, 34, abi.SI_QUEUE, 1))
			assert.Check(t, queue(tk, 34, abi.SI_QUEUE, 2))
			assert.Check(t, queue(tk, 34, abi.SI_QUEUE, 3) == unix.EAGAIN)
			assert.Check(t, queue(tk, 35, abi.SI_USER, 0), "kill loses the siginfo, not the signal")
			assert.Check(t, queue(tk, 10, abi.SI_USER, 0), "nor do standard signals fail")
			var info abi.SigInfo
			assert.Check(t, tk.DequeueSignal(SigBit(34), &info))
			assert.Check(t, tk.DequeueSignal(SigBit(10), &info))
			assert.Check(t, queue(tk, 34, abi.SI_QUEUE, 3), "room again")
			return 0, nil
		})
	})
}

func TestIgnoredSignals(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		w.do(a, func(tk *Task) (uint64, error) {
			tk.SetAction(abi.SIGUSR1, SigAction{Handler: SigIgn})
			_ = queue(tk, abi.SIGUSR1, 0, 0)
			assert.Check(t, !tk.HasSignal(SigBit(abi.SIGUSR1)), "dropped when sent")
			tk.SetBlocked(SigBit(abi.SIGUSR1) | SigBit(abi.SIGUSR2))
			_ = queue(tk, abi.SIGUSR1, 0, 0)
			assert.Check(t, tk.HasSignal(SigBit(abi.SIGUSR1)), "kept while blocked")
			_ = queue(tk, abi.SIGUSR2, 0, 0)
			tk.SetAction(abi.SIGUSR2, SigAction{Handler: SigIgn})
			assert.Check(t, !tk.HasSignal(SigBit(abi.SIGUSR2)), "dropped when it becomes ignored")
			assert.Equal(t, tk.PendingSignals(), SigBit(abi.SIGUSR1))
			return 0, nil
		})
	})
}

func TestHandlerFrame(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		var frame struct {
			sp, uc, mask, oldRSP, fp, trap, cr2 uint64
			signo, code                         uint32
			addr                                uint64
			xcw                                 byte
			flags, link                         uint64
		}
		var during, after SigSet
		w.handler(a, abi.SIGSEGV, SA_SIGINFO, func(a *fake.App) {
			r := *a.Regs()
			frame.sp, frame.uc = r.Rsp, r.Rdx
			frame.signo, frame.code = uint32(a.Get32(r.Rsi)), uint32(a.Get32(r.Rsi+8))
			frame.addr = a.Get64(r.Rsi + 16)
			frame.flags, frame.link = a.Get64(r.Rdx), a.Get64(r.Rdx+8)
			mc := r.Rdx + 40
			frame.oldRSP = a.Get64(mc + 15*8)
			frame.trap, frame.cr2 = a.Get64(mc+160), a.Get64(mc+176)
			frame.fp = a.Get64(mc + 184)
			frame.mask = a.Get64(mc + 256)
			frame.xcw = a.FP()[0]
			w.do(a, func(t *Task) (uint64, error) { during = t.Blocked(); return 0, nil })
			a.FP()[0] = 0xee // lost again when the handler returns
		})
		a.FP()[0] = 0x5a
		w.do(a, func(t *Task) (uint64, error) { t.SetBlocked(SigBit(abi.SIGUSR1)); return 0, nil })
		rsp := a.Regs().Rsp
		a.Fault(platform.Event{Signo: abi.SIGSEGV, Code: 1, Addr: 0xabc, TrapNo: 14, ErrCode: 6, CR2: 0xabc})
		w.do(a, func(t *Task) (uint64, error) { after = t.Blocked(); return 0, nil })

		assert.Check(t, frame.sp%16 == 8, "as after a call")
		assert.Equal(t, frame.sp+8, frame.uc)
		assert.Equal(t, frame.oldRSP, rsp)
		assert.Check(t, frame.fp%64 == 0 && frame.fp+fake.FPSize <= rsp-128, "below the red zone")
		assert.Check(t, frame.sp+arch.FrameSize <= frame.fp)
		assert.Equal(t, frame.signo, uint32(11))
		assert.Equal(t, frame.code, uint32(1))
		assert.Equal(t, frame.addr, uint64(0xabc))
		assert.Equal(t, frame.trap, uint64(14))
		assert.Equal(t, frame.cr2, uint64(0xabc))
		assert.Equal(t, frame.flags, uint64(7))
		assert.Equal(t, frame.link, uint64(0))
		assert.Equal(t, frame.mask, uint64(SigBit(abi.SIGUSR1)))
		assert.Equal(t, during, SigBit(abi.SIGUSR1)|SigBit(abi.SIGSEGV))
		assert.Equal(t, after, SigBit(abi.SIGUSR1))
		assert.Equal(t, frame.xcw, byte(0x7f), "a handler starts with the initial control word")
		assert.Equal(t, a.FP()[0], byte(0x5a), "and the old state comes back")
		assert.Equal(t, a.Regs().Rsp, rsp)
	})
}

func TestAltStack(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name        string
		size        int
		flags       uint64
		autodisarm  bool
		wantOnStack bool
		wantStatus  int32
	}{
		{"used with SA_ONSTACK", 8192, SA_ONSTACK, false, true, 0},
		{"not without", 8192, 0, false, false, 0},
		{"disarmed", 8192, SA_ONSTACK, true, true, 0},
		{"too small for the frame", 700, SA_ONSTACK, false, false, 11},
	} {
		t.Run(c.name, func(t *testing.T) {
			status := w.run(func(a *fake.App) {
				stack := a.Alloc(c.size)
				s := arch.AltStack{Addr: stack, Size: uint64(c.size)}
				if c.autodisarm {
					s.Flags = arch.SS_AUTODISARM
				}
				var during, after arch.AltStack
				var sp uint64
				w.handler(a, abi.SIGUSR1, c.flags, func(a *fake.App) {
					sp = a.Regs().Rsp
					w.do(a, func(t *Task) (uint64, error) { during = t.AltStack(); return 0, nil })
				})
				w.do(a, func(t *Task) (uint64, error) { return 0, t.SetAltStack(s, 0, 0) })
				w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGUSR1); return 0, nil })
				w.do(a, func(t *Task) (uint64, error) { after = t.AltStack(); return 0, nil })
				assert.Check(t, (sp > stack && sp < stack+uint64(c.size)) == c.wantOnStack)
				if c.autodisarm {
					assert.Check(t, during.Size == 0)
				} else {
					assert.Check(t, during == s)
				}
				assert.Check(t, after == s)
			})
			assert.Equal(t, status, c.wantStatus)
		})
	}
}

func TestResetHandAndNoDefer(t *testing.T) {
	w := newWorld(t)
	n := 0
	status := w.run(func(a *fake.App) {
		w.handler(a, abi.SIGUSR1, SA_RESETHAND|SA_NODEFER, func(a *fake.App) {
			n++
			w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGUSR1); return 0, nil })
		})
		w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGUSR1); return 0, nil })
	})
	assert.Equal(t, n, 1)
	assert.Equal(t, status, int32(abi.SIGUSR1))
}

func TestSuspendRestoresTheMask(t *testing.T) {
	w := newWorld(t)
	task, done := w.start(func(a *fake.App) {
		var during, after SigSet
		w.handler(a, abi.SIGUSR1, 0, func(a *fake.App) {
			w.do(a, func(t *Task) (uint64, error) { during = t.Blocked(); return 0, nil })
		})
		w.do(a, func(t *Task) (uint64, error) { t.SetBlocked(SigBit(abi.SIGUSR1)); return 0, nil })
		r := w.do(a, func(t *Task) (uint64, error) { return 0, t.Suspend(SigBit(abi.SIGUSR2)) })
		w.do(a, func(t *Task) (uint64, error) { after = t.Blocked(); return 0, nil })
		assert.Check(t, fake.Errno(r) == unix.EINTR)
		assert.Equal(t, during, SigBit(abi.SIGUSR1)|SigBit(abi.SIGUSR2))
		assert.Equal(t, after, SigBit(abi.SIGUSR1))
	})
	parked(task)
	info := KernelInfo(abi.SIGUSR1)
	assert.NilError(t, task.SendSignal(&info))
	assert.Equal(t, w.wait(done), int32(0))
}

func TestWaitSignal(t *testing.T) {
	w := newWorld(t)
	task, done := w.start(func(a *fake.App) {
		w.do(a, func(tk *Task) (uint64, error) {
			var info abi.SigInfo
			assert.Check(t, tk.WaitSignal(SigBit(34), 0, &info) == unix.EAGAIN)
			assert.Check(t, tk.WaitSignal(SigBit(34), time.Millisecond, &info) == unix.EAGAIN)
			tk.SetBlocked(SigBit(34))
			assert.Check(t, tk.WaitSignal(SigBit(34), -1, &info))
			assert.Equal(t, info.Value(), uint64(9))
			assert.Equal(t, tk.Blocked(), SigBit(34))
			return 0, nil
		})
	})
	for !func() bool {
		task.group.sighand.mu.Lock()
		defer task.group.sighand.mu.Unlock()
		return task.waitingOn != 0
	}() {
		time.Sleep(50 * time.Microsecond)
	}
	info := abi.SigInfo{Signo: 34, Code: abi.SI_QUEUE}
	info.SetValue(9)
	assert.NilError(t, task.Group().SendSignal(&info))
	assert.Equal(t, w.wait(done), int32(0))
}

func TestForcedSignals(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(t *Task)
	}{
		{"blocked", func(t *Task) { t.SetBlocked(SigBit(abi.SIGSEGV)) }},
		{"ignored", func(t *Task) { t.SetAction(abi.SIGSEGV, SigAction{Handler: SigIgn}) }},
		{"handler without restorer", func(t *Task) { t.SetAction(abi.SIGSEGV, SigAction{Handler: 0x1000000}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			status := w.run(func(a *fake.App) {
				w.do(a, func(t *Task) (uint64, error) { c.set(t); return 0, nil })
				a.Fault(platform.Event{Signo: abi.SIGSEGV, Code: 1})
			})
			assert.Equal(t, status, int32(abi.SIGSEGV))
		})
	}
}

func TestFatalSignalEndsAllThreads(t *testing.T) {
	w := newWorld(t)
	status := w.run(func(a *fake.App) {
		for range 3 {
			w.fork(a, unix.CLONE_VM|unix.CLONE_THREAD|unix.CLONE_SIGHAND|unix.CLONE_FILES, func(c *fake.App) {
				for {
					c.Spin()
				}
			})
		}
		w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGTERM); return 0, nil })
	})
	assert.Equal(t, status, int32(abi.SIGTERM))
	assert.Equal(t, w.k.TaskCount(), 1)
}
