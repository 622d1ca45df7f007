// SPDX-License-Identifier: Apache-2.0

// This file is pid namespaces (pid_namespaces(7), kernel/pid.c,
// kernel/pid_namespace.c). The kernel itself calls everything by its number in
// the first namespace; what comes from an application or goes to one is
// translated (ToPid, ShowPid).

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
)

// PidNS is a pid namespace. Kernel.mu guards what changes.
type PidNS struct {
	common
	parent *PidNS // nil for the first
	level  int

	pids    map[int32]*pidEntry // by the numbers of this namespace
	lastPid int32
	init    *Task // who has number 1: orphans go to it, and all end with it
	closed  bool  // it ended, or is about to: nobody comes in any more
	others  int   // tasks that are not threads of init
	drained chan struct{}
}

// pidEntry is a number in use (struct pid): by a task, a process group, a
// session, or several of these. It has one in each namespace that sees it.
type pidEntry struct {
	ns      *PidNS  // the innermost
	numbers []int32 // by level
	task    *Task
	pgrp    *ProcessGroup
	session *Session
}

const (
	maxPidNSLevel = 32
	noPid         = 1<<31 - 1 // a number that nothing has
)

// in is the number in a namespace, 0 if that doesn't see it.
func (e *pidEntry) in(ns *PidNS) int32 {
	if e == nil || !e.ns.within(ns) {
		return 0
	}
	return e.numbers[ns.level]
}

// within tells whether ns is outer, or lies in it.
func (ns *PidNS) within(outer *PidNS) bool {
	for ns.level > outer.level {
		ns = ns.parent
	}
	return ns == outer
}

// newPidNS is create_pid_namespace: for the children of t, in the user
// namespace of c. EINVAL, ENOSPC.
func (t *Task) newPidNS(c *cred.Creds) (*PidNS, error) {
	parent := t.Namespaces().PidForChildren
	if parent != t.PidNS() || !c.NS().Within(parent.owner) {
		return nil, unix.EINVAL
	}
	if parent.level == maxPidNSLevel {
		return nil, unix.ENOSPC
	}
	return &PidNS{common: newCommon(unix.CLONE_NEWPID, c.NS()), parent: parent, level: parent.level + 1, pids: map[int32]*pidEntry{}}, nil
}

// PidNS is the pid namespace that the task is in.
func (t *Task) PidNS() *PidNS { return t.ids.Load().ns }

// TID is the thread's id as itself knows it (gettid): in its own namespace.
func (t *Task) TID() int32 {
	e := t.ids.Load()
	return e.numbers[e.ns.level]
}

// PidSpace is what the task's ids are unique in.
func (t *Task) PidSpace() any { return t.PidNS() }

// pidNS is that of the group.
func (g *ThreadGroup) pidNS() *PidNS { return g.ids.ns }

// TGID is the id of the task's process as itself knows it (getpid).
func (t *Task) TGID() int32 { return t.group.ids.in(t.PidNS()) }

// HasInit tells whether the namespace has, or had, its first process.
func (ns *PidNS) HasInit(k *Kernel) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return ns.init != nil || ns.parent == nil
}

// ToPid is the kernel's number for a task, process group or session that t
// calls nr: nr itself if that names none of them (0, -1), and one that nothing
// has if t knows none by it. Negative numbers are process groups, as in kill(2).
func (t *Task) ToPid(nr int32) int32 {
	ns := t.PidNS()
	if ns.parent == nil || nr == 0 || nr == -1 || nr == -1<<31 {
		return nr
	}
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	if nr < 0 {
		return -ns.toPid(-nr)
	}
	return ns.toPid(nr)
}

func (ns *PidNS) toPid(nr int32) int32 {
	if e := ns.pids[nr]; e != nil {
		return e.numbers[0]
	}
	return noPid
}

// ShowPid is what t calls the task, process group or session with a number of
// the kernel's; 0 if it can't see it.
func (t *Task) ShowPid(pid int32) int32 {
	ns := t.PidNS()
	if ns.parent == nil {
		return pid
	}
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	return t.kernel.showPid(pid, ns)
}

// showPid is ShowPid for a namespace. Caller holds Kernel.mu.
func (k *Kernel) showPid(pid int32, ns *PidNS) int32 {
	if ns.parent == nil {
		return pid
	}
	return k.pids[pid].in(ns)
}

// Numbers are those of a task, process group or session in each namespace from
// the first to ns; 0 where it has none.
func (k *Kernel) Numbers(pid int32, ns *PidNS) []int32 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	list := make([]int32, ns.level+1)
	for at := ns; at != nil; at = at.parent {
		list[at.level] = k.pids[pid].in(at)
	}
	return list
}

// Lookup finds the thread that t calls by an id, or nil.
func (t *Task) Lookup(nr int32) *Task { return t.kernel.Lookup(t.ToPid(nr)) }

// LookupGroup finds the thread group that t calls by an id, or nil.
func (t *Task) LookupGroup(nr int32) *ThreadGroup { return t.kernel.LookupGroup(t.ToPid(nr)) }

// Sees tells whether t's pid namespace has a number for the group.
func (t *Task) Sees(g *ThreadGroup) bool { return t.ShowPid(g.ID()) != 0 }

