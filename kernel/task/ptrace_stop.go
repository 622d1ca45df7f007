// SPDX-License-Identifier: Apache-2.0

// This file is how a tracee stops: for a signal, a group-stop, an event, or
// at either end of a system call (ptrace(2), "Stopped states").

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// ptraceStop is one stop of a tracee.
type ptraceStop struct {
	code    int32 // what wait tells
	why     int32 // CLD_TRAPPED, or CLD_STOPPED: group-stop
	message uint64
	info    *abi.SigInfo
	dying   bool // PTRACE_EVENT_EXIT: being killed is no reason not to stop
}

// stopTraced stops the task until its tracer lets it go on, and returns the
// signal that it is to go on with. Caller holds SigHand.mu, which is given up
// meanwhile.
func (t *Task) stopTraced(s *ptraceStop) int32 {
	h := t.group.sighand
	p := &t.pt
	h.mu.Unlock()
	t.show()
	h.mu.Lock()
	if p.tracer == nil || t.killed() && !s.dying {
		return s.code
	}
	p.traced, p.listening = true, false
	p.code, p.info, p.message = s.code, s.info, s.message
	stopped := s.why == abi.CLD_STOPPED && t.leaveStop()
	p.trapStop = false
	if s.info != nil && s.info.Code>>8 == unix.PTRACE_EVENT_STOP {
		p.trapNotify = false
	}
	if p.trapping {
		p.trapping = false
		p.tracer.Wake()
	}
	h.mu.Unlock()
	t.tellStop(s, stopped)
	h.mu.Lock()
	t.stayTraced()
	code := p.code
	p.code, p.info, p.message, p.listening = 0, nil, 0, false
	h.mu.Unlock()
	t.settle()
	h.mu.Lock()
	t.recalc()
	return code
}

// stayTraced waits for the end of a stop; what others want of the task
// meanwhile (Call) it does when its tracer does not work on it. Caller holds
// SigHand.mu, which is given up meanwhile.
func (t *Task) stayTraced() {
	h, p := t.group.sighand, &t.pt
	for p.traced || p.frozen {
		if t.work.Load()&workCall == 0 || p.frozen {
			h.mu.Unlock()
			t.sleepUninterruptible()
			h.mu.Lock()
			continue
		}
		p.calling = true
		h.mu.Unlock()
		t.runCalls()
		h.mu.Lock()
		p.calling = false
		if p.tracer != nil {
			p.tracer.Wake()
		}
	}
}

// killed tells whether the task is about to die. Caller holds SigHand.mu.
func (t *Task) killed() bool {
	g := t.group
	return g.exiting || g.execer != nil && g.execer != t
}

// show makes memory and registers what a debugger shall see: results are in
// place, the text is the program's own, and an interrupted call answers its
// restart code, as Linux shows it.
func (t *Task) show() {
	if t.thread.Expose() == unix.EFAULT {
		t.thread.SetResult(errnoResult(unix.EFAULT))
	}
	if t.restart != 0 {
		t.thread.Regs().Rax = errnoResult(t.restart)
	}
}

// settle takes up what the tracer left in the registers: whether the call
// that the task came from is to be made again (syscall_get_nr and
// syscall_get_error of Linux's signal code).
func (t *Task) settle() {
	if s := t.pt.segments; s != nil {
		t.pt.segments = nil
		_ = t.thread.SetSegments(*s)
	}
	regs := t.thread.Regs()
	if e := unix.Errno(-regs.Rax); int32(regs.Orig_rax) != -1 && isRestart(e) {
		t.restart, t.sysNr = e, uint64(uint32(regs.Orig_rax))
	} else if t.restart != 0 {
		t.restart = 0
		t.thread.SetResult(regs.Rax)
	}
}

// tellStop sends SIGCHLD to the tracer, and for the end of a group stop to
// the parent too, if it is another process.
func (t *Task) tellStop(s *ptraceStop, stopped bool) {
	k, g := t.kernel, t.group
	k.mu.RLock()
	tracer := t.pt.tracer
	toParent := stopped && (tracer == nil || g.parent != nil && tracer.group != g.parent.group)
	if tracer != nil {
		info := t.childInfo(s.why)
		info.SetStatus(s.code & 0x7f)
		if s.why == abi.CLD_STOPPED {
			info.SetStatus(g.stopSignal())
		}
		tracer.group.tellChild(&info)
	}
	k.mu.RUnlock()
	if toParent {
		g.notifyStop(abi.CLD_STOPPED)
	}
}

