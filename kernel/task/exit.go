// SPDX-License-Identifier: Apache-2.0

// This file is the end of a task: exit, what becomes of its children, and
// what its parent is told (kernel/exit.c).

package task

import (
	"slices"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/futex"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Exit is exit(2): it makes the thread leave when its handler returns the
// error to the run loop.
func (t *Task) Exit(code int32) error {
	t.exitCode = code & 0xff << 8
	return errExit
}

// ExitGroup is exit_group(2): see Exit.
func (t *Task) ExitGroup(code int32) error {
	t.groupExit(code & 0xff << 8)
	return errExit
}

// groupExit starts the end of the group with a wait status, unless it has
// begun already.
func (t *Task) groupExit(status int32) {
	g := t.group
	g.sighand.mu.Lock()
	defer g.sighand.mu.Unlock()
	g.startExit(status)
	t.exitCode = g.exitStatus
}

// exit ends the task, at the end of its goroutine.
func (t *Task) exit() {
	t.leave()
	t.ptraceExit()
	last := t.beginExit()
	t.runCalls() // who asked for them waits, and no more will come
	t.dropSeccomp()
	if last {
		t.sampleGroup()
	}
	t.updateCPUTime()
	k := t.kernel
	if last {
		for _, f := range k.OnExit {
			f(t)
		}
	}
	t.releaseMM()
	t.DropSemUndo()
	t.releaseResources()
	if last {
		t.group.SetExe(nil)
		t.leaveTerminal()
	}
	if last {
		t.endNamespace()
	}
	if t.thread != nil {
		t.thread.Leaving()
	}
	wake, onDeath := t.exitNotify()
	if wake != nil {
		wake.childQueue.Notify(wait.All)
	}
	if t.thread != nil {
		t.thread.Exit()
	}
	if onDeath != nil {
		onDeath()
	}
	close(t.released)
}

// beginExit takes the task out of all that concerns signals. It tells whether
// it is the last thread of its group to do so.
func (t *Task) beginExit() bool {
	g := t.group
	h := g.sighand
	h.mu.Lock()
	if g.exiting {
		t.exitCode = g.exitStatus
	}
	t.exiting = true
	g.live--
	last := g.live == 0
	if last && !g.exiting {
		g.exiting, g.exitStatus = true, t.exitCode
		g.stop = groupStop{}
	}
	t.retarget(g.shared.set &^ t.blocked)
	stopped := t.leaveStop() && !last
	h.mu.Unlock()
	if stopped {
		g.notifyStop(abi.CLD_STOPPED)
	}
	return last
}

// Exiting tells the task itself whether it is on its way out (PF_EXITING).
func (t *Task) Exiting() bool { return t.exiting }

// releaseMM does what the task promised to do when it leaves its address
// space, by exit or exec (mm_release).
func (t *Task) releaseMM() {
	t.dropRSeq()
	if head := t.RobustList(); head != 0 {
		futex.ExitRobust(t, head)
		t.SetRobustList(0)
	}
	futex.ExitPI(t)
	if addr := t.clearChildTID; addr != 0 && t.mm != nil {
		t.clearChildTID = 0
		if t.mm.Users() > 1 {
			var zero [4]byte
			if _, err := t.memory.CopyOut(addr, zero[:]); err == nil {
				futex.Wake(t, addr)
			}
		}
	}
	t.vforkDone()
}

// releaseResources drops descriptors, the view of the tree and the address space.
func (t *Task) releaseResources() {
	files := t.SetFiles(nil)
	if files != nil {
		files.Drop(t)
	}
	t.SetFS(nil)
	t.setNamespaces(nil)
	t.resMu.Lock()
	mm := t.mm
	t.mm = nil
	t.resMu.Unlock()
	if mm != nil {
		mm.DecRef()
	}
}

// exitNotify hands over the children, tells the parent, and takes the task
// out of the tree as far as nobody has to wait for it. It returns whose
// waiters to wake, and what else to do, without the lock.
func (t *Task) exitNotify() (wake *ThreadGroup, onDeath func()) {
	k, g := t.kernel, t.group
	k.mu.Lock()
	defer k.mu.Unlock()
	t.dead = true
	g.exitQueue.Notify(wait.All)
	t.detachAll()
	t.reparentChildren()
	g.timesDead.Add(t.ownUsage())
	switch {
	case t.pt.tracer != nil && len(g.threads) > 1:
		t.tellTracer(abi.SIGCHLD, t.exitCode) // and stays until that one has waited
	case t != g.leader:
		t.unlink()
	}
	if x := g.execer; x != nil && len(g.threads) <= 2 {
		x.Wake()
	}
	if len(g.threads) > 1 || !g.leader.dead {
		return nil, nil
	}
	if g.execer != nil && g.execer != g.leader {
		return nil, nil // exec takes over the leader's place
	}
	return g.die()
}

// unlink takes a dead thread out of its group. Caller holds Kernel.mu.
func (t *Task) unlink() {
	k, g := t.kernel, t.group
	h := g.sighand
	h.mu.Lock()
	t.pending.flush(^SigSet(0))
	if i := slices.Index(g.threads, t); i >= 0 {
		g.threads = slices.Delete(g.threads, i, i+1)
	}
	h.mu.Unlock()
	if e := k.pids[t.Pid()]; e != nil && e.task == t {
		e.task = nil
		k.freePid(t.Pid())
	}
	t.leavePidNS()
	k.count(t, -1)
}

// die makes the group a zombie, or nothing at all if nobody wants to know.
func (g *ThreadGroup) die() (wake *ThreadGroup, onDeath func()) {
	g.zombie = true
	g.dumpable.Store(newDumpable(g.Dumpable())) // as it was when the memory was left
	g.status = g.exitStatus
	g.exitQueue.Notify(wait.All)
	g.kernel.killOrphaned(g, nil)
	onDeath = both(g.leaveCgroup(), g.deathCallback())
	if g.reparentedTracer() {
		g.leader.tellTracer(abi.SIGCHLD, g.status)
		return nil, onDeath
	}
	if g.parent == nil {
		g.release()
		return nil, onDeath
	}
	wake = g.parent.group
	if g.notifyParent() {
		g.release()
	}
	return wake, onDeath
}

// both is a function that calls what there is of two.
func both(f, g func()) func() {
	switch {
	case f == nil:
		return g
	case g == nil:
		return f
	}
	return func() { f(); g() }
}

// deathCallback is what boot wants to know of: the end of pid 1 or of a
// process that it watches.
func (g *ThreadGroup) deathCallback() func() {
	k, status := g.kernel, g.status
	watch := g.onDeath
	if k.initTask != nil && k.initTask.group == g {
		k.killAll()
		if k.InitExit != nil {
			return func() { k.InitExit(status) }
		}
	}
	if watch == nil {
		return nil
	}
	return func() { watch(status) }
}

// killAll ends every process but pid 1. Caller holds Kernel.mu.
func (k *Kernel) killAll() {
	for _, g := range k.groups() {
		if g != k.initTask.group {
			g.sighand.mu.Lock()
			g.startExit(int32(abi.SIGKILL))
			g.sighand.mu.Unlock()
		}
	}
}

// notifyParent sends the exit signal. It tells whether nobody is going to
// wait for the group. Caller holds Kernel.mu.
func (g *ThreadGroup) notifyParent() (autoreap bool) {
	p := g.parent.group
	signo := g.exitSignal
	code, status := exitReason(g.status)
	info := g.childInfo(code)
	info.Signo = int32(signo)
	info.SetStatus(status)
	h := p.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if signo == int(abi.SIGCHLD) {
		act := &h.actions[signo]
		traced := g.leader.pt.tracer != nil // then the tracer will wait
		if !traced && (act.Handler == SigIgn || act.Flags&SA_NOCLDWAIT != 0) {
			autoreap = true
		}
		if !traced && act.Handler == SigIgn {
			signo = 0
		}
	}
	// clone takes any number up to CSIGNAL: one that is no signal is not sent.
	if signo != 0 && signo < len(h.actions) {
		_ = p.sendLocked(nil, &info)
	}
	return autoreap
}

// exitReason is si_code and si_status for a wait status.
func exitReason(status int32) (code, value int32) {
	switch sig := status & 0x7f; {
	case sig == 0:
		return abi.CLD_EXITED, status >> 8 & 0xff
	case status&0x80 != 0:
		return abi.CLD_DUMPED, sig
	default:
		return abi.CLD_KILLED, sig
	}
}

// release forgets a dead group. Caller holds Kernel.mu.
func (g *ThreadGroup) release() {
	k := g.kernel
	g.leader.untrace()
	g.leader.unlink()
	h := g.sighand
	h.mu.Lock()
	g.reaped = true
	g.shared.flush(^SigSet(0))
	h.refs--
	last := h.refs == 0
	h.mu.Unlock()
	if last {
		h.queue.Notify(wait.All) // for the last time (signalfd_cleanup)
	}
	if g.parent != nil {
		g.parent.group.children.remove(g)
	}
	k.leavePgrp(g)
}

// reparentChildren gives the children of a dying thread another parent.
// Caller holds Kernel.mu.
func (t *Task) reparentChildren() {
	g := t.group
	if g.children.first == nil {
		return
	}
	reaper := g.findReaper(t)
	for c := g.children.first; c != nil; {
		next := c.siblings.next
		if c.parent == t {
			c.sendParentDeath(t)
			c.adopt(reaper)
		}
		c = next
	}
}

// sendParentDeath sends what prctl(PR_SET_PDEATHSIG) asked for.
func (g *ThreadGroup) sendParentDeath(parent *Task) {
	for _, t := range g.threads {
		if signo := t.pdeathsig.Load(); signo != 0 && !t.dead {
			info := parent.UserInfo(int(signo), abi.SI_USER)
			info.SetPid(parent.group.ids.in(g.pidNS()))
			_ = g.sendForced(nil, &info, info.Pid() == 0)
		}
	}
}

// adopt makes reaper the parent of the group (nil: nobody).
func (g *ThreadGroup) adopt(reaper *Task) {
	old := g.parent.group
	g.parent = reaper
	if reaper != nil && reaper.group == old {
		return
	}
	old.children.remove(g)
	if reaper != nil {
		reaper.group.children.add(g)
	}
	g.exitSignal = int(abi.SIGCHLD)
	if g.zombie && !g.reparentedTracer() {
		if reaper == nil || g.notifyParent() {
			g.release()
			return
		}
		reaper.group.childQueue.Notify(wait.All)
	}
	g.kernel.killOrphaned(g, old)
}

// findReaper is another thread of the group, the nearest subreaper above it,
// or pid 1.
func (g *ThreadGroup) findReaper(dying *Task) *Task {
	for _, t := range g.threads {
		if t != dying && !t.exiting && !t.dead {
			return t
		}
	}
	for p := g.parent; p != nil && p.PidNS().level == g.pidNS().level; p = p.group.parent {
		if p.group.subreaper {
			if t := p.group.aliveThread(); t != nil {
				return t
			}
		}
	}
	if init := g.initOf(); init != nil && init.group != g {
		return init.group.aliveThread()
	}
	return nil
}

func (g *ThreadGroup) aliveThread() *Task {
	for _, t := range g.threads {
		if !t.exiting && !t.dead {
			return t
		}
	}
	return nil
}

// SetClearChildTID is set_tid_address(2).
func (t *Task) SetClearChildTID(addr user.Addr) { t.clearChildTID = addr }