// tracerCalls is what the task's tracer calls a task; 0 without one.
func (t *Task) tracerCalls(e *pidEntry) uint64 {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.pt.tracer == nil {
		return 0
	}
	return uint64(e.in(t.pt.tracer.PidNS()))
}

// allocPid gives c numbers in ns and in all around it: the ones wanted, from
// the innermost out, and free ones further on. Caller holds Kernel.mu.
func (k *Kernel) allocPid(c *Task, ns *PidNS, want []int32, creds *cred.Creds) error {
	if err := c.container.mayHaveMore(); err != nil {
		return err
	}
	if len(want) > ns.level+1 {
		return unix.EINVAL
	}
	e := &pidEntry{ns: ns, task: c, numbers: make([]int32, ns.level+1)}
	for at := ns; at != nil; at = at.parent {
		nr, err := int32(0), error(nil)
		if len(want) > 0 {
			nr, want = want[0], want[1:]
			err = at.claim(nr, creds)
		} else {
			nr, err = at.next()
		}
		if err != nil {
			k.forgetPid(e)
			return err
		}
		e.numbers[at.level] = nr
		at.pids[nr] = e
	}
	if ns.closed {
		k.forgetPid(e)
		return unix.ENOMEM
	}
	c.ids.Store(e)
	c.pid.Store(e.numbers[0])
	return nil
}

// claim checks a number that clone3 asks for.
func (ns *PidNS) claim(nr int32, creds *cred.Creds) error {
	switch {
	case nr < 1 || nr >= PidMax, nr != 1 && ns.init == nil && ns.parent != nil:
		return unix.EINVAL
	case !creds.CapableIn(ns.owner, unix.CAP_SYS_ADMIN) && !creds.CapableIn(ns.owner, unix.CAP_CHECKPOINT_RESTORE):
		return unix.EPERM
	case ns.pids[nr] != nil:
		return unix.EEXIST
	}
	return nil
}

// next finds a free number.
func (ns *PidNS) next() (int32, error) {
	for range PidMax {
		ns.lastPid++
		if ns.lastPid >= PidMax {
			ns.lastPid = reservedPids
		}
		if ns.pids[ns.lastPid] == nil {
			return ns.lastPid, nil
		}
	}
	return 0, unix.EAGAIN
}

// freePid gives back numbers that nothing uses any more. Caller holds k.mu.
func (k *Kernel) freePid(pid int32) {
	if e := k.pids[pid]; e != nil && e.task == nil && e.pgrp == nil && e.session == nil {
		k.forgetPid(e)
	}
}

func (k *Kernel) forgetPid(e *pidEntry) {
	for at := e.ns; at != nil; at = at.parent {
		if nr := e.numbers[at.level]; nr != 0 && at.pids[nr] == e {
			delete(at.pids, nr)
		}
	}
}

// enterPidNS makes a task that is in the tree known to its namespaces: the first
// in one is its init. Caller holds Kernel.mu.
func (c *Task) enterPidNS() {
	for ns := c.PidNS(); ns.parent != nil; ns = ns.parent {
		if ns.init == nil && c.ids.Load().in(ns) == 1 {
			ns.init = c
			c.group.sighand.mu.Lock()
			c.group.unkillable = true
			c.group.sighand.mu.Unlock()
		}
		if ns.init == nil || ns.init.group != c.group {
			ns.others++
		}
	}
}

// leavePidNS is enterPidNS's opposite. Caller holds Kernel.mu.
func (t *Task) leavePidNS() {
	for ns := t.PidNS(); ns.parent != nil; ns = ns.parent {
		if ns.init != nil && ns.init.group == t.group {
			continue
		}
		if ns.others--; ns.others == 0 && ns.drained != nil {
			close(ns.drained)
			ns.drained = nil
		}
	}
}

// initOf is who has number 1 where g is.
func (g *ThreadGroup) initOf() *Task {
	if ns := g.pidNS(); ns.parent != nil {
		return ns.init
	}
	return g.kernel.initTask
}

// endNamespace is zap_pid_ns_processes: with its init the whole namespace
// ends. It returns when all are gone.
func (t *Task) endNamespace() {
	k, g := t.kernel, t.group
	k.mu.Lock()
	ns := t.PidNS()
	if ns.parent == nil || ns.init == nil || ns.init.group != g {
		k.mu.Unlock()
		return
	}
	ns.closed = true
	g.sighand.mu.Lock()
	g.sighand.actions[abi.SIGCHLD] = SigAction{Handler: SigIgn}
	g.sighand.mu.Unlock()
	for _, e := range ns.pids {
		if e.task != nil && e.task.group != g && e.task.IsLeader() {
			o := e.task.group
			o.sighand.mu.Lock()
			o.startExit(int32(abi.SIGKILL))
			o.sighand.mu.Unlock()
		}
	}
	for c := g.children.first; c != nil; {
		next := c.siblings.next
		if c.zombie {
			c.release()
		}
		c = next
	}
	var drained chan struct{}
	if ns.others > 0 {
		drained = make(chan struct{})
		ns.drained = drained
	}
	k.mu.Unlock()
	if drained != nil {
		<-drained
	}
}
