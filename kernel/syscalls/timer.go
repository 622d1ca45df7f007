// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// How a timer tells that it went off (sigevent(3type)).
const (
	sigevSignal   = 0
	sigevNone     = 1
	sigevThread   = 2
	sigevThreadID = 4
)

// sigevent is struct sigevent, which has 64 bytes.
type sigevent struct {
	Value         uint64
	Signo, Notify int32
	TID           int32
	_             [44]byte
}

// posixTimer is a timer of timer_create(2).
type posixTimer struct {
	id     int32
	timer  *ktime.Timer
	event  sigevent
	target *task.Task // with SIGEV_THREAD_ID
	cpu    bool       // it counts the time of a process
	group  *task.ThreadGroup
	charge *atomic.Int64 // of its signal; lowered by one when the timer goes

	mu      sync.Mutex
	stopped bool

	// A signal that is taken looks at these under the lock of the signal
	// handlers, which is not to be held while mu is locked.
	missed  atomic.Int64 // expirations since the signal that waits
	overrun atomic.Int64 // of the last signal that was taken
	round   atomic.Int64 // grows with timer_settime and timer_delete
	queued  atomic.Int64 // the round of the signal that waits: of an earlier one it is void
}

// posixTimers are the timers of a process.
type posixTimers struct {
	mu   sync.Mutex
	next int32
	byID map[int32]*posixTimer
	// restoring: timer_create is told the ids (PR_TIMER_CREATE_RESTORE_IDS).
	restoring bool
}

type posixTimersKey struct{}

func posixTimersOf(g *task.ThreadGroup) *posixTimers {
	return g.Extra(posixTimersKey{}, func() any { return &posixTimers{byID: map[int32]*posixTimer{}} }).(*posixTimers)
}

// DropTimers is what exec does to the timers of timer_create(2); boot hands it
// to task.Kernel.OnExec.
func DropTimers(t *task.Task) {
	ts, ok := t.Group().ExtraIfAny(posixTimersKey{}).(*posixTimers)
	if !ok {
		return
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for id, p := range ts.byID {
		p.stop()
		delete(ts.byID, id)
	}
	ts.next, ts.restoring = 0, false
}

// anyID is what add takes when it may choose.
const anyID = -1

// add gives a timer its id: EBUSY if that is taken.
func (ts *posixTimers) add(p *posixTimer, id int32) error {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if id != anyID {
		if ts.byID[id] != nil {
			return unix.EBUSY
		}
		ts.next = id
	}
	for ts.byID[ts.next] != nil {
		ts.next = (ts.next + 1) & math.MaxInt32
	}
	p.id = ts.next
	ts.byID[p.id] = p
	ts.next = (ts.next + 1) & math.MaxInt32
	return nil
}

// timerRestoreIDs is PR_TIMER_CREATE_RESTORE_IDS.
func timerRestoreIDs(t *task.Task, a *prctlArgs) (uint64, error) {
	const off, on, ask = 0, 1, 2
	if !a.zero(3) || a[0] > ask {
		return 0, unix.EINVAL
	}
	ts := posixTimersOf(t.Group())
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if a[0] == ask {
		return uint64(boolWord(ts.restoring)), nil
	}
	ts.restoring = a[0] == on
	return 0, nil
}

// wantedID is the id that a new timer is to have: EFAULT, EINVAL.
func (ts *posixTimers) wantedID(t *task.Task, created user.Addr) (id int32, err error) {
	ts.mu.Lock()
	restoring := ts.restoring
	ts.mu.Unlock()
	if !restoring {
		return anyID, nil
	}
	if err := get(t, created, &id); err != nil {
		return 0, err
	}
	if id < 0 {
		return 0, unix.EINVAL
	}
	return id, nil
}

func findTimer(t *task.Task, id int32) (*posixTimer, error) {
	ts := posixTimersOf(t.Group())
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if p := ts.byID[id]; p != nil && p.timer != nil { // without, its clock is about to refuse it
		return p, nil
	}
	return nil, unix.EINVAL
}

func (p *posixTimer) stop() {
	p.mu.Lock()
	p.discharge()
	p.round.Add(1)
	p.mu.Unlock()
	if p.timer != nil { // it came to be
		p.timer.Set(0, 0)
	}
}

// signalWaits tells whether the last signal was not taken yet.
func (p *posixTimer) signalWaits() bool {
	t := p.target
	if t == nil {
		t = p.group.Leader()
	}
	return t != nil && t.HasSignal(task.SigBit(int(p.event.Signo)))
}

// expired sends the signal. What passes while one waits to be taken is its
// overrun.
func (p *posixTimer) expired() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped || p.group.Kernel().LookupGroup(p.group.ID()) != p.group {
		return
	}
	if _, interval := p.timer.Get(); interval > 0 && interval < int64(minRearm) {
		time.Sleep(minRearm)
	}
	n := p.timer.Take()
	if n == 0 || p.event.Notify == sigevNone {
		return
	}
	waits, round := p.signalWaits(), p.round.Load()
	if waits && p.queued.Load() == round {
		p.missed.Add(int64(n))
		return
	}
	p.missed.Store(int64(n) - 1)
	p.queued.Store(round)
	if waits {
		return // what waits is of this round from now on
	}
	info := abi.SigInfo{Signo: p.event.Signo, Code: abi.SI_TIMER}
	info.SetTimerID(p.id)
	info.SetValue(p.event.Value)
	switch {
	case p.target != nil:
		_ = p.target.SendTimerSignal(&info, p.taken)
	case p.cpu:
		_ = p.group.SendCPUSignal(&info, p.taken)
	default:
		_ = p.group.SendTimerSignal(&info, p.taken)
	}
}

