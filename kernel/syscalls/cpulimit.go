// SPDX-License-Identifier: Apache-2.0

// This file enforces RLIMIT_CPU: SIGXCPU at the soft limit and each second
// beyond it, SIGKILL at the hard one.

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/task"
)

// cpuLimit is the timer of a group whose processor time is limited.
type cpuLimit struct{ timer *ktime.Timer }

type cpuLimitKey struct{}

func cpuLimited(g *task.ThreadGroup) bool {
	l := g.Limit(unix.RLIMIT_CPU)
	return l.Cur != unix.RLIM_INFINITY || l.Max != unix.RLIM_INFINITY
}

// armCPULimit makes the group's timer go off at its limit. It is called when
// the limit changes, and for a child that inherits one.
func armCPULimit(g *task.ThreadGroup) {
	c := g.Extra(cpuLimitKey{}, func() any {
		c := &cpuLimit{}
		c.timer = ktime.NewTimer(groupClock(g, cpuProf), func() { c.expired(g) })
		return c
	}).(*cpuLimit)
	if !cpuLimited(g) {
		c.timer.Set(0, 0)
		return
	}
	l := g.Limit(unix.RLIMIT_CPU)
	// A limit of 0 counts as one second.
	c.timer.Set(cpuSeconds(max(min(l.Cur, l.Max), 1)), 0)
}

// cpuSeconds is a limit as a time of the clock.
func cpuSeconds(s uint64) int64 { return int64(min(s, 1<<33)) * int64(time.Second) }

func (c *cpuLimit) expired(g *task.ThreadGroup) {
	if g.Kernel().LookupGroup(g.ID()) != g {
		c.timer.Set(0, 0)
		return
	}
	l := g.Limit(unix.RLIMIT_CPU)
	used := uint64(c.timer.Clock().Now()) / uint64(time.Second)
	signo := abi.SIGXCPU
	if used >= l.Max {
		signo = abi.SIGKILL
	}
	sendLimitSignal(g, int(signo))
	if used < l.Max {
		c.timer.Set(cpuSeconds(min(used+1, max(l.Max, 1))), 0)
	}
}

// cloneTask is Task.Clone for a task whose children inherit limits of processor time.
func cloneTask(t *task.Task, args *task.CloneArgs) (int32, error) {
	pid, err := t.Clone(args)
	if err == nil && rtLimited(t) {
		if child := t.Lookup(pid); child != nil {
			armRTLimit(child)
		}
	}
	if err == nil && cpuLimited(t.Group()) {
		if g := t.LookupGroup(pid); g != nil && g != t.Group() {
			armCPULimit(g)
		}
	}
	return pid, err
}
