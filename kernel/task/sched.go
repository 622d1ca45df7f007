// SPDX-License-Identifier: Apache-2.0

package task

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
)

// Sched is how a task wants to be scheduled. It is recorded, and answered
// when asked for; the host is told of all but the real-time policies, which could
// starve the kernel process that a task depends on. Immutable.
type Sched struct {
	Policy      uint32
	Nice        int32
	Priority    uint32 // of the real-time policies
	ResetOnFork bool
	Runtime     uint64   // custom slice, or SCHED_DEADLINE's
	Affinity    []uint64 // nil: all
}

// SchedParams is how the task wants to be scheduled. Any goroutine.
func (t *Task) SchedParams() *Sched { return t.sched.Load() }

// SetSchedParams records it, and tells the host of another nice value or
// policy. Any goroutine.
func (t *Task) SetSchedParams(s *Sched) {
	old := t.sched.Swap(s)
	if old == nil {
		return
	}
	t.hookNice()
	if old.Nice != s.Nice {
		t.renice(s.Nice)
	}
	if old.hostPolicy() != s.hostPolicy() {
		t.setHostPolicy(s.hostPolicy())
	}
}

// hostPolicy is the policy that the host is told.
func (s *Sched) hostPolicy() int {
	const batch = 3
	if s.Policy == batch || s.Policy == schedIdle {
		return int(s.Policy)
	}
	return 0 // SCHED_OTHER
}

// setHostPolicy passes a policy on to the host's thread, as far as the host lets.
func (t *Task) setHostPolicy(policy int) {
	t.kernel.mu.RLock()
	thread, dead := t.thread, t.dead
	t.kernel.mu.RUnlock()
	if n, ok := thread.(interface{ SetPolicy(policy int) error }); ok && !dead {
		_ = n.SetPolicy(policy)
	}
}

// renice passes a nice value on to the host's thread, as far as the host lets
// the sandbox's user.
func (t *Task) renice(nice int32) {
	t.kernel.mu.RLock()
	thread, dead := t.thread, t.dead
	t.kernel.mu.RUnlock()
	if n, ok := thread.(interface{ SetNice(nice int) error }); ok && !dead {
		_ = n.SetNice(int(nice))
	}
}

// Pin binds the task's thread to the processors of its affinity, and gives it
// its nice value, if they are not what a thread starts with. Any
// goroutine. A thread that ends meanwhile needs none.
func (t *Task) Pin() {
	s := t.SchedParams()
	if s != nil && s.Nice != 0 {
		t.renice(s.Nice)
	}
	if s != nil && s.hostPolicy() != 0 {
		t.setHostPolicy(s.hostPolicy())
	}
	if prio := t.IOPrio(); prio != 0 {
		t.tellIOPrio(prio)
	}
	if s == nil || s.Affinity == nil {
		return
	}
	t.kernel.mu.RLock()
	thread, dead := t.thread, t.dead
	t.kernel.mu.RUnlock()
	if thread != nil && !dead {
		_ = thread.SetAffinity(s.Affinity)
	}
}

// forChild is what a child of clone gets.
func (s *Sched) forChild() *Sched {
	if !s.ResetOnFork {
		return s
	}
	c := *s
	c.ResetOnFork = false
	if c.Policy == 1 || c.Policy == 2 || c.Policy == 6 { // FIFO, RR, DEADLINE
		c.Policy, c.Priority = 0, 0
	}
	c.Nice = max(c.Nice, 0)
	return &c
}

// IOContext is a priority of I/O (ioprio_set(2)), and who shares it (CLONE_IO).
type IOContext struct {
	prio   atomic.Uint32
	shared atomic.Bool // by more than one task, or was once
}

// IOContext is the task's, for comparison only; nil if it has none. Any goroutine.
func (t *Task) IOContext() *IOContext { return t.io.Load() }

// IOPrio is the priority that was set; 0 if none was. Any goroutine.
func (t *Task) IOPrio() uint16 {
	if c := t.io.Load(); c != nil {
		return uint16(c.prio.Load())
	}
	return 0
}

// SetIOPrio sets it, and tells the host of it: its threads of all tasks that share the
// context. Any goroutine.
func (t *Task) SetIOPrio(prio uint16) {
	t.io.CompareAndSwap(nil, &IOContext{})
	c := t.io.Load()
	c.prio.Store(uint32(prio))
	if !c.shared.Load() {
		t.tellIOPrio(prio)
		return
	}
	for _, o := range t.kernel.Tasks(func(o *Task) bool { return o.io.Load() == c }) {
		o.tellIOPrio(prio)
	}
}

// tellIOPrio passes a priority on to the host's thread. What the kernel process reads and writes for the
// task gets it as well (hostio.As).
func (t *Task) tellIOPrio(prio uint16) {
	t.kernel.mu.RLock()
	thread, dead := t.thread, t.dead
	t.kernel.mu.RUnlock()
	n, ok := thread.(interface{ SetIOPrio(prio uint16) error })
	if ok && !dead && n.SetIOPrio(prio) == unix.EPERM {
		_ = n.SetIOPrio(hostio.NextBest(prio))
	}
}

// inheritIO gives a child its parent's priority, or shares the context with it
// (copy_io).
func (c *Task) inheritIO(t *Task, flags uint64) {
	const classShift = 13
	switch io := t.io.Load(); {
	case io == nil:
	case flags&unix.CLONE_IO != 0:
		io.shared.Store(true)
		c.io.Store(io)
	case io.prio.Load()>>classShift != 0: // the host's thread has inherited it too
		own := &IOContext{}
		own.prio.Store(io.prio.Load())
		c.io.Store(own)
	}
}
