// SPDX-License-Identifier: Apache-2.0

package ktime

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// fakeClock shows what it is told, and lets timers look at once.
type fakeClock struct{ now atomic.Int64 }

func (c *fakeClock) Now() int64 { return c.now.Load() }
func (c *fakeClock) Wait(t int64) time.Duration {
	if c.Now() >= t {
		return 0
	}
	return time.Hour
}

func TestATimerCountsWhatNobodyTook(t *testing.T) {
	c := &fakeClock{}
	tm := NewTimer(c, func() {})
	c.now.Store(100)
	tm.Set(150, 10)
	left, interval := tm.Get()
	assert.Equal(t, left, int64(50))
	assert.Equal(t, interval, int64(10))
	assert.Equal(t, tm.Take(), uint64(0))
	c.now.Store(175)
	assert.Assert(t, tm.Due())
	left, _ = tm.Get()
	assert.Equal(t, left, int64(5))
	assert.Equal(t, tm.Take(), uint64(3))
	assert.Equal(t, tm.Take(), uint64(0))
	c.now.Store(180)
	assert.Equal(t, tm.Take(), uint64(1))
}

func TestATimerWithoutIntervalGoesOffOnce(t *testing.T) {
	c := &fakeClock{}
	tm := NewTimer(c, func() {})
	c.now.Store(100)
	tm.Set(150, 0)
	c.now.Store(1000)
	left, _ := tm.Get() // nothing is left, though nobody took it: timerfd_gettime/c/what_is_left
	assert.Equal(t, left, int64(0))
	assert.Equal(t, tm.Take(), uint64(1))
	left, _ = tm.Get()
	assert.Equal(t, left, int64(0))
	assert.Equal(t, tm.Take(), uint64(0))
}

func TestFireIsCalledOncePerTake(t *testing.T) {
	fired := make(chan struct{}, 10)
	tm := NewTimer(Host(unix.CLOCK_MONOTONIC), func() { fired <- struct{}{} })
	tm.Set(tm.Clock().Now()+1, 1)
	<-fired
	assert.Assert(t, tm.Take() > 0)
	<-fired
	tm.Set(0, 0)
	tm.Take()
	assert.Assert(t, len(fired) <= 1)
}

func TestSetReturnsWhatWas(t *testing.T) {
	c := &fakeClock{}
	tm := NewTimer(c, func() {})
	c.now.Store(1)
	tm.Set(11, 5)
	left, interval := tm.Set(0, 0)
	assert.Equal(t, left, int64(10))
	assert.Equal(t, interval, int64(5))
	left, interval = tm.Get()
	assert.Equal(t, left, int64(0))
	assert.Equal(t, interval, int64(0))
}

func TestAddSaturates(t *testing.T) {
	const most = 1<<63 - 1
	assert.Equal(t, Add(most-1, 5), int64(most))
	assert.Equal(t, Nanoseconds(unix.Timespec{Sec: 1 << 40}), int64(most))
}

func TestATimerThatIsDueFiresInTheCall(t *testing.T) {
	for _, c := range []struct {
		name  string
		in    time.Duration
		fired int32
	}{
		{"past", -time.Second, 1},
		{"now", 0, 1},
		{"soon", time.Microsecond, 1},
		{"later", time.Hour, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var fired atomic.Int32
			clock := Host(unix.CLOCK_MONOTONIC)
			tm := NewTimer(clock, func() { fired.Add(1) })
			tm.Set(clock.Now()+int64(c.in), 0)
			tm.FireSoon()
			tm.FireSoon() // fires once only until Take
			// The host timer may have been first, and be on its way.
			for c.fired == 1 && fired.Load() == 0 {
				runtime.Gosched()
			}
			assert.Equal(t, fired.Load(), c.fired)
			tm.Set(0, 0)
			tm.FireSoon()
			assert.Equal(t, fired.Load(), c.fired)
		})
	}
}

// stoppedClock promises to go on.
type stoppedClock struct{}

func (stoppedClock) Now() int64               { return 100 }
func (stoppedClock) Wait(int64) time.Duration { return 0 }

func TestATimerOfAStoppedClockIsNotWaitedForLong(t *testing.T) {
	tm := NewTimer(stoppedClock{}, func() { t.Error("fired") })
	tm.Set(101, 0)
	tm.FireSoon()
	tm.Set(0, 0)
}
