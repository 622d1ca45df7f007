// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

const (
	futexWaitPrivate = 128
	futexWakePrivate = 129
	etimedout        = ^uint64(unix.ETIMEDOUT) + 1
)

// futexLoop is a program that makes the futex call of its registers, shows its
// result in r15 with a getppid, and begins again.
var futexLoop = loop(cat(call(unix.SYS_FUTEX), b(0x49, 0x89, 0xc7), call(unix.SYS_GETPPID)))

// shown runs th until it shows a result, and makes the calls that come in as
// events. It returns how many did.
func shown(t testing.TB, th platform.Thread) (result uint64, events int) {
	t.Helper()
	for {
		var ev platform.Event
		th.Run(&ev, never)
		if ev.Kind == platform.EventKick {
			continue
		}
		assert.Equal(t, ev.Kind, platform.EventSyscall, "%+v", ev)
		if ev.Nr == unix.SYS_GETPPID {
			return th.Regs().R15, events
		}
		events++
		op := platform.Op{Nr: unix.SYS_FUTEX, Args: ev.Args}
		assert.NilError(t, th.Futex(&op, never))
		th.SetResult(uint64(op.Result))
	}
}

func futexThread(t testing.TB, th platform.Thread, op uint64) platform.Thread {
	r := th.Regs()
	r.Rip, r.Rdi, r.Rsi, r.Rdx, r.R10 = codeAt, dataAt, op, 0, 0
	if op == futexWakePrivate {
		r.Rdx = 1
	}
	th.RegsChanged()
	th.LetFutex(true, true)
	return th
}

// One thread waits and another wakes it; the calls that come in as events, and
// those that do not, meet. With all sites left to their traps half of the
// calls are events, else only those before the patch.
func TestFutexesMeet(t *testing.T) {
	for _, noPatch := range []bool{false, true} {
		p, err := New(Options{NoPatch: noPatch})
		assert.NilError(t, err)
		waiter := futexThread(t, launch(t, p, futexLoop), futexWaitPrivate)
		other, err := waiter.NewThread()
		assert.NilError(t, err)
		waker := futexThread(t, other, futexWakePrivate)
		const rounds = 100
		var done atomic.Bool
		var wg sync.WaitGroup
		wg.Go(func() {
			defer done.Store(true)
			events := 0
			for range rounds {
				r, n := shown(t, waiter)
				assert.Check(t, r == 0, "%#x", r)
				events += n
			}
			assert.Check(t, noPatch == (events > trapsBeforePatch), "%d events", events)
			_, waits := waiter.Asleep()
			assert.Check(t, waits >= rounds, "%d waits", waits)
		})
		woken := uint64(0)
		for !done.Load() {
			r, _ := shown(t, waker)
			woken += r
		}
		wg.Wait()
		assert.Check(t, woken >= rounds, "%d", woken)
		waiter.Exit()
		waker.Exit()
		p.Close()
	}
}

// A kick that is lost leaves its thread in a wait that nothing else ends, and
// the test hangs.
func TestStressKicksEndFutexWaits(t *testing.T) {
	for _, noPatch := range []bool{false, true} {
		p, err := New(Options{NoPatch: noPatch})
		assert.NilError(t, err)
		th := futexThread(t, launch(t, p, futexLoop), futexWaitPrivate)
		kickWaits(t, th, 2_000**stress)
		th.Exit()
		p.Close()
	}
}

func kickWaits(t *testing.T, th platform.Thread, rounds int) {
	var reason, stop atomic.Bool
	var armed atomic.Uint32
	var wg sync.WaitGroup
	wg.Go(func() {
		for seen := uint32(0); !stop.Load(); {
			now := armed.Load()
			if now == seen {
				unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
				continue
			}
			seen = now
			for range rand.IntN(1 << rand.IntN(16)) {
				armed.Load()
			}
			reason.Store(true)
			th.Kick()
		}
	})
	for range rounds {
		reason.Store(false)
		armed.Add(1)
		for !reason.Load() {
			var ev platform.Event
			th.Run(&ev, reason.Load)
			assert.Assert(t, ev.Kind != platform.EventDead && ev.Kind != platform.EventFault, "%+v", ev)
			if ev.Kind == platform.EventSyscall && ev.Nr == unix.SYS_FUTEX {
				op := platform.Op{Nr: unix.SYS_FUTEX, Args: ev.Args}
				assert.NilError(t, th.Futex(&op, reason.Load))
				assert.Equal(t, op.Err(), unix.EINTR)
				th.SetResult(uint64(op.Result))
			}
		}
	}
	stop.Store(true)
	wg.Wait()
}