// tellChild is SIGCHLD for a child or tracee that stopped or goes on. Caller
// holds Kernel.mu.
func (g *ThreadGroup) tellChild(info *abi.SigInfo) {
	h := g.sighand
	h.mu.Lock()
	if act := &h.actions[abi.SIGCHLD]; act.Handler != SigIgn && act.Flags&SA_NOCLDSTOP == 0 {
		_ = g.sendLocked(nil, info)
	}
	h.mu.Unlock()
	g.childQueue.Notify(wait.All)
}

// notifyTracer is a stop that tells something: signo is si_signo, code
// si_code (ptrace_do_notify). Caller holds SigHand.mu.
func (t *Task) notifyTracer(signo int32, s *ptraceStop) int32 {
	s.info = &abi.SigInfo{Signo: signo, Code: s.code}
	s.info.SetPid(t.TID())
	s.info.SetUID(t.uidSeenBy(t))
	return t.stopTraced(s)
}

// jobTrap is the stop of a tracee for a group-stop, or because its tracer or
// a change of the group stop asks for it (do_jobctl_trap). Caller holds
// SigHand.mu.
func (t *Task) jobTrap() {
	g, p := t.group, &t.pt
	signo := p.stopSig
	if signo == 0 {
		signo = g.stop.signo
	}
	if !p.seized {
		t.stopTraced(&ptraceStop{code: signo, why: abi.CLD_STOPPED})
		return
	}
	if g.stop.pending == 0 && !g.stop.stopped {
		signo = abi.SIGTRAP
	}
	t.notifyTracer(signo, &ptraceStop{code: signo | unix.PTRACE_EVENT_STOP<<8, why: abi.CLD_STOPPED})
}

// jobTrapPending tells whether jobTrap has a reason. Caller holds SigHand.mu.
func (t *Task) jobTrapPending() bool {
	return t.pt.tracer != nil && (t.stopping || t.pt.trapStop || t.pt.trapNotify)
}

// ptraceSignal shows a signal to the tracer before it is delivered, and
// returns the one that is to be delivered instead, or 0 (ptrace_signal).
// Caller holds SigHand.mu.
func (t *Task) ptraceSignal(info *abi.SigInfo) int {
	shared := t.pt.fromGroup
	signo := t.stopTraced(&ptraceStop{code: info.Signo, why: abi.CLD_TRAPPED, info: info})
	if signo == 0 {
		return 0
	}
	if signo != info.Signo {
		*info = abi.SigInfo{Signo: signo, Code: abi.SI_USER}
		if from := t.pt.tracer; from != nil {
			info.SetPid(from.group.ids.in(t.PidNS()))
			info.SetUID(from.uidSeenBy(t))
		}
	}
	if t.blocked.Has(int(signo)) || t.killed() {
		to := t
		if shared {
			to = nil
		}
		_ = t.group.sendLocked(to, info)
		return 0
	}
	return int(signo)
}

// ptraceEvent stops for an event (PTRACE_EVENT_FORK, ...) if the tracer asked
// for it, and tells whether it did.
func (t *Task) ptraceEvent(event int, message uint64) bool {
	if t.pt.work.Load() == 0 {
		return false
	}
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.pt.tracer == nil || t.pt.options>>event&1 == 0 {
		return false
	}
	t.notifyTracer(abi.SIGTRAP, &ptraceStop{code: abi.SIGTRAP | int32(event)<<8, why: abi.CLD_TRAPPED, message: message,
		dying: event == unix.PTRACE_EVENT_EXIT})
	return true
}

// wantsEvent tells whether the tracer asked for an event.
func (t *Task) wantsEvent(event int) bool {
	if t.pt.work.Load() == 0 {
		return false
	}
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return t.pt.tracer != nil && t.pt.options>>event&1 != 0
}

// ptraceExit is the stop before a tracee's end.
func (t *Task) ptraceExit() {
	if t.pt.work.Load() == 0 {
		return
	}
	g := t.group
	g.sighand.mu.Lock()
	status := t.exitCode
	if g.exiting {
		status = g.exitStatus
	}
	g.sighand.mu.Unlock()
	t.ptraceEvent(unix.PTRACE_EVENT_EXIT, uint64(status))
}

// endStops lets a task that is to die go on from wherever it sits. Caller
// holds SigHand.mu.
func (t *Task) endStops() {
	t.stopping, t.counted, t.stopped = false, false, false
	t.pt.traced = false
}

// trapNotify makes a seized tracee tell of a change of the group stop. Caller
// holds SigHand.mu.
func (t *Task) trapNotify() {
	t.pt.trapNotify = true
	t.endListening()
	t.kick(workSignal)
}

