// SPDX-License-Identifier: Apache-2.0

// Package ktime has the clocks of time(7) and timers on them. The host's
// clocks are the sandbox's: nothing here can be set.
//
// Lock order: Timer.mu, alarms.mu.
package ktime

import (
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// Clock is something that tells a time in nanoseconds.
type Clock interface {
	Now() int64
	// Wait is how long it takes at least until the clock shows t, as far as
	// one can know now. It is never more than a timer may wait before it
	// looks again.
	Wait(t int64) time.Duration
}

// Host is a clock of the host, by its clockid.
type Host int32

// Now implements Clock.
func (c Host) Now() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(c), &ts); err != nil {
		panic("ktime: clock_gettime: " + err.Error())
	}
	return ts.Nano()
}

// recheck is how often a timer on a clock that can be set looks at it.
const recheck = 10 * time.Second

// Wait implements Clock.
func (c Host) Wait(t int64) time.Duration {
	d := time.Duration(t - c.Now())
	if c.Settable() {
		d = min(d, recheck)
	}
	return max(d, 0)
}

// Settable tells whether the host's administrator can set the clock.
func (c Host) Settable() bool {
	switch c {
	case unix.CLOCK_REALTIME, unix.CLOCK_REALTIME_ALARM, unix.CLOCK_REALTIME_COARSE, unix.CLOCK_TAI:
		return true
	}
	return false
}

// CPU is the clock of a processor time: the nanoseconds used so far.
type CPU func() int64

// Now implements Clock.
func (c CPU) Now() int64 { return c() }

// minCPUWait is the grain of timers on processor time, as of CONFIG_HZ=250.
const minCPUWait = 4 * time.Millisecond

// Wait implements Clock. Several threads may run at once, so it looks early.
func (c CPU) Wait(t int64) time.Duration {
	return max(min(time.Duration(t-c())/2, recheck), minCPUWait)
}

// Add is the saturating sum of a time and a duration that are not negative.
func Add(t, d int64) int64 {
	if t > math.MaxInt64-d {
		return math.MaxInt64
	}
	return t + d
}

// Nanoseconds are those of a valid timespec; what does not fit is the largest there is
// (timespec64_to_ktime).
func Nanoseconds(ts unix.Timespec) int64 {
	if ts.Sec >= math.MaxInt64/int64(time.Second) {
		return math.MaxInt64
	}
	return ts.Nano()
}
