// SPDX-License-Identifier: Apache-2.0

package ktime

import (
	"sync/atomic"
	"testing"
	"time"

	"gotest.tools/v3/assert"
)

func TestAlarmsGoOffInOrder(t *testing.T) {
	fired := make(chan time.Duration, 4)
	start := time.Now()
	var alarms []*Alarm
	for _, d := range []time.Duration{3 * short, 4 * time.Millisecond, 50 * time.Microsecond, time.Millisecond} {
		alarms = append(alarms, NewAlarm(func() { fired <- d }))
	}
	for i, d := range []time.Duration{3 * short, 4 * time.Millisecond, 50 * time.Microsecond, time.Millisecond} {
		alarms[i].Reset(d)
	}
	got := map[time.Duration]bool{}
	for range alarms {
		d := <-fired
		assert.Assert(t, time.Since(start) >= d, "an alarm of %v went off after %v", d, time.Since(start))
		got[d] = true
	}
	assert.Equal(t, len(got), 4)
	for _, a := range alarms {
		assert.Assert(t, !a.Stop())
	}
}

// Stop is true for exactly those whose function is not called.
func TestAStoppedAlarmDoesNotGoOff(t *testing.T) {
	var calls atomic.Int32
	done := make(chan struct{})
	stopped := 0
	for i := range 1000 {
		a := NewAlarm(func() { calls.Add(1) })
		a.Reset(time.Duration(i%7) * 10 * time.Microsecond)
		if a.Stop() {
			stopped++
			assert.Assert(t, !a.Stop())
		}
	}
	// It goes off after all of them.
	NewAlarm(func() { close(done) }).Reset(time.Millisecond)
	<-done
	assert.Equal(t, int(calls.Load())+stopped, 1000)
}

// An alarm can be set again, for a short and for a long while.
func TestAnAlarmIsUsedAgain(t *testing.T) {
	fired := make(chan struct{})
	a := NewAlarm(func() { fired <- struct{}{} })
	for _, d := range []time.Duration{0, time.Hour, 0, short + 1, 0, short} {
		a.Reset(d)
		if d == time.Hour {
			assert.Assert(t, a.Stop())
			continue
		}
		<-fired
	}
}
