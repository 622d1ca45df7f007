// SPDX-License-Identifier: Apache-2.0

package ktime

import (
	"container/heap"
	"encoding/binary"
	"math"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Alarm calls a function after a while. Go's own timers wait in whole
// milliseconds, which is what epoll_wait(2) takes: a sleep of 50 us became one of
// 1,300. So for short whiles one goroutine waits for all alarms with ppoll(2),
// which takes nanoseconds; the others are Go's.
type Alarm struct {
	f    func()
	late *time.Timer // for long whiles

	at    int64 // on the monotonic clock, while soon has it
	index int   // in soon's heap; -1: not there
}

// short is up to where an alarm is worth the precision.
const short = 5 * time.Millisecond

// NewAlarm makes an alarm that is not set. f must not block.
func NewAlarm(f func()) *Alarm { return &Alarm{f: f, index: -1} }

// Reset sets an alarm that is not set.
func (a *Alarm) Reset(d time.Duration) {
	switch {
	case d <= short && soon.add(a, d):
	case a.late == nil:
		a.late = time.AfterFunc(d, a.f)
	default:
		a.late.Reset(d)
	}
}

// Stop unsets the alarm. It returns false if it was not set, or f was called,
// or is about to be.
func (a *Alarm) Stop() bool {
	return soon.remove(a) || a.late != nil && a.late.Stop()
}

// soon has the alarms that go off soon.
var soon alarms

// alarms is the goroutine that waits for the first of them.
type alarms struct {
	start sync.Once
	wake  int // an eventfd; -1: there is none, so nothing here works

	mu    sync.Mutex
	heap  alarmHeap
	until int64 // when the goroutine will look again
}

const (
	never = math.MaxInt64
	awake = 0
)

// add returns false if the alarm must be one of Go's.
func (s *alarms) add(a *Alarm, d time.Duration) bool {
	s.start.Do(func() {
		var err error
		if s.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
			s.wake = -1
			return
		}
		go s.loop()
	})
	if s.wake < 0 {
		return false
	}
	s.mu.Lock()
	a.at = Host(unix.CLOCK_MONOTONIC).Now() + int64(d)
	heap.Push(&s.heap, a)
	late := a.at < s.until
	if late {
		s.until = a.at
	}
	s.mu.Unlock()
	if late {
		_, _ = unix.Write(s.wake, one[:]) // fails only if it is to wake up anyway
	}
	return true
}

func (s *alarms) remove(a *Alarm) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.index < 0 {
		return false
	}
	heap.Remove(&s.heap, a.index)
	return true
}

// one is the number 1 as an eventfd wants it.
var one = func() (b [8]byte) { binary.NativeEndian.PutUint64(b[:], 1); return b }()

func (s *alarms) loop() {
	var due []*Alarm
	var n [8]byte
	var ts unix.Timespec
	fds := [1]unix.PollFd{{Fd: int32(s.wake), Events: unix.POLLIN}}
	for {
		var wait int64
		due, wait = s.take(due[:0])
		for _, a := range due {
			a.f()
		}
		if len(due) > 0 {
			clear(due)
			continue
		}
		platform.GiveWay() // to those just woken: the wait below keeps the processor
		var limit *unix.Timespec
		if wait != never {
			ts = unix.NsecToTimespec(wait)
			limit = &ts
		}
		if ready, _ := unix.Ppoll(fds[:], limit, nil); ready > 0 {
			_, _ = unix.Read(s.wake, n[:])
		}
	}
}

// take takes what is due off the heap. If nothing is, it says how long to wait.
func (s *alarms) take(due []*Alarm) ([]*Alarm, int64) {
	now := Host(unix.CLOCK_MONOTONIC).Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.heap) > 0 && s.heap[0].at <= now {
		due = append(due, heap.Pop(&s.heap).(*Alarm))
	}
	switch {
	case len(due) > 0:
		s.until = awake
		return due, 0
	case len(s.heap) == 0:
		s.until = never
		return due, never
	}
	s.until = s.heap[0].at
	return due, s.until - now
}

// alarmHeap implements heap.Interface: the first is the next to go off.
type alarmHeap []*Alarm

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *alarmHeap) Push(x any) {
	a := x.(*Alarm)
	a.index = len(*h)
	*h = append(*h, a)
}

// Pop implements heap.Interface.
func (h *alarmHeap) Pop() any {
	old := *h
	a := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	a.index = -1
	return a
}