// ptraceExec tells of an exec that was committed: by an event, or by SIGTRAP
// to a tracer of the old kind. ids are what the task was called before.
func (t *Task) ptraceExec(ids *pidEntry) {
	if t.pt.work.Load() == 0 || t.ptraceEvent(unix.PTRACE_EVENT_EXEC, t.tracerCalls(ids)) {
		return
	}
	h := t.group.sighand
	h.mu.Lock()
	old := t.pt.tracer != nil && !t.pt.seized
	h.mu.Unlock()
	if old {
		t.Raise(abi.SIGTRAP)
	}
}

// syscallStop is the stop at an end of a system call (ptrace_report_syscall).
func (t *Task) syscallStop(message uint64) {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.pt.tracer == nil {
		return
	}
	code := int32(abi.SIGTRAP)
	if t.pt.options&unix.PTRACE_O_TRACESYSGOOD != 0 {
		code |= ptraceSyscallGood
	}
	signo := t.notifyTracer(abi.SIGTRAP, &ptraceStop{code: code, why: abi.CLD_TRAPPED, message: message})
	if signo > 0 && signo <= NSig {
		info := KernelInfo(int(signo))
		_ = t.group.sendLocked(t, &info)
	}
}

// tracedSyscallEntry is what a tracee does before a system call. It returns
// false if the call is not to be made; then the registers have its result.
func (t *Task) tracedSyscallEntry() bool {
	work := t.pt.work.Load()
	if work&(traceSyscall|traceEmulate) == 0 {
		return true
	}
	t.thread.SetResult(errnoResult(unix.ENOSYS))
	t.syscallStop(unix.PTRACE_EVENTMSG_SYSCALL_ENTRY)
	t.rereadCall()
	if work&traceEmulate != 0 || int32(t.sysNr) == -1 {
		t.thread.SetResult(t.thread.Regs().Rax)
		return false
	}
	return true
}

// rereadCall takes the system call at hand from the registers, which a tracer
// may have changed. A task that is to die makes no call any more.
func (t *Task) rereadCall() {
	r := t.thread.Regs()
	nr := uint64(uint32(r.Orig_rax))
	if t.SignalPending() && t.dying() {
		nr = uint64(^uint32(0))
	}
	t.sysNr, t.ev.Nr = nr, nr
	t.ev.Args = [6]uint64{r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9}
}

// traceSeccomp is SECCOMP_RET_TRACE: it tells a tracer of the call
// (PTRACE_EVENT_SECCOMP). False: there is none that wants to know.
func (t *Task) traceSeccomp(data uint16) bool {
	if !t.wantsEvent(unix.PTRACE_EVENT_SECCOMP) {
		return false
	}
	t.thread.SetResult(errnoResult(unix.ENOSYS))
	t.ptraceEvent(unix.PTRACE_EVENT_SECCOMP, uint64(data))
	t.rereadCall()
	return true
}

func (t *Task) dying() bool {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return t.killed()
}

// tracedSyscallExit is what a tracee does after a system call.
func (t *Task) tracedSyscallExit() {
	work := t.pt.work.Load()
	switch {
	case work&(traceStep|traceEmulate) == traceStep:
		t.stepped()
	case work&traceSyscall != 0:
		t.syscallStop(unix.PTRACE_EVENTMSG_SYSCALL_EXIT)
	}
}

const trapBranch = 1 // TRAP_BRKPT

// stepped is the trap of a system call that was stepped over.
func (t *Task) stepped() {
	info := abi.SigInfo{Signo: abi.SIGTRAP, Code: trapBranch}
	info.SetAddr(t.thread.Regs().Rip)
	t.forceSignal(&info)
}

// steppedIntoHandler is the trap at the first instruction of a signal handler.
func (t *Task) steppedIntoHandler() {
	t.pt.work.And(^uint32(traceStep | traceBlock))
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.pt.tracer != nil {
		t.notifyTracer(abi.SIGTRAP, &ptraceStop{code: abi.SIGTRAP, why: abi.CLD_TRAPPED})
	}
}

// step is Thread.Run for one instruction, with the processor's trap flag set
// unseen by anyone.
func (t *Task) step() {
	regs := t.thread.Regs()
	own := regs.Eflags & arch.FlagTF
	regs.Eflags |= arch.FlagTF
	t.thread.RegsChanged()
	t.thread.Run(&t.ev, t.look)
	if own != 0 || t.ev.Kind == platform.EventDead {
		return
	}
	t.thread.Regs().Eflags &^= arch.FlagTF
	t.thread.RegsChanged()
}
