// SPDX-License-Identifier: Apache-2.0

package task

import (
	"sync"
	"sync/atomic"
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

// ownUsage is what the thread has used: on the host, as of its last look, and what it read and wrote.
func (t *Task) ownUsage() Usage {
	u := t.hostUsage()
	t.moved.addTo(&u)
	return u
}

// hostUsage is the thread's processor time as of its last look, with what a
// sample knows beyond it.
func (t *Task) hostUsage() Usage {
	u := Usage{User: time.Duration(t.utime.Load()), System: time.Duration(t.stime.Load())}
	s := t.sampled.Load()
	if s == nil {
		return u
	}
	// The clock that anyone may read does not tell system time apart.
	total := u.User + u.System
	u = *s
	u.Add(t.earlier)
	u.User, u.System = t.split.divide(total, u.System)
	return u
}

// timeSplit divides a processor time so that neither part ever shrinks: the two come from
// clocks of the host that don't tick together (cputime_adjust). The zero value is ready.
type timeSplit struct {
	mu           sync.Mutex
	user, system time.Duration // as told last
}

// divide is total as the two that are told, of which the host's other clock says that system is one.
func (s *timeSplit) divide(total, system time.Duration) (user, sys time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if total <= s.user+s.system {
		return s.user, s.system // an older look than the last one's
	}
	system = max(min(system, total), s.system)
	if user = total - system; user < s.user {
		user, system = s.user, total-s.user
	}
	s.user, s.system = user, system
	return user, system
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
			u.Add(t.ownUsage())
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
	u.Add(t.earlier)
	t.moved.addTo(&u)
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

// Waits is how often the thread has waited for something; false if it is dead. Any goroutine.
func (t *Task) Waits() (uint64, bool) {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	if t.dead || t.thread == nil {
		return 0, false
	}
	return uint64(t.sleeps()), true
}

// sleeps is how often the thread gave up its processor to wait.
func (t *Task) sleeps() int64 {
	_, waits := t.thread.Asleep()
	return int64(t.slept.Load() + waits)
}

// moved is what a task has read and written by system calls (struct task_io_accounting). Only
// the task itself changes it.
type moved struct {
	readBytes, writtenBytes, reads, writes atomic.Uint64
	inBlocks, outBlocks                    atomic.Int64
}

func (m *moved) addTo(u *Usage) {
	u.ReadBytes += m.readBytes.Load()
	u.WrittenBytes += m.writtenBytes.Load()
	u.Reads += m.reads.Load()
	u.Writes += m.writes.Load()
	u.InBlocks += m.inBlocks.Load()
	u.OutBlocks += m.outBlocks.Load()
}

// CountRead counts a call that read n bytes, unless it failed, and returns its result.
func (t *Task) CountRead(n int, err error) (int, error) {
	t.moved.readBytes.Add(uint64(max(n, 0)))
	t.moved.reads.Add(1)
	return n, err
}

// CountWrite is CountRead for a call that wrote.
func (t *Task) CountWrite(n int, err error) (int, error) {
	t.moved.writtenBytes.Add(uint64(max(n, 0)))
	t.moved.writes.Add(1)
	return n, err
}

// CountBlocks counts blocks of 512 bytes that a file system of the host's moved for the task.
func (t *Task) CountBlocks(in, out int64) {
	t.moved.inBlocks.Add(in)
	t.moved.outBlocks.Add(out)
}
