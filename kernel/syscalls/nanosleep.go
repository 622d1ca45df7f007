// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall nanosleep full
func nanosleep(t *task.Task, rqtp, rmtp user.Addr) error {
	ts, err := getTimespec(t, rqtp)
	if err != nil {
		return err
	}
	if !validTimespec(ts) {
		return unix.EINVAL
	}
	clock := ktime.Host(unix.CLOCK_MONOTONIC)
	return sleepRelative(t, clock, ktime.Add(clock.Now(), ktime.Nanoseconds(ts)), rmtp)
}

//ditto:syscall clock_nanosleep full
func clockNanosleep(t *task.Task, which, flags int32, rqtp, rmtp user.Addr) error {
	clock, err := sleepClock(t, which)
	if err != nil {
		return err
	}
	ts, err := getTimespec(t, rqtp)
	if err != nil {
		return err
	}
	if !validTimespec(ts) {
		return unix.EINVAL
	}
	if flags&timerAbstime != 0 {
		if err := sleepUntil(t, clock, t.HostTime(which, ktime.Nanoseconds(ts))); err != nil {
			return abi.ERESTARTNOHAND
		}
		return nil
	}
	if clock == ktime.Host(unix.CLOCK_REALTIME) {
		clock = ktime.Host(unix.CLOCK_MONOTONIC) // a relative sleep does not care who sets the clock
	}
	return sleepRelative(t, clock, ktime.Add(clock.Now(), ktime.Nanoseconds(ts)), rmtp)
}

const timerAbstime = 1 // TIMER_ABSTIME

// sleepClock is a clock that one can sleep on: EINVAL for no clock, EOPNOTSUPP
// for one that is only to be read.
func sleepClock(t *task.Task, which int32) (ktime.Clock, error) {
	switch which {
	case unix.CLOCK_REALTIME, unix.CLOCK_MONOTONIC, unix.CLOCK_BOOTTIME, unix.CLOCK_TAI:
		return ktime.Host(which), nil
	case unix.CLOCK_REALTIME_ALARM, unix.CLOCK_BOOTTIME_ALARM:
		c, err := clockOf(t, which)
		switch {
		case err != nil:
			return nil, unix.EOPNOTSUPP
		case !t.Creds().Capable(unix.CAP_WAKE_ALARM):
			return nil, unix.EPERM
		}
		return c, nil
	case unix.CLOCK_MONOTONIC_RAW, unix.CLOCK_REALTIME_COARSE, unix.CLOCK_MONOTONIC_COARSE, unix.CLOCK_THREAD_CPUTIME_ID:
		return nil, unix.EOPNOTSUPP
	}
	c, err := cpuClock(t, which)
	if err != nil {
		return nil, err
	}
	if which < 0 && which&cpuPerThread != 0 && (which>>3 == ^int32(0) || ^(which>>3) == t.TID()) {
		return nil, unix.EINVAL // one's own thread makes no progress asleep
	}
	return c, nil
}

// sleepUntil sleeps until the clock shows the time: abi.ERESTARTSYS.
func sleepUntil(t *task.Task, clock ktime.Clock, until int64) error {
	for until > clock.Now() {
		deadline := time.Time{}
		if until != math.MaxInt64 {
			deadline = time.Now().Add(clock.Wait(until))
		}
		if err := t.Sleep(deadline); err != nil && err != unix.ETIMEDOUT {
			return err
		}
	}
	return nil
}

// sleepRelative is a sleep whose rest is told when a signal ends it, and which
// goes on if there is no handler for it.
func sleepRelative(t *task.Task, clock ktime.Clock, until int64, rmtp user.Addr) error {
	if sleepUntil(t, clock, until) == nil {
		return nil
	}
	if rmtp != 0 {
		if err := putTimespec(t, rmtp, max(time.Duration(until-clock.Now()), 0)); err != nil {
			return err
		}
	}
	t.SetRestartBlock(func(t *task.Task) (uint64, error) {
		return 0, sleepRelative(t, clock, until, rmtp)
	})
	return abi.ERESTART_RESTARTBLOCK
}
