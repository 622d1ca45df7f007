// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// itimers are the interval timers of a process, by ITIMER_*.
type itimers [3]*ktime.Timer

type itimersKey struct{}

// itimersOf is the timers of a group, made on the first use.
func itimersOf(g *task.ThreadGroup) *itimers {
	return g.Extra(itimersKey{}, func() any {
		it := &itimers{}
		for which, clock := range [3]ktime.Clock{
			ktime.Host(unix.CLOCK_MONOTONIC), groupClock(g, cpuVirt), groupClock(g, cpuProf),
		} {
			signo := [3]int{abi.SIGALRM, abi.SIGVTALRM, abi.SIGPROF}[which]
			it[which] = ktime.NewTimer(clock, func() { it.expired(g, which, signo) })
		}
		return it
	}).(*itimers)
}

// minRearm bounds how often a timer with a tiny interval goes off; signals
// that nobody took yet would merge anyway.
const minRearm = 50 * time.Microsecond

func (it *itimers) expired(g *task.ThreadGroup, which, signo int) {
	if g.Kernel().LookupGroup(g.ID()) != g {
		it[which].Set(0, 0) // the process is gone
		return
	}
	info := task.KernelInfo(signo)
	if which == unix.ITIMER_REAL {
		_ = g.SendSignal(&info)
	} else {
		_ = g.SendCPUSignal(&info, nil)
	}
	if _, interval := it[which].Get(); interval > 0 && interval < int64(minRearm) {
		time.Sleep(minRearm)
	}
	it[which].Take()
}

// fireSoon lets a timer that was just armed go off in the call if it is due by then. One
// with a tiny interval is left to its own pace.
func fireSoon(tm *ktime.Timer, interval int64) {
	if interval == 0 || interval >= int64(minRearm) {
		tm.FireSoon()
	}
}

// itimerval is struct itimerval.
type itimerval struct{ Interval, Value unix.Timeval }

func (v *itimerval) valid() bool {
	ok := func(tv unix.Timeval) bool { return tv.Sec >= 0 && tv.Usec >= 0 && tv.Usec < 1e6 }
	return ok(v.Interval) && ok(v.Value)
}

func timevalNanos(tv unix.Timeval) int64 {
	return ktime.Nanoseconds(unix.Timespec{Sec: tv.Sec, Nsec: tv.Usec * 1000})
}

// makeItimerval rounds up what is armed, which is never told to be 0.
func makeItimerval(left, interval int64) itimerval {
	if left > 0 && left < 1000 {
		left = 1000
	}
	return itimerval{unix.NsecToTimeval(interval), unix.NsecToTimeval(left)}
}

//ditto:syscall getitimer full
func getitimer(t *task.Task, which int32, value user.Addr) error {
	if uint32(which) > unix.ITIMER_PROF {
		return unix.EINVAL
	}
	return put(t, value, makeItimerval(itimersOf(t.Group())[which].Get()))
}

//ditto:syscall setitimer full
func setitimer(t *task.Task, which int32, value, ovalue user.Addr) error {
	var v itimerval
	if value != 0 {
		if err := get(t, value, &v); err != nil {
			return err
		}
		if !v.valid() {
			return unix.EINVAL
		}
	}
	if uint32(which) > unix.ITIMER_PROF {
		return unix.EINVAL
	}
	old := makeItimerval(setItimer(t, int(which), timevalNanos(v.Value), timevalNanos(v.Interval)))
	if ovalue == 0 {
		return nil
	}
	return put(t, ovalue, old)
}

func setItimer(t *task.Task, which int, value, interval int64) (left, oldInterval int64) {
	tm := itimersOf(t.Group())[which]
	if value == 0 {
		if which == unix.ITIMER_REAL {
			interval = 0 // the timers of processor time keep theirs
		}
		return tm.Set(0, interval)
	}
	left, oldInterval = tm.Set(ktime.Add(tm.Clock().Now(), value), interval)
	fireSoon(tm, interval)
	return left, oldInterval
}

//ditto:syscall alarm full
func alarm(t *task.Task, seconds uint32) (uint64, error) {
	left, _ := setItimer(t, unix.ITIMER_REAL, int64(seconds)*1e9, 0)
	// Rounded to the nearest second, but never to 0 (alarm_setitimer).
	secs := uint64(left / 1e9)
	if rest := left % 1e9; rest >= 5e8 || secs == 0 && rest > 0 {
		secs++
	}
	return secs, nil
}