// taken completes the signal with what was missed meanwhile, or drops it if
// the timer was set again or deleted since.
func (p *posixTimer) taken(info *abi.SigInfo) bool {
	if p.round.Load() != p.queued.Load() {
		return false
	}
	n := min(p.missed.Swap(0), math.MaxInt32)
	p.overrun.Store(n)
	info.SetOverrun(int32(n))
	return true
}

// timerClock is a clock that a timer may have: EINVAL, EOPNOTSUPP.
func timerClock(t *task.Task, which int32) (ktime.Clock, error) {
	switch which {
	case unix.CLOCK_THREAD_CPUTIME_ID:
		return threadClock(t, cpuSched), nil
	case unix.CLOCK_MONOTONIC_RAW, unix.CLOCK_REALTIME_COARSE, unix.CLOCK_MONOTONIC_COARSE:
		return nil, unix.EOPNOTSUPP
	case unix.CLOCK_REALTIME_ALARM, unix.CLOCK_BOOTTIME_ALARM:
		if _, err := clockOf(t, which); err != nil {
			return nil, unix.EOPNOTSUPP
		}
		if !t.Creds().Capable(unix.CAP_WAKE_ALARM) {
			return nil, unix.EPERM
		}
	}
	return clockOf(t, which)
}

// check refuses a bad sigevent (good_sigevent) and finds the thread it names.
func (e *sigevent) check(t *task.Task) (*task.Task, error) {
	var target *task.Task
	switch e.Notify {
	case sigevNone:
		return nil, nil
	case sigevSignal | sigevThreadID:
		target = t.Lookup(e.TID)
		if target == nil || target.Group() != t.Group() {
			return nil, unix.EINVAL
		}
	case sigevSignal, sigevThread:
	default:
		return nil, unix.EINVAL
	}
	if e.Signo <= 0 || e.Signo > task.NSig {
		return nil, unix.EINVAL
	}
	return target, nil
}

//ditto:syscall timer_create full
func timerCreate(t *task.Task, which int32, spec, created user.Addr) error {
	p := &posixTimer{group: t.Group(), cpu: which == unix.CLOCK_PROCESS_CPUTIME_ID, event: sigevent{Signo: abi.SIGALRM}}
	if spec != 0 {
		if err := get(t, spec, &p.event); err != nil {
			return err
		}
	}
	clock, refused := timerClock(t, which)
	// What an alarm's clock or another process's refuses it refuses at the end (kc->timer_create).
	late := which < 0 || which == unix.CLOCK_REALTIME_ALARM || which == unix.CLOCK_BOOTTIME_ALARM
	if refused != nil && !late {
		return refused
	}
	var err error
	if p.charge, err = t.Group().ReserveSignal(); err != nil {
		return err
	}
	if err := p.start(t, clock, refused, spec, created); err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.discharge()
		return err
	}
	return nil
}

