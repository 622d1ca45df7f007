// SPDX-License-Identifier: Apache-2.0

// This file is waiting for children: wait4 and waitid (kernel/exit.c, do_wait).

package task

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// WaitFor says which children a wait is about.
type WaitFor struct {
	Type    int // unix.P_ALL, P_PID, P_PGID
	ID      int32
	Options int
	// NonBlock is WNOHANG by a pidfd's O_NONBLOCK: EAGAIN.
	NonBlock bool
}

// Waited is what a wait found. Pid is 0 if WNOHANG found nothing.
type Waited struct {
	Pid    int32
	UID    uint32
	Code   int32 // CLD_*
	Status int32 // wait status, as wait4 has it
	Usage  Usage
}

// Value is si_status: the exit code or the signal.
func (w *Waited) Value() int32 {
	switch w.Code {
	case abi.CLD_STOPPED, abi.CLD_TRAPPED:
		return w.Status >> 8
	case abi.CLD_CONTINUED:
		return abi.SIGCONT
	}
	_, v := exitReason(w.Status)
	return v
}

// Wait waits for a child to change as the options say: ECHILD, a restart code.
func (t *Task) Wait(f *WaitFor) (w Waited, err error) {
	g := t.group
	if eligible := t.scan(f, &w); w.Pid != 0 {
		return w, nil
	} else if !eligible {
		return w, unix.ECHILD
	} else if f.Options&unix.WNOHANG != 0 {
		return w, nil
	} else if f.NonBlock {
		return w, unix.EAGAIN
	}
	e := wait.Entry{W: t, Mask: wait.All}
	g.childQueue.Add(&e)
	defer g.childQueue.Remove(&e)
	for {
		if eligible := t.scan(f, &w); w.Pid != 0 {
			return w, nil
		} else if !eligible {
			return w, unix.ECHILD
		}
		if err := t.Sleep(time.Time{}); err != nil {
			return w, err
		}
	}
}

// scan looks at each child once. It fills in w for the first that has
// something to tell, and tells whether any could have.
func (t *Task) scan(f *WaitFor, w *Waited) (eligible bool) {
	k := t.kernel
	k.mu.Lock()
	defer k.mu.Unlock()
	for c := t.group.children.first; c != nil; c = c.siblings.next {
		if !f.matches(t, c) {
			continue
		}
		if tracer := c.leader.pt.tracer; tracer != nil {
			if t.scanTraced(tracer, f, c, w) {
				eligible = true
			}
			if w.Pid != 0 {
				return true
			}
			continue
		}
		switch {
		case c.zombie && f.Options&unix.WEXITED != 0:
			t.waitZombie(f, c, w)
			return true
		case c.zombie:
			// Nothing more will come of it; not worth waiting for.
			continue
		case c.waitStopped(t, f, w), c.waitContinued(t, f, w):
			return true
		}
		eligible = true
	}
	return t.scanTracees(f, w) || eligible
}

// matches tells whether the wait is about c: by id, and by __WCLONE, which
// asks for children whose exit signal isn't SIGCHLD.
func (f *WaitFor) matches(t *Task, c *ThreadGroup) bool {
	switch f.Type {
	case unix.P_PID:
		if c.ID() != f.ID {
			return false
		}
	case unix.P_PGID:
		if c.pgrp.id != f.ID {
			return false
		}
	}
	if f.Options&unix.WNOTHREAD != 0 && c.parent != t {
		return false
	}
	if f.Options&unix.WALL != 0 {
		return true
	}
	return (c.exitSignal != abi.SIGCHLD) == (f.Options&unix.WCLONE != 0)
}

func (w *Waited) fill(t *Task, c *ThreadGroup, code, status int32) {
	*w = Waited{Pid: t.kernel.showPid(c.ID(), t.PidNS()), UID: c.leader.uidSeenBy(t), Code: code, Status: status, Usage: c.usage()}
	w.Usage.Add(c.timesWaited)
}

// waitZombie reports a dead child and forgets it, unless WNOWAIT.
func (t *Task) waitZombie(f *WaitFor, c *ThreadGroup, w *Waited) {
	code, _ := exitReason(c.status)
	w.fill(t, c, code, c.status)
	if f.Options&unix.WNOWAIT != 0 {
		return
	}
	t.group.timesWaited.Add(w.Usage)
	c.release()
}

func (c *ThreadGroup) waitStopped(t *Task, f *WaitFor, w *Waited) bool {
	if f.Options&unix.WUNTRACED == 0 {
		return false
	}
	c.sighand.mu.Lock()
	defer c.sighand.mu.Unlock()
	if !c.stop.stopped || !c.stop.waitable {
		return false
	}
	if f.Options&unix.WNOWAIT == 0 {
		c.stop.waitable = false
	}
	w.fill(t, c, abi.CLD_STOPPED, c.stop.signo<<8|0x7f)
	return true
}

func (c *ThreadGroup) waitContinued(t *Task, f *WaitFor, w *Waited) bool {
	if f.Options&unix.WCONTINUED == 0 {
		return false
	}
	c.sighand.mu.Lock()
	defer c.sighand.mu.Unlock()
	if !c.stop.continued {
		return false
	}
	if f.Options&unix.WNOWAIT == 0 {
		c.stop.continued = false
	}
	w.fill(t, c, abi.CLD_CONTINUED, 0xffff)
	return true
}
