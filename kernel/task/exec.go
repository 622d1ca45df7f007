// SPDX-License-Identifier: Apache-2.0

package task

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Image is a program that the loader has put into a fresh address space, for
// CommitExec to give to a task. What can fail was done before.
type Image struct {
	MM     *mm.MM          // of the fresh address space, with one user
	Thread platform.Thread // its first thread, stopped
	Entry  uint64          // of the first instruction: the interpreter's, if there is one
	Stack  uint64          // the stack pointer: at argc
	Comm   string          // the program's base name
	Exe    *vfs.File       // the program, with a reference that CommitExec takes over
	// Creds, if not nil, replace the task's: set-user-ID programs, and the
	// rules of capabilities(7) for every exec. SecureExec is AT_SECURE.
	Creds      *cred.Creds
	SecureExec bool
	// Unreadable programs are not dumpable.
	Unreadable bool
}

// CommitExec makes the task run another program: the point of no return of
// execve. The other threads of the group end, the old address space is
// dropped. It fails, without effect on img, only if the task is dying anyway.
// The handler returns 0 and nil after it. It also gives a task of NewInit or
// NewProcess its first program.
func (t *Task) CommitExec(img *Image) error {
	ids := t.ids.Load()
	if err := t.endOtherThreads(); err != nil {
		return err
	}
	t.unshareSigHand()
	t.sampleGroup()
	t.updateCPUTime()
	t.earlier = t.hostUsage()
	t.sampled.Store(nil)
	t.releaseMM()
	old := t.switchThread(img)
	t.Pin()
	t.respeculate()
	if files := t.files; files.Shared() {
		t.SetFiles(files.Copy())
		files.Drop(t)
	}
	t.files.CloseExec(t)
	if n := t.Namespaces(); n != nil {
		t.setNamespaces(n.withOwnTime())
	}
	if err := t.seeClocks(); err != nil {
		return t.FailExec()
	}
	t.resetForExec(img)
	for _, f := range t.kernel.OnExec {
		f(t)
	}
	if old != nil {
		old.Exit()
	}
	t.ptraceExec(ids)
	return nil
}

// FailExec is the end of an exec that failed when the old program was already
// gone for Linux: nothing is there to go back to, and the task gets SIGSEGV.
func (t *Task) FailExec() error {
	t.forceSegv(abi.SIGSEGV)
	return nil
}

// switchThread puts the task into its new address space and returns the
// thread that ran it until now.
func (t *Task) switchThread(img *Image) platform.Thread {
	arch.InitRegs(img.Thread.Regs(), img.Entry, img.Stack)
	img.Thread.Regs().Orig_rax = t.sysNr
	img.Thread.RegsChanged()
	t.kernel.mu.Lock()
	h := t.group.sighand
	h.mu.Lock()
	old := t.thread
	t.thread = img.Thread
	h.mu.Unlock()
	t.kernel.mu.Unlock()
	t.memory = mm.ThreadMemory{Thread: img.Thread, MM: img.MM}
	t.buf = user.Buf{} // it is of the old memory
	if t.mm != nil {
		img.MM.Inherit(t.mm, img.Thread)
	}
	t.resMu.Lock()
	oldMM := t.mm
	t.mm = img.MM
	t.resMu.Unlock()
	if oldMM != nil {
		oldMM.DecRef()
	}
	return old
}

// commitExecCreds puts the new program's credentials into force, unless a
// tracer has come since they were reckoned that may not see what they gain.
func (t *Task) commitExecCreds(c *cred.Creds) *cred.Creds {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	old := t.Creds()
	gains := c.Permitted&^old.Permitted != 0 || (c.EUID != old.RUID || c.EGID != old.RGID) && !old.CapableHere(unix.CAP_SETUID)
	if gains && t.tracerIsWeak() {
		c = old
	}
	c = c.Executed()
	t.SetCreds(c)
	return c
}

