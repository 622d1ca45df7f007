// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// A negative clockid names the processor time of a process or thread: what is
// counted in two bits, a bit for threads, and the id, inverted.
const (
	cpuWhich     = 3
	cpuPerThread = 4
)

// clockOf is a clock that can be read: EINVAL.
func clockOf(t *task.Task, which int32) (ktime.Clock, error) {
	switch which {
	case unix.CLOCK_REALTIME, unix.CLOCK_MONOTONIC, unix.CLOCK_MONOTONIC_RAW, unix.CLOCK_REALTIME_COARSE,
		unix.CLOCK_MONOTONIC_COARSE, unix.CLOCK_BOOTTIME, unix.CLOCK_TAI:
		return ktime.Host(which), nil
	case unix.CLOCK_REALTIME_ALARM, unix.CLOCK_BOOTTIME_ALARM:
		// They are there if the host has a clock that can wake it.
		var ts unix.Timespec
		if err := unix.ClockGettime(which, &ts); err != nil {
			return nil, err
		}
		if which == unix.CLOCK_REALTIME_ALARM {
			return ktime.Host(unix.CLOCK_REALTIME), nil
		}
		return ktime.Host(unix.CLOCK_BOOTTIME), nil
	}
	return cpuClock(t, which)
}

// cpuClock is a clock of processor time: EINVAL.
func cpuClock(t *task.Task, which int32) (ktime.Clock, error) {
	switch which {
	case unix.CLOCK_PROCESS_CPUTIME_ID:
		return groupClock(t.Group(), cpuSched), nil
	case unix.CLOCK_THREAD_CPUTIME_ID:
		return threadClock(t, cpuSched), nil
	}
	what := which & cpuWhich
	if which >= 0 || what > cpuSched {
		return nil, unix.EINVAL
	}
	pid := ^(which >> 3)
	if which&cpuPerThread != 0 {
		other := t
		if pid != 0 {
			other = t.Lookup(pid)
		}
		if other == nil || other.Group() != t.Group() {
			return nil, unix.EINVAL
		}
		return threadClock(other, what), nil
	}
	g := t.Group()
	if pid != 0 && pid != t.TID() {
		g = t.LookupGroup(pid)
	}
	if g == nil {
		return nil, unix.EINVAL
	}
	return groupClock(g, what), nil
}

// What a clock of processor time counts (CPUCLOCK_*).
const (
	cpuProf  = 0
	cpuVirt  = 1
	cpuSched = 2
)

func usageTime(u task.Usage, what int32) int64 {
	if what == cpuVirt {
		return int64(u.User)
	}
	return int64(u.User + u.System)
}

// groupClock counts the time of all threads of g.
func groupClock(g *task.ThreadGroup, what int32) ktime.Clock {
	return ktime.CPU(func() int64 {
		u, _ := g.Usage()
		return usageTime(u, what)
	})
}

func threadClock(t *task.Task, what int32) ktime.Clock {
	return ktime.CPU(func() int64 { return usageTime(t.UsageNow(), what) })
}

//ditto:syscall clock_gettime partial no clocks of devices (CLOCKFD)
func clockGettime(t *task.Task, which int32, tp user.Addr) error {
	if which == unix.CLOCK_THREAD_CPUTIME_ID {
		return putTimespecRaw(t, tp, unix.NsecToTimespec(usageTime(t.ThreadUsage(), cpuSched)))
	}
	c, err := clockOf(t, which)
	if err != nil {
		return err
	}
	return putTimespecRaw(t, tp, unix.NsecToTimespec(c.Now()+t.ClockAhead(which)))
}

//ditto:syscall clock_getres full
func clockGetres(t *task.Task, which int32, tp user.Addr) error {
	c, err := clockOf(t, which)
	if err != nil {
		return err
	}
	res := unix.Timespec{Nsec: 1}
	if h, ok := c.(ktime.Host); ok {
		if err := unix.ClockGetres(int32(h), &res); err != nil {
			return err
		}
	}
	if tp == 0 {
		return nil
	}
	return putTimespecRaw(t, tp, res)
}

//ditto:syscall clock_settime denied EPERM a container has no CAP_SYS_TIME
func clockSettime(t *task.Task, which int32, tp user.Addr) error {
	c, err := clockOf(t, which)
	if err != nil {
		return err
	}
	if c != ktime.Clock(ktime.Host(unix.CLOCK_REALTIME)) || which != unix.CLOCK_REALTIME {
		if which >= 0 {
			return unix.EINVAL
		}
		return unix.EPERM
	}
	ts, err := getTimespec(t, tp)
	if err != nil {
		return err
	}
	if !validTimespec(ts) || ts.Sec >= settableSec {
		return unix.EINVAL
	}
	return unix.EPERM
}

