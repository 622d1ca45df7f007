// SPDX-License-Identifier: Apache-2.0

package task

import (
	"time"

	"golang.org/x/sys/unix"
)

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

// ownUsage is the thread's processor time as of its last look, with what a
// sample knows beyond it.
func (t *Task) ownUsage() Usage {
	u := Usage{User: time.Duration(t.utime.Load()), System: time.Duration(t.stime.Load())}
	s := t.sampled.Load()
	if s == nil {
		return u
	}
	// The clock that anyone may read does not tell system time apart.
	total := u.User + u.System
	u = *s
	u.add(t.earlier)
	u.System = min(u.System, total)
	u.User = total - u.System
	return u
}

// sampleGroup has the host tell what the caller's address space has used so
// far, on the leader's account. A child of vfork has no address space to itself.
func (t *Task) sampleGroup() {
	if t.thread == nil {
		return
	}
	leader := t.group.leader
	if leader == t {
		if user, system := t.thread.CPUTime(); user+system == 0 {
			return
		}
	} else if m, _, _ := leader.Resources(); m != t.mm {
		return
	}
	if ru, err := t.thread.Rusage(unix.RUSAGE_SELF); err == nil {
		u := usageOf(&ru)
		u.Voluntary = t.sleeps()
		leader.sampled.Store(&u)
	}
}

func usageOf(ru *unix.Rusage) Usage {
	return Usage{
		User: time.Duration(ru.Utime.Nano()), System: time.Duration(ru.Stime.Nano()),
		MinFaults: ru.Minflt, MajFaults: ru.Majflt, Involuntary: ru.Nivcsw, MaxRSS: ru.Maxrss,
		InBlocks: ru.Inblock, OutBlocks: ru.Oublock,
	}
}

// UsageNow is the thread's processor time. Any goroutine.
func (t *Task) UsageNow() Usage {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	if t.dead {
		return t.ownUsage()
	}
	t.updateCPUTime()
	u := t.ownUsage()
	// The account above has all of a process with its first thread.
	if o, ok := t.thread.(interface {
		Times() (user, system time.Duration, ok bool)
	}); ok {
		if user, system, ok := o.Times(); ok {
			u.User, u.System = user+t.earlier.User, system+t.earlier.System
		}
	}
	return u
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
	ru, err := t.thread.Rusage(unix.RUSAGE_THREAD)
	if err != nil {
		return t.ownUsage()
	}
	u := usageOf(&ru)
	u.add(t.earlier)
	u.Voluntary = t.sleeps()
	return u
}

// GroupUsage is the processor time of the caller's group, and of the children
// that it waited for.
func (t *Task) GroupUsage() (self, children Usage) {
	t.sampleGroup()
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

// sleeps is how often the thread gave up its processor to wait.
func (t *Task) sleeps() int64 {
	_, waits := t.thread.Asleep()
	return int64(t.counts.Sleeps + waits)
}
