// SPDX-License-Identifier: Apache-2.0

// This file enforces RLIMIT_RTTIME: how long a thread with a real-time policy may use a
// processor without waiting for anything. SIGXCPU at the soft limit, which then is a second
// more, and SIGKILL at the hard one (check_thread_timers).

package syscalls

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/task"
)

// rtLimit is the timer of a thread that is limited.
type rtLimit struct {
	timer *ktime.Timer

	mu    sync.Mutex
	since int64  // the thread's processor time when it waited last, as far as was noticed
	waits uint64 // how often it had waited then
}

type rtLimitKey struct{}

func rtLimited(t *task.Task) bool {
	s := t.SchedParams()
	return s != nil && (s.Policy == schedFIFO || s.Policy == schedRR) && t.Group().Limit(unix.RLIMIT_RTTIME).Cur != unix.RLIM_INFINITY
}

// armRTLimit makes the thread's timer go off at its limit. It is called when the limit or
// the policy changes, and for a child that inherits them.
func armRTLimit(t *task.Task) {
	if !rtLimited(t) {
		return // a timer that is armed finds out by itself
	}
	c := t.Extra(rtLimitKey{}, func() any {
		c := &rtLimit{}
		c.timer = ktime.NewTimer(threadClock(t, cpuSched), func() { c.expired(t) })
		return c
	}).(*rtLimit)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = c.timer.Clock().Now()
	c.waits, _ = t.Waits()
	c.timer.Set(c.since+rtTime(t.Group().Limit(unix.RLIMIT_RTTIME).Cur), 0)
}

// armRTLimits is for a group whose limit has changed.
func armRTLimits(g *task.ThreadGroup) {
	for _, t := range g.Threads() {
		armRTLimit(t)
	}
}

// rtTime is a limit in nanoseconds.
func rtTime(us uint64) int64 { return int64(max(min(us, 1<<50), 1)) * int64(time.Microsecond) }

func (c *rtLimit) expired(t *task.Task) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.timer.Clock().Now()
	waits, alive := t.Waits()
	if !alive || !rtLimited(t) {
		c.timer.Set(0, 0)
		return
	}
	g := t.Group()
	l := g.Limit(unix.RLIMIT_RTTIME)
	if waits != c.waits {
		c.waits, c.since = waits, now
	}
	used := now - c.since
	if l.Max != unix.RLIM_INFINITY && used >= rtTime(l.Max) {
		sendLimitSignal(g, abi.SIGKILL)
		return
	}
	if used >= rtTime(l.Cur) {
		sendLimitSignal(g, abi.SIGXCPU)
		l.Cur += uint64(time.Second / time.Microsecond)
		_ = g.ChangeLimit(unix.RLIMIT_RTTIME, func(task.Limit) error { return nil }, l)
	}
	c.timer.Set(c.since+rtTime(min(l.Cur, l.Max)), 0)
}

func sendLimitSignal(g *task.ThreadGroup, signo int) {
	info := task.KernelInfo(signo)
	_ = g.SendSignal(&info)
}