//ditto:syscall gettimeofday full
func gettimeofday(t *task.Task, tv, tz user.Addr) error {
	if tv != 0 {
		now := ktime.Host(unix.CLOCK_REALTIME).Now()
		if err := put(t, tv, [2]int64{now / 1e9, now % 1e9 / 1000}); err != nil {
			return err
		}
	}
	if tz != 0 {
		return put64(t, tz, 0) // minutes west of Greenwich, and of daylight saving
	}
	return nil
}

// settableSec is the second from which on no clock can be set
// (TIME_SETTOD_SEC_MAX): 30 years are left until the time overflows.
const settableSec = math.MaxInt64/1_000_000_000 - 30*365*24*3600

//ditto:syscall settimeofday denied EPERM a container has no CAP_SYS_TIME
func settimeofday(t *task.Task, tv, tz user.Addr) error {
	if tv != 0 {
		var v unix.Timeval
		if err := get(t, tv, &v); err != nil {
			return err
		}
		if v.Usec < 0 || v.Usec >= 1e6 || v.Sec < 0 || v.Sec >= settableSec {
			return unix.EINVAL
		}
	}
	if tz != 0 {
		var v [2]int32
		if err := get(t, tz, &v); err != nil {
			return err
		}
	}
	return unix.EPERM
}

//ditto:syscall time full
func time_(t *task.Task, tloc user.Addr) (int64, error) {
	now := ktime.Host(unix.CLOCK_REALTIME_COARSE).Now() / 1e9
	if tloc != 0 {
		if err := put64(t, tloc, uint64(now)); err != nil {
			return 0, err
		}
	}
	return now, nil
}

// timexSize is the size of struct timex.
const timexSize = 208

//ditto:syscall adjtimex partial the host's clock can be read, not adjusted
func adjtimex(t *task.Task, txc user.Addr) (int, error) {
	var b [timexSize]byte
	if _, err := t.Memory().CopyIn(txc, b[:]); err != nil {
		return 0, err
	}
	const adjSetoffset, adjOffsetReadonly = 0x100, 0x2000
	modes := binary.LittleEndian.Uint32(b[:])
	single := modes&0x8000 != 0
	if single && modes&1 == 0 { // ADJ_OFFSET_SINGLESHOT has both bits
		return 0, unix.EINVAL
	}
	if modes != 0 && !(single && modes&adjOffsetReadonly != 0 && modes&adjSetoffset == 0) {
		return 0, unix.EPERM
	}
	var tx unix.Timex
	state, err := unix.Adjtimex(&tx)
	if err != nil {
		return 0, err
	}
	encodeTimex(&b, &tx)
	_, err = t.Memory().CopyOut(txc, b[:])
	return state, err
}

//ditto:syscall clock_adjtime partial the host's clock can be read, not adjusted
func clockAdjtime(t *task.Task, which int32, utx user.Addr) (int, error) {
	var b [timexSize]byte
	if _, err := t.Memory().CopyIn(utx, b[:]); err != nil {
		return 0, err
	}
	switch which {
	case unix.CLOCK_REALTIME_ALARM, unix.CLOCK_BOOTTIME_ALARM: // clocks, even where no device drives them
		return 0, unix.EOPNOTSUPP
	}
	if _, err := clockOf(t, which); err != nil && which >= 0 {
		return 0, err
	}
	if which != unix.CLOCK_REALTIME {
		return 0, unix.EOPNOTSUPP
	}
	return adjtimex(t, utx)
}

// encodeTimex writes struct timex behind its modes.
func encodeTimex(b *[timexSize]byte, tx *unix.Timex) {
	long := func(off int, v int64) { binary.LittleEndian.PutUint64(b[off:], uint64(v)) }
	word := func(off int, v int32) { binary.LittleEndian.PutUint32(b[off:], uint32(v)) }
	for i, v := range [4]int64{tx.Offset, tx.Freq, tx.Maxerror, tx.Esterror} {
		long(8+8*i, v)
	}
	word(40, tx.Status)
	for i, v := range [8]int64{tx.Constant, tx.Precision, tx.Tolerance, tx.Time.Sec, tx.Time.Usec, tx.Tick, tx.Ppsfreq, tx.Jitter} {
		long(48+8*i, v)
	}
	word(112, tx.Shift)
	for i, v := range [5]int64{tx.Stabil, tx.Jitcnt, tx.Calcnt, tx.Errcnt, tx.Stbcnt} {
		long(120+8*i, v)
	}
	word(160, tx.Tai)
}