// resetForExec is what a program does not inherit (execve(2)).
func (t *Task) resetForExec(img *Image) {
	g := t.group
	h := g.sighand
	h.mu.Lock()
	h.resetHandlers()
	h.mu.Unlock()
	t.altStack = arch.AltStack{}
	t.fault = arch.Fault{}
	t.dropDebugRegs()
	t.threadAreas = nil
	t.block = nil
	t.SetComm(img.Comm)
	g.SetExe(img.Exe)
	before := t.Creds()
	after := img.Creds
	if after == nil || t.noNewPrivs.Load() && !after.NoNewPrivs {
		after = before // or another thread forbade new privileges since they were reckoned
	}
	after = t.commitExecCreds(after)
	changed := before.EUID != after.EUID || before.EGID != after.EGID || before.FSUID != after.FSUID ||
		before.FSGID != after.FSGID || !before.Holds(after)
	if changed || img.SecureExec {
		t.pdeathsig.Store(0)
	}
	dumpable := int32(1)
	if changed || img.Unreadable || after.EUID != after.RUID || after.EGID != after.RGID {
		dumpable = 0
	}
	g.dumpable.Store(newDumpable(dumpable))
	t.SetUserDispatch(nil)
	t.personality &^= readImpliesExec
	if changed {
		t.personality &^= clearOnSetID
	}
	t.kernel.mu.Lock()
	g.hasExeced = true
	g.exitSignal = abi.SIGCHLD
	t.kernel.mu.Unlock()
}

// endOtherThreads is de_thread: all other threads of the group end, and t is
// its leader, with its pid.
func (t *Task) endOtherThreads() error {
	g := t.group
	h := g.sighand
	h.mu.Lock()
	if g.exiting || g.execer != nil {
		h.mu.Unlock()
		return unix.EAGAIN
	}
	if len(g.threads) == 1 {
		h.mu.Unlock()
		return nil
	}
	g.execer = t
	g.stop = groupStop{conts: g.stop.conts}
	t.stopping = false
	for _, other := range g.threads {
		if other != t && !other.exiting {
			other.endStops()
			other.kick(workSignal | workKill)
		}
	}
	h.mu.Unlock()
	for !t.alone() {
		if err := t.SleepKillable(time.Time{}); err != nil {
			return t.abandonExec()
		}
	}
	t.takeOver()
	return nil
}

// alone tells whether only t and perhaps a dead leader are left.
func (t *Task) alone() bool {
	k, g := t.kernel, t.group
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(g.threads) == 1 || len(g.threads) == 2 && g.leader != t && g.leader.dead
}

func (t *Task) abandonExec() error {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	t.group.execer = nil
	return unix.EAGAIN
}

// takeOver makes t the leader, in place of a dead one.
func (t *Task) takeOver() {
	k, g := t.kernel, t.group
	k.mu.Lock()
	defer k.mu.Unlock()
	h := g.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	g.execer = nil
	old := g.leader
	if old == t {
		return
	}
	t.leavePidNS()
	e := k.pids[t.Pid()]
	e.task = nil
	k.freePid(t.Pid())
	t.pid.Store(g.ID())
	t.ids.Store(k.pids[g.ID()])
	k.pids[g.ID()].task = t
	old.pending.flush(^SigSet(0))
	old.forgetTracer()
	t.startTime = old.startTime
	g.leader = t
	g.threads = append(g.threads[:0], t)
	k.count(old, -1)
}

// unshareSigHand gives the group signal actions of its own, if other groups
// share them.
func (t *Task) unshareSigHand() {
	k, g := t.kernel, t.group
	k.mu.Lock()
	defer k.mu.Unlock()
	h := g.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refs == 1 {
		return
	}
	h.refs--
	g.sighand = &SigHand{refs: 1, actions: h.actions}
}

// SetRobustList is set_robust_list(2); RobustList what it was given.
func (t *Task) SetRobustList(head user.Addr) { t.robustList.Store(uint64(head)) }

// RobustList: see SetRobustList. Any goroutine.
func (t *Task) RobustList() user.Addr { return user.Addr(t.robustList.Load()) }