// discharge lets go of the timer's signal. The caller holds mu.
func (p *posixTimer) discharge() {
	if !p.stopped {
		p.charge.Add(-1)
	}
	p.stopped = true
}

// start gives a timer its id, and tells the application; refused is what the clock says at the end.
func (p *posixTimer) start(t *task.Task, clock ktime.Clock, refused error, spec, created user.Addr) error {
	ts := posixTimersOf(t.Group())
	id, err := ts.wantedID(t, created)
	if err != nil {
		return err
	}
	if err := ts.add(p, id); err != nil {
		return err
	}
	if err = p.prepare(t, refused, spec, created); err != nil {
		ts.remove(p)
		return err
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	p.timer = ktime.NewTimer(clock, p.expired) // found from now on
	return nil
}

// prepare is what can fail of a timer that has its id.
func (p *posixTimer) prepare(t *task.Task, refused error, spec, created user.Addr) (err error) {
	if spec == 0 {
		p.event.Value = uint64(p.id)
	} else if p.target, err = p.event.check(t); err != nil {
		return err
	}
	if err := put32(t, created, uint32(p.id)); err != nil {
		return err
	}
	return refused
}

func (ts *posixTimers) remove(p *posixTimer) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	delete(ts.byID, p.id)
}

//ditto:syscall timer_settime full
func timerSettime(t *task.Task, id, flags int32, newSetting, oldSetting user.Addr) error {
	var s itimerspec
	if newSetting == 0 {
		return unix.EINVAL
	}
	if err := get(t, newSetting, &s); err != nil {
		return err
	}
	if !s.valid() {
		return unix.EINVAL
	}
	p, err := findTimer(t, id)
	if err != nil {
		return err
	}
	next, interval := ktime.Nanoseconds(s.Value), ktime.Nanoseconds(s.Interval)
	switch {
	case next == 0:
		interval = 0
	case flags&timerAbstime == 0:
		next = ktime.Add(p.timer.Clock().Now(), next)
	default:
		if h, ok := p.timer.Clock().(ktime.Host); ok {
			next = max(t.HostTime(int32(h), next), 1) // 0 would disarm it
		}
	}
	// Before the timer can go off: what it sends then is of the new round.
	p.mu.Lock()
	p.round.Add(1)
	p.mu.Unlock()
	left, oldInterval := p.timer.Set(next, interval)
	p.missed.Store(0)
	p.overrun.Store(0)
	fireSoon(p.timer, interval)
	if oldSetting == 0 {
		return nil
	}
	return put(t, oldSetting, makeItimerspec(left, oldInterval))
}

//ditto:syscall timer_gettime full
func timerGettime(t *task.Task, id int32, setting user.Addr) error {
	p, err := findTimer(t, id)
	if err != nil {
		return err
	}
	left, interval := p.timer.Get()
	return put(t, setting, makeItimerspec(left, interval))
}

//ditto:syscall timer_getoverrun full
func timerGetoverrun(t *task.Task, id int32) (int64, error) {
	p, err := findTimer(t, id)
	if err != nil {
		return 0, err
	}
	return p.overrun.Load(), nil
}

//ditto:syscall timer_delete full
func timerDelete(t *task.Task, id int32) error {
	p, err := findTimer(t, id)
	if err != nil {
		return err
	}
	posixTimersOf(t.Group()).remove(p)
	p.stop()
	return nil
}

// StopTimers is what the end of a process does to all of its timers; boot
// hands it to task.Kernel.OnExit.
func StopTimers(t *task.Task) {
	DropTimers(t)
	if it, ok := t.Group().ExtraIfAny(itimersKey{}).(*itimers); ok {
		for _, tm := range it {
			tm.Set(0, 0)
		}
	}
}