// whenAsleep does something once th waits for a futex, unless it is stopped before.
func whenAsleep(th platform.Thread, do func()) (stop func()) {
	var over atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for !over.Load() {
			if asleep, _ := th.Asleep(); asleep {
				do()
				return
			}
		}
	})
	return func() {
		over.Store(true)
		wg.Wait()
	}
}

// timedFutexThread waits in its loop for 30 ms at a time.
func timedFutexThread(t *testing.T) platform.Thread {
	t.Helper()
	th := futexThread(t, launch(t, newPlatform(t), futexLoop), futexWaitPrivate)
	var spec [16]byte
	binary.LittleEndian.PutUint64(spec[8:], uint64(30*time.Millisecond))
	_, err := th.WriteMemory(dataAt+64, spec[:])
	assert.NilError(t, err)
	th.Regs().R10 = dataAt + 64
	th.RegsChanged()
	return th
}

// A wait that was interrupted ends when it would have.
func TestFutexDeadlineStays(t *testing.T) {
	th := timedFutexThread(t)
	for range 6 { // until the site is patched
		r, _ := shown(t, th)
		assert.Equal(t, r, etimedout)
	}
	s := th.(*thread).slot
	for range 20 {
		var ev platform.Event
		stop := whenAsleep(th, th.Kick)
		th.Run(&ev, never)
		stop()
		if ev.Nr != unix.SYS_FUTEX {
			continue // the time was over before
		}
		sec, nsec := s.DeadlineSec, s.DeadlineNsec
		op := platform.Op{Nr: unix.SYS_FUTEX, Args: ev.Args}
		for op.Result == 0 || op.Err() == unix.EINTR {
			assert.NilError(t, th.Futex(&op, never))
		}
		assert.Equal(t, op.Err(), unix.ETIMEDOUT)
		assert.Equal(t, [2]uint64{s.DeadlineSec, s.DeadlineNsec}, [2]uint64{sec, nsec})
		var now unix.Timespec
		assert.NilError(t, unix.ClockGettime(unix.CLOCK_MONOTONIC, &now))
		assert.Assert(t, now.Nano() >= int64(sec*1e9+nsec))
		th.SetResult(uint64(op.Result))
	}
	th.Exit()
}

// What is not the application's is not there for its futexes.
func TestFutexInTheStubsMemory(t *testing.T) {
	th := launch(t, newPlatform(t), call(39))
	next(t, th, platform.EventSyscall)
	for _, tt := range []struct {
		args [6]uint64
		want unix.Errno
	}{
		{[6]uint64{RegionBase, futexWakePrivate, 1}, unix.EFAULT},
		{[6]uint64{RegionBase + 1, futexWakePrivate, 1}, unix.EINVAL},
		{[6]uint64{dataAt, 3 | 128, 1, 1, TextBase}, unix.EFAULT},
	} {
		op := platform.Op{Nr: unix.SYS_FUTEX, Args: tt.args}
		assert.NilError(t, th.Futex(&op, nil))
		assert.Equal(t, op.Err(), tt.want, "%#x", tt.args)
	}
	th.Exit()
}

// The host may stop a process in a timed wait (docker pause); it goes on by
// restart_syscall(2), which the filter must let through.
func TestFutexWaitStoppedByTheHost(t *testing.T) {
	th := timedFutexThread(t)
	pid := th.(*thread).sp.pid
	for range 10 {
		stop := whenAsleep(th, func() {
			_ = unix.Kill(pid, unix.SIGSTOP)
			_ = unix.Kill(pid, unix.SIGCONT)
		})
		r, _ := shown(t, th)
		stop()
		assert.Equal(t, r, etimedout)
	}
	th.Exit()
}
