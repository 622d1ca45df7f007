// SPDX-License-Identifier: Apache-2.0

// This file is time namespaces (time_namespaces(7), kernel/time/namespace.c): clocks that a
// container started anew, or goes on with where another machine stopped.

package task

import (
	"math"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/ktime"
)

// TimeNS is a time namespace: how far its monotonic clock and the one since boot are ahead of
// the host's.
type TimeNS struct {
	common

	mu              sync.RWMutex
	monotonic, boot unix.Timespec
	frozen          bool // a task has been in it: its clocks are set
}

// TimeOffsets are what a time namespace's clocks are ahead, with nanoseconds that are not negative.
type TimeOffsets struct{ Monotonic, Boot unix.Timespec }

// ClockOffset is a new offset of one clock, CLOCK_MONOTONIC or CLOCK_BOOTTIME.
type ClockOffset struct {
	Clock int32
	By    unix.Timespec
}

// newTimeNS has the clocks of the namespace that it is made from.
func newTimeNS(old *TimeNS, owner *cred.UserNS) *TimeNS {
	o := old.Offsets()
	return &TimeNS{common: newCommon(unix.CLONE_NEWTIME, owner), monotonic: o.Monotonic, boot: o.Boot}
}

// Offsets are the namespace's.
func (n *TimeNS) Offsets() TimeOffsets {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return TimeOffsets{n.monotonic, n.boot}
}

// maxClockSec is the last second that a clock may show when its offset is set: half of what there
// is, so that its end is out of reach (KTIME_SEC_MAX / 2).
const maxClockSec = math.MaxInt64 / 1_000_000_000 / 2

// SetOffsets sets offsets while no task has been in the namespace: EACCES after that, ERANGE for a
// clock that would be before its start or too far.
func (n *TimeNS) SetOffsets(list []ClockOffset) error {
	for _, o := range list {
		sec := ktime.Host(o.Clock).Now()/1e9 + o.By.Sec
		if o.By.Sec > maxClockSec*2 || o.By.Sec < -maxClockSec*2 || sec < 0 || sec > maxClockSec {
			return unix.ERANGE
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.frozen {
		return unix.EACCES
	}
	for _, o := range list {
		if o.Clock == unix.CLOCK_MONOTONIC {
			n.monotonic = o.By
		} else {
			n.boot = o.By
		}
	}
	return nil
}

// WithClocks are namespaces (nil: the kernel's first) with a time namespace that has these offsets
// for good: ERANGE.
func (k *Kernel) WithClocks(n *Namespaces, list []ClockOffset) (*Namespaces, error) {
	if n == nil {
		n = k.first
	}
	own := *n
	own.Time = newTimeNS(n.Time, cred.InitialNS)
	if err := own.Time.SetOffsets(list); err != nil {
		return nil, err
	}
	own.TimeForChildren = own.Time.freeze()
	return &own, nil
}

// freeze is for the namespace that a task enters.
func (n *TimeNS) freeze() *TimeNS {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.frozen = true
	return n
}

// ahead is how far a clock is ahead of the host's, in nanoseconds.
func (n *TimeNS) ahead(clock int32) int64 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	switch clock {
	case unix.CLOCK_MONOTONIC, unix.CLOCK_MONOTONIC_RAW, unix.CLOCK_MONOTONIC_COARSE:
		return n.monotonic.Nano()
	case unix.CLOCK_BOOTTIME, unix.CLOCK_BOOTTIME_ALARM:
		return n.boot.Nano()
	}
	return 0
}

// shifted tells whether a clock is not the host's.
func (n *TimeNS) shifted() bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.monotonic != unix.Timespec{} || n.boot != unix.Timespec{}
}

// TimeNS is the task's time namespace.
func (t *Task) TimeNS() *TimeNS {
	if n := t.Namespaces(); n != nil {
		return n.Time
	}
	return t.kernel.first.Time
}

// ClockAhead is how far a clock, as the task sees it, is ahead of the host's, in nanoseconds.
func (t *Task) ClockAhead(clock int32) int64 { return t.TimeNS().ahead(clock) }

// HostTime is what the host's clock shows when the task's shows at, in nanoseconds: 0 if that is
// before the host's start (timens_ktime_to_host).
func (t *Task) HostTime(clock int32, at int64) int64 {
	switch by := t.ClockAhead(clock); {
	case at < by:
		return 0
	case by < 0:
		return ktime.Add(at, -by)
	default:
		return at - by
	}
}

// MapVDSO is mm.MM.MapVDSO for the task's process.
func (t *Task) MapVDSO(hint uint64) (int, error) {
	return t.mm.MapVDSO(t.thread, &t.kernel.vdso, hint)
}

// seeClocks has the task's vDSO show the clocks of its time namespace: those of the host are read
// without a system call, others with one.
func (t *Task) seeClocks() error {
	shifted := t.TimeNS().shifted()
	if t.mm.ClocksShifted() == shifted {
		return nil
	}
	return t.mm.ShiftClocks(t.thread, &t.kernel.vdso, shifted)
}
