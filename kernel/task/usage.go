// SPDX-License-Identifier: Apache-2.0

package task

import "time"

// ClockTicks is USER_HZ: the unit of times(2) and SIGCHLD's siginfo.
const ClockTicks = 100

// Ticks is a duration in clock ticks.
func Ticks(d time.Duration) int64 { return int64(d / (time.Second / ClockTicks)) }

// updateCPUTime asks the host what the thread has used. The caller is the
// task itself, or holds Kernel.mu and knows that it is not dead.
func (t *Task) updateCPUTime() {
	if t.thread == nil {
		return
	}
	user, system := t.thread.CPUTime()
	t.utime.Store(int64(user + t.earlier.User))
	t.stime.Store(int64(system + t.earlier.System))
}

// ownUsage is the thread's processor time as of its last look.
func (t *Task) ownUsage() Usage {
	return Usage{time.Duration(t.utime.Load()), time.Duration(t.stime.Load())}
}

// UsageNow is the thread's processor time. Any goroutine.
func (t *Task) UsageNow() Usage {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	if !t.dead {
		t.updateCPUTime()
	}
	return t.ownUsage()
}

// usage is that of all threads, dead or alive. Caller holds Kernel.mu.
func (g *ThreadGroup) usage() Usage {
	u := g.timesDead
	for _, t := range g.threads {
		if !t.dead {
			t.updateCPUTime()
			u.add(t.ownUsage())
		}
	}
	return u
}

// ThreadUsage is the caller's own processor time.
func (t *Task) ThreadUsage() Usage {
	t.updateCPUTime()
	return t.ownUsage()
}

// GroupUsage is the processor time of the caller's group, and of the children
// that it waited for.
func (t *Task) GroupUsage() (self, children Usage) {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	return t.group.usage(), t.group.timesWaited
}

// Usage is the processor time of the group and of the children it waited for.
func (g *ThreadGroup) Usage() (self, children Usage) {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return g.usage(), g.timesWaited
}
