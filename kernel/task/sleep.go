// SPDX-License-Identifier: Apache-2.0

// This file is where a task blocks, and how it is woken: by what it waits for
// (Wake) or by a signal (work bits, kick).
//
// A kick is never lost. Who wants a task's attention first sets a bit of its
// work word and then kicks it, which does two things. Thread.Kick brings
// application code in; the platform calls beforeRun after the thread counts
// as running, so either it sees the bit, or the kick sees the thread run.
// Wake leaves a token, or sends to a sleeper that has parked; a task parks
// only by exchanging "no token" for "parked", and looked at the work word
// before: so either it sees the bit, or the exchange fails, or the sender
// sees it parked. In between, the run loop looks at the word before it runs
// application code.

package task

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Bits of Task.work.
const (
	workSignal = 1 << iota // a signal, a stop, or a change of those may be there
	workKill               // the task must die: ends every sleep
	workCall               // functions that others want run by the task
)

const workAny = ^uint32(0)

const (
	sleepIdle = iota
	sleepToken
	sleepParked
)

type sleeper struct {
	state atomic.Int32
	ch    chan struct{} // one place: for the waker that finds sleepParked
	alarm *ktime.Alarm
	rung  chan struct{} // by the alarm
}

func (s *sleeper) init() { s.ch = make(chan struct{}, 1) }

// Wake ends the task's Sleep, now or the next one. Any goroutine.
func (t *Task) Wake() {
	for {
		old := t.sleep.state.Load()
		if old == sleepToken {
			return
		}
		if t.sleep.state.CompareAndSwap(old, sleepToken) {
			if old == sleepParked {
				platform.Readied()
				t.sleep.ch <- struct{}{}
			}
			return
		}
	}
}

// Sleep implements wait.Sleeper: the one place where a task blocks.
func (t *Task) Sleep(deadline time.Time) error { return t.sleepUntil(deadline, workAny) }

// SleepKillable is Sleep that only the task's death interrupts.
func (t *Task) SleepKillable(deadline time.Time) error { return t.sleepUntil(deadline, workKill) }

// sleepUninterruptible ends only by Wake.
func (t *Task) sleepUninterruptible() { _ = t.sleepUntil(time.Time{}, 0) }

func (t *Task) sleepUntil(deadline time.Time, interrupts uint32) error {
	s := &t.sleep
	for {
		if s.state.CompareAndSwap(sleepToken, sleepIdle) {
			return nil
		}
		if t.work.Load()&interrupts != 0 {
			return abi.ERESTARTSYS
		}
		var left time.Duration
		if !deadline.IsZero() {
			if left = time.Until(deadline); left <= 0 {
				return unix.ETIMEDOUT
			}
		}
		if t.thread != nil {
			t.thread.Idle()
		}
		if s.state.CompareAndSwap(sleepIdle, sleepParked) {
			t.slept.Add(1)
			return s.park(left)
		}
	}
}

// park waits for a waker or for the time left (0: for ever).
func (s *sleeper) park(left time.Duration) error {
	if left == 0 {
		s.resume()
		return nil
	}
	if s.alarm == nil {
		s.rung = make(chan struct{}, 1)
		s.alarm = ktime.NewAlarm(s.ring)
	}
	s.alarm.Reset(left)
	select {
	case <-s.ch:
		platform.Resumed()
		if !s.alarm.Stop() {
			s.rang()
		}
	case <-s.rung:
		platform.Resumed()
		if s.state.CompareAndSwap(sleepParked, sleepIdle) {
			return unix.ETIMEDOUT
		}
		s.resume() // the waker was quicker
		return nil
	}
	s.state.Store(sleepIdle)
	return nil
}

func (s *sleeper) ring() {
	platform.Readied()
	s.rung <- struct{}{}
}

// rang takes what the alarm sends.
func (s *sleeper) rang() {
	<-s.rung
	platform.Resumed()
}

// resume takes what the waker sends.
func (s *sleeper) resume() {
	<-s.ch
	platform.Resumed()
	s.state.Store(sleepIdle)
}

// workPending tells whether the task has something to do before application
// code runs.
func (t *Task) workPending() bool { return t.work.Load() != 0 }

// SignalPending tells the task itself whether a signal waits to be handled.
func (t *Task) SignalPending() bool { return t.work.Load()&(workSignal|workKill) != 0 }

// kick makes the task look at bits of its work word. Caller holds SigHand.mu.
func (t *Task) kick(bits uint32) {
	t.work.Or(bits)
	if t.thread != nil {
		t.thread.Kick()
	}
	t.Wake()
}
