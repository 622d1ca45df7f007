// SPDX-License-Identifier: Apache-2.0

package ktime

import (
	"sync"
	"time"
)

// Timer goes off at a time of a clock and then, if it has an interval, again
// and again. It counts how often; only Take lets it go off once more, so a
// short interval that nobody looks at costs nothing.
type Timer struct {
	clock Clock
	fire  func() // called without a lock, in a goroutine of the timer's or by FireSoon

	mu       sync.Mutex
	next     int64 // 0: not armed
	interval int64
	host     *Alarm
	fired    bool   // fire was called since the last Take
	seq      uint64 // of the arming, so that a late host timer does no harm
}

// NewTimer is a timer that is not armed.
func NewTimer(c Clock, fire func()) *Timer { return &Timer{clock: c, fire: fire} }

// Clock is the timer's clock.
func (t *Timer) Clock() Clock { return t.clock }

// Set arms the timer for the time next (0 disarms it) and returns what Get
// would have.
func (t *Timer) Set(next, interval int64) (left, oldInterval int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left, oldInterval = t.get()
	t.next, t.interval, t.fired = next, interval, false
	t.arm()
	return left, oldInterval
}

// Get is the time left until the timer goes off next (0: it is not armed) and
// its interval.
func (t *Timer) Get() (left, interval int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.get()
}

func (t *Timer) get() (left, interval int64) {
	if t.next == 0 {
		return 0, t.interval
	}
	now := t.clock.Now()
	left = t.next - now
	if left <= 0 && t.interval > 0 {
		left = t.interval - (now-t.next)%t.interval
	}
	if left <= 0 {
		return 0, t.interval // it went off for good
	}
	return left, t.interval
}

// Due tells whether Take would find something.
func (t *Timer) Due() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.due(t.clock.Now())
}

func (t *Timer) due(now int64) bool { return t.next != 0 && t.next <= now }

// Take is how often the timer went off since the last Take. A timer with an
// interval is set for the next time.
func (t *Timer) Take() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	if !t.due(now) {
		return 0
	}
	n := int64(1)
	if t.interval > 0 {
		n += (now - t.next) / t.interval
		t.next = Add(t.next, n*t.interval)
	} else {
		t.next = 0
	}
	t.fired = false
	t.arm()
	return uint64(n)
}

// arm starts the host timer anew. Called with the lock.
func (t *Timer) arm() {
	if t.host != nil {
		t.host.Stop()
		t.host = nil
	}
	t.seq++
	if t.next == 0 || t.fired {
		return
	}
	seq := t.seq
	t.host = NewAlarm(func() { go t.expire(seq) })
	t.host.Reset(t.clock.Wait(t.next))
}

// brief is how long FireSoon waits: on a busy machine another goroutine wakes up a
// thousand times as late.
const brief = 20 * time.Microsecond

// FireSoon calls fire here if the timer goes off at once or nearly so, as the
// interrupt of a processor's own timer would come in the middle of the call that
// armed it. The caller holds nothing that fire takes.
func (t *Timer) FireSoon() {
	t.mu.Lock()
	next, seq := t.next, t.seq
	armed := next != 0 && !t.fired
	t.mu.Unlock()
	if !armed || t.clock.Wait(next) > brief {
		return
	}
	for start := time.Now(); t.clock.Now() < next; {
		if time.Since(start) > brief {
			return
		}
	}
	t.expire(seq)
}

func (t *Timer) expire(seq uint64) {
	t.mu.Lock()
	if seq != t.seq || t.fired {
		t.mu.Unlock()
		return
	}
	if !t.due(t.clock.Now()) {
		t.arm() // too early: the clock was set, or is slow
		t.mu.Unlock()
		return
	}
	t.fired = true
	t.mu.Unlock()
	t.fire()
}
