// SPDX-License-Identifier: Apache-2.0

// This file is who traces whom (ptrace(2)): attaching and detaching, and what
// the death of either side does (kernel/ptrace.c). ptrace_stop.go has what a
// tracee does when it stops, ptrace_tracee.go what its tracer does with it
// then, ptrace_wait.go how it waits for that.

package task

import (
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch/insn"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/landlock"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/seccomp"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// ptrace is a task's part in tracing, on either side.
type ptrace struct {
	// Changed only with both Kernel.mu and SigHand.mu of the tracee, so either
	// is enough to read them.
	tracer  *Task
	creds   *cred.Creds // by whose right: the tracer's, or the tracee's own if it asked for it
	seized  bool
	options uint64 // PTRACE_O_*

	tracees []*Task // of this task; Kernel.mu

	// work is what the tracee does besides running: trace* bits. Written where
	// tracer is, and by the tracer while it has the tracee frozen.
	work atomic.Uint32

	// SigHand.mu of the tracee guards these.
	traced     bool         // sits in a ptrace-stop
	frozen     bool         // its tracer works on it: it stays, come what may
	listening  bool         // PTRACE_LISTEN: stays, though not stopped for wait
	code       int32        // what stopped it, until waited for; then the signal to go on with
	info       *abi.SigInfo // of the stop; nil in a group-stop
	message    uint64       // PTRACE_GETEVENTMSG
	trapStop   bool         // shall stop for its tracer: JOBCTL_TRAP_STOP
	trapNotify bool         // shall tell of a change of the group stop: JOBCTL_TRAP_NOTIFY
	trapping   bool         // on its way from a group-stop to a ptrace-stop
	calling    bool         // does in its stop what others asked it to (Call)
	fromGroup  bool         // the signal taken last was the group's
	stopSig    int32        // of the group stop that it joins

	// The task's own, or its tracer's while it is frozen.
	debug    *debugRegs // nil: none was ever set
	hits     uint64     // breakpoints that the event at hand is about
	accesses []insn.Access
	segments *platform.Segments // to be loaded when the task goes on; nil: those that it has
}

// Bits of ptrace.work.
const (
	tracePresent = 1 << iota // there is a tracer
	traceSyscall             // PTRACE_SYSCALL: stop at both ends of a system call
	traceEmulate             // PTRACE_SYSEMU: stop at its start, and don't perform it
	traceStep                // PTRACE_SINGLESTEP
	traceBlock               // PTRACE_SINGLEBLOCK: with traceStep
	traceWatch               // a breakpoint of the debug registers is enabled; it outlives the tracer
)

// setWork sets all bits but traceWatch. Caller holds SigHand.mu.
func (p *ptrace) setWork(bits uint32) { p.work.Store(bits | p.work.Load()&traceWatch) }

// ptraceSyscallGood marks a system call's stop (PTRACE_O_TRACESYSGOOD).
const ptraceSyscallGood = 0x80

// CheckPtraceOptions is what SETOPTIONS and SEIZE refuse: EINVAL, and EPERM for
// suspending filters by who has no right to, or is filtered itself.
func (t *Task) CheckPtraceOptions(options uint64) error {
	if options&^unix.PTRACE_O_MASK != 0 {
		return unix.EINVAL
	}
	if options&unix.PTRACE_O_SUSPEND_SECCOMP != 0 {
		mode, _ := t.Seccomp()
		if !t.Creds().Capable(unix.CAP_SYS_ADMIN) || mode != seccomp.ModeDisabled || t.seccompSuspended() {
			return unix.EPERM
		}
	}
	return nil
}

// TracerID is the process id of the task's tracer; 0 if it has none.
func (t *Task) TracerID() int32 {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	if t.pt.tracer == nil {
		return 0
	}
	return t.pt.tracer.ProcessID()
}

// TraceMe is PTRACE_TRACEME: the parent becomes the tracer. EPERM.
func (t *Task) TraceMe() error {
	k := t.kernel
	k.mu.Lock()
	defer k.mu.Unlock()
	parent := t.group.parent
	if t.pt.tracer != nil || parent == nil {
		return unix.EPERM
	}
	c, p := t.Creds(), parent.Creds()
	if !landlock.MayTrace(p, c) {
		return unix.EPERM
	}
	if (c.NS() != p.NS() || c.Permitted&^p.Permitted != 0) && !p.CapableIn(c.NS(), unix.CAP_SYS_PTRACE) {
		return unix.EPERM
	}
	t.link(parent, false, 0)
	t.pt.creds = c
	return nil
}

// TracerIsWeak tells whether the task has a tracer that must not see it gain
// privileges (ptracer_capable).
func (t *Task) TracerIsWeak() bool {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	return t.tracerIsWeak()
}

func (t *Task) tracerIsWeak() bool {
	return t.pt.tracer != nil && !t.pt.creds.CapableIn(t.Creds().NS(), unix.CAP_SYS_PTRACE)
}

// link makes tracer the task's tracer. Caller holds Kernel.mu.
func (t *Task) link(tracer *Task, seized bool, options uint64) {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	t.linkLocked(tracer, seized, options)
}

func (t *Task) linkLocked(tracer *Task, seized bool, options uint64) {
	t.pt.tracer, t.pt.seized, t.pt.options = tracer, seized, options
	t.pt.setWork(tracePresent)
	t.pt.creds = tracer.Creds()
	tracer.pt.tracees = append(tracer.pt.tracees, t)
}

// Attach is PTRACE_ATTACH, or PTRACE_SEIZE with its options: EPERM, ESRCH.
func (t *Task) Attach(pid int32, seize bool, options uint64) error {
	target := t.Lookup(pid)
	switch {
	case target == nil:
		return unix.ESRCH
	case target.group == t.group, target.thread == nil && target == t.kernel.initTask:
		return unix.EPERM
	}
	if err := t.attachTo(target, seize, options); err != nil {
		return err
	}
	// One that sits in a group-stop moves over to a ptrace-stop, and nobody
	// sees it run in between.
	for target.trapping() {
		if t.SleepKillable(time.Time{}) != nil {
			break
		}
	}
	return nil
}

func (t *Task) attachTo(target *Task, seize bool, options uint64) error {
	k := t.kernel
	k.mu.Lock()
	defer k.mu.Unlock()
	if t.MayAccess(target) != nil || target.dead || target.pt.tracer != nil {
		return unix.EPERM
	}
	h := target.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if target.exiting && target.group.reaped {
		return unix.EPERM
	}
	target.linkLocked(t, seize, options)
	if !seize {
		info := KernelInfo(abi.SIGSTOP)
		_ = target.group.sendLocked(target, &info)
	}
	if target.stopped {
		target.pt.trapStop, target.pt.trapping = true, true
		target.stopped = false
		target.kick(workSignal)
	}
	return nil
}

func (t *Task) trapping() bool {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return t.pt.trapping && !t.exiting
}

// untrace ends the tracing of t: it goes on as if it had never been, back into
// a group-stop if there is one. Caller holds Kernel.mu.
func (t *Task) untrace() {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	t.untraceLocked()
}

func (t *Task) untraceLocked() {
	tracer := t.pt.tracer
	if tracer == nil {
		return
	}
	if i := slices.Index(tracer.pt.tracees, t); i >= 0 {
		tracer.pt.tracees = slices.Delete(tracer.pt.tracees, i, i+1)
	}
	p := &t.pt
	p.tracer, p.creds, p.seized, p.options = nil, nil, false, 0
	p.trapStop, p.trapNotify, p.trapping = false, false, false
	p.setWork(0)
	s := &t.group.stop
	if !t.exiting && !t.group.exiting && (s.stopped || s.pending > 0) && !t.stopped {
		t.stopping = true
	}
	if p.traced || t.stopping {
		p.traced, p.frozen = false, false
		t.kick(workSignal)
	}
}

// forgetTracer is for the old leader of a group when exec puts another thread
// in its place. Caller holds Kernel.mu and SigHand.mu.
func (t *Task) forgetTracer() {
	if tracer := t.pt.tracer; tracer != nil {
		t.untraceLocked()
		tracer.group.childQueue.Notify(wait.All)
	}
}

// shareTracer gives the task's tracer to its new child, which begins with a
// stop. Caller holds Kernel.mu.
func (t *Task) shareTracer(c *Task) {
	tracer := t.pt.tracer
	if tracer == nil {
		return
	}
	h := c.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	c.linkLocked(tracer, t.pt.seized, t.pt.options)
	c.pt.creds = t.pt.creds
	if c.pt.seized {
		c.pt.trapStop = true
	} else {
		c.pending.set |= SigBit(abi.SIGSTOP)
	}
	c.work.Or(workSignal)
}

// cloneEvent is the event that the tracer wants to hear of a clone, or 0.
func (t *Task) cloneEvent(a *CloneArgs) int {
	event := unix.PTRACE_EVENT_FORK
	switch {
	case a.Flags&unix.CLONE_UNTRACED != 0:
		return 0
	case a.Flags&unix.CLONE_VFORK != 0:
		event = unix.PTRACE_EVENT_VFORK
	case a.ExitSignal != abi.SIGCHLD:
		event = unix.PTRACE_EVENT_CLONE
	}
	if !t.wantsEvent(event) {
		return 0
	}
	return event
}

// detachAll is exit_ptrace: a dying tracer lets its tracees go, or takes them
// with it. Caller holds Kernel.mu.
func (t *Task) detachAll() {
	for len(t.pt.tracees) > 0 {
		x := t.pt.tracees[len(t.pt.tracees)-1]
		if x.pt.options&unix.PTRACE_O_EXITKILL != 0 {
			info := KernelInfo(abi.SIGKILL)
			_ = x.group.send(x, &info)
		}
		x.detachFrom(t)
	}
}

// detachFrom is __ptrace_detach: a dead tracee, which only its tracer saw, is
// its parent's to see now, or gone. Caller holds Kernel.mu.
func (t *Task) detachFrom(tracer *Task) {
	t.untrace()
	g := t.group
	switch {
	case !t.dead:
	case t != g.leader:
		t.reap()
	case !g.zombie:
	case g.parent == nil:
		g.release()
	case g.parent.group != tracer.group:
		g.tellParent()
	case g.parent.ignoresChildren():
		tracer.group.childQueue.Notify(wait.All)
		g.release()
	}
}

// tellParent is the late news of a zombie's death. Caller holds Kernel.mu.
func (g *ThreadGroup) tellParent() {
	g.parent.group.childQueue.Notify(wait.All)
	if g.notifyParent() {
		g.release()
	}
}

func (t *Task) ignoresChildren() bool {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	act := &h.actions[abi.SIGCHLD]
	return act.Handler == SigIgn || act.Flags&SA_NOCLDWAIT != 0
}

// reap forgets a dead thread that was kept for its tracer, and what waited
// for it to be gone: the death of the group, or an exec. Caller holds Kernel.mu.
func (t *Task) reap() {
	g := t.group
	t.unlink()
	if x := g.execer; x != nil && len(g.threads) <= 2 {
		x.Wake()
	}
	if len(g.threads) > 1 || !g.leader.dead || g.zombie || g.execer != nil && g.execer != g.leader {
		return
	}
	if wake, onDeath := g.die(); wake != nil || onDeath != nil {
		if wake != nil {
			wake.childQueue.Notify(wait.All)
		}
		if onDeath != nil {
			go onDeath() // it may want the lock that is held here
		}
	}
}

// reparentedTracer tells whether the group's leader has a tracer that is not
// its parent. Caller holds Kernel.mu.
func (g *ThreadGroup) reparentedTracer() bool {
	tr := g.leader.pt.tracer
	return tr != nil && (g.parent == nil || tr.group != g.parent.group)
}

// tellTracer is the SIGCHLD of a traced thread's death. Caller holds Kernel.mu.
func (t *Task) tellTracer(signo int, status int32) {
	tracer := t.pt.tracer
	code, value := exitReason(status)
	info := t.childInfo(code)
	info.Signo = int32(signo)
	info.SetStatus(value)
	h := tracer.group.sighand
	h.mu.Lock()
	_ = tracer.group.sendLocked(nil, &info)
	h.mu.Unlock()
	tracer.group.childQueue.Notify(wait.All)
}

// childInfo is ThreadGroup.childInfo for one thread that has a tracer. Caller
// holds Kernel.mu.
func (t *Task) childInfo(code int32) abi.SigInfo {
	info := abi.SigInfo{Signo: abi.SIGCHLD, Code: code}
	info.SetPid(t.ids.Load().in(t.pt.tracer.PidNS()))
	info.SetUID(t.uidSeenBy(t.pt.tracer))
	u := t.ownUsage()
	info.SetUtime(Ticks(u.User))
	info.SetStime(Ticks(u.System))
	return info
}
