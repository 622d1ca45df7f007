// SPDX-License-Identifier: Apache-2.0

// This file is how a tracer waits for its tracees (kernel/exit.c,
// ptrace_do_wait): threads, unlike children; each stop is told once, and a
// dead tracee is the tracer's before it is the parent's.

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// scanTracees is scan for the tracees of t's process, or of t alone with
// __WNOTHREAD. Caller holds Kernel.mu.
func (t *Task) scanTracees(f *WaitFor, w *Waited) (eligible bool) {
	for _, tracer := range t.group.threads {
		if f.Options&unix.WNOTHREAD != 0 && tracer != t {
			continue
		}
		for _, x := range tracer.pt.tracees {
			if f.matchesThread(x) && x.considerTracee(t, f, w) {
				eligible = true
			}
			if w.Pid != 0 {
				return true
			}
		}
	}
	return eligible
}

// scanTraced is what scan does about a child that is traced. To its tracer's
// own process it is a tracee; others see of it the stops of its group, but
// its death only when the tracer has. Caller holds Kernel.mu.
func (t *Task) scanTraced(tracer *Task, f *WaitFor, c *ThreadGroup, w *Waited) (eligible bool) {
	if tracer.group == t.group {
		return c.leader.considerTracee(t, f, w)
	}
	if !c.waitStopped(t, f, w) {
		c.waitContinued(t, f, w)
	}
	return true
}

// matchesThread is matches without the clone flags, which don't count between
// tracer and tracee. Caller holds Kernel.mu.
func (f *WaitFor) matchesThread(x *Task) bool {
	switch f.Type {
	case unix.P_PID:
		return x.Pid() == f.ID
	case unix.P_PGID:
		return x.group.pgrp.id == f.ID
	}
	return true
}

// considerTracee fills in w if the tracee has something to tell, and tells
// whether it could have. Caller holds Kernel.mu.
func (x *Task) considerTracee(t *Task, f *WaitFor, w *Waited) (eligible bool) {
	g := x.group
	if x.dead && (x != g.leader || g.zombie) {
		if f.Options&unix.WEXITED == 0 {
			return false
		}
		x.waitDeadTracee(t, f, w)
		return true
	}
	return x.waitTrapped(t, f, w) || g.waitContinued(t, f, w) || !x.dead || f.Options&(unix.WEXITED|unix.WCONTINUED) != 0
}

// waitTrapped tells of a ptrace-stop.
func (x *Task) waitTrapped(t *Task, f *WaitFor, w *Waited) bool {
	h := x.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	p := &x.pt
	if !p.traced || p.listening || p.code == 0 {
		return false
	}
	code := p.code
	if f.Options&unix.WNOWAIT == 0 {
		p.code = 0
	}
	w.fillThread(t, x, abi.CLD_TRAPPED, code<<8|0x7f)
	return true
}

func (w *Waited) fillThread(t, x *Task, code, status int32) {
	*w = Waited{Pid: x.ids.Load().in(t.PidNS()), UID: x.uidSeenBy(t), Code: code, Status: status, Usage: x.ownUsage()}
	if x == x.group.leader {
		w.Usage = x.group.usage()
		w.Usage.Add(x.group.timesWaited)
	}
}

// waitDeadTracee tells of a death, and gives the dead over to its parent.
func (x *Task) waitDeadTracee(t *Task, f *WaitFor, w *Waited) {
	g := x.group
	status := x.exitCode
	if x == g.leader {
		status = g.status
	} else if g.dying() {
		status = g.exitStatus
	}
	code, _ := exitReason(status)
	w.fillThread(t, x, code, status)
	if f.Options&unix.WNOWAIT != 0 {
		return
	}
	switch {
	case x != g.leader:
		x.untrace()
		x.reap()
	case g.reparentedTracer():
		x.untrace()
		if g.parent == nil {
			g.release()
			return
		}
		g.tellParent()
	default:
		t.group.timesWaited.Add(w.Usage)
		g.release()
	}
}

func (g *ThreadGroup) dying() bool {
	g.sighand.mu.Lock()
	defer g.sighand.mu.Unlock()
	return g.exiting
}
