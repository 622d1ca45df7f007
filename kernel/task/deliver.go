// SPDX-License-Identifier: Apache-2.0

// This file is what a task does about its signals before application code
// goes on: default actions, stops, and handlers' frames (get_signal and
// handle_signal of Linux).

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
)

// doWork deals with the task's work word. It returns false if the task has to
// exit, with exitCode set.
func (t *Task) doWork() bool {
	for t.work.Load() != 0 {
		if t.work.Load()&workCall != 0 {
			t.runCalls()
		}
		var info abi.SigInfo
		act, handle, alive := t.nextSignal(&info)
		if !alive {
			return false
		}
		if !handle {
			break
		}
		t.counts.Signals++
		t.handle(&info, &act)
	}
	t.restartWithoutHandler()
	if t.restoreMask {
		t.restoreMask = false
		t.SetBlocked(t.savedMask)
	}
	return true
}

// nextSignal does what signals do without the application, until there is one
// that has a handler (handle is true), or none left.
func (t *Task) nextSignal(info *abi.SigInfo) (act SigAction, handle, alive bool) {
	g := t.group
	h := g.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		if g.exiting || g.execer != nil && g.execer != t {
			t.exitCode = g.exitStatus
			return act, false, false
		}
		if g.stop.announce != 0 {
			t.announceContinued()
			continue
		}
		if t.jobTrapPending() {
			t.jobTrap()
			continue
		}
		if t.stopping {
			t.joinStop()
			continue
		}
		if !t.dequeue(t.blocked, info) {
			t.recalc()
			return act, false, true
		}
		conts := g.stop.conts
		signo := int(info.Signo)
		if t.pt.tracer != nil && signo != abi.SIGKILL {
			if signo = t.ptraceSignal(info); signo == 0 {
				continue
			}
		}
		act = h.actions[signo]
		switch {
		case act.Handler == SigIgn:
			continue
		case act.Handler != SigDfl:
			if act.Flags&SA_RESETHAND != 0 {
				h.actions[signo].Handler = SigDfl
			}
			return act, true, true
		case sigIgnored.Has(signo), g.unkillable && !sigKernelOnly.Has(signo):
			continue
		case sigStops.Has(signo):
			t.defaultStop(signo, conts)
			continue
		}
		if k := t.kernel; k.hooks.Load()&hookTrace != 0 {
			k.Trace.Signal(t, signo)
		}
		if sigCores.Has(signo) {
			t.dumpCore(info)
		} else {
			g.startExit(int32(signo))
		}
	}
}

// handle makes the task run a handler when it goes on. If the frame can't be
// built the task gets SIGSEGV instead.
func (t *Task) handle(info *abi.SigInfo, act *SigAction) {
	t.restartWithHandler(act)
	signo := int(info.Signo)
	if k := t.kernel; k.hooks.Load()&hookTrace != 0 {
		k.Trace.Signal(t, signo)
	}
	if !t.abortSection() {
		t.forceSegv(signo)
	}
	if !t.pushFrame(info, act) {
		t.forceSegv(signo)
		return
	}
	blocked := t.blocked | act.Mask
	if act.Flags&SA_NODEFER == 0 {
		blocked |= SigBit(signo)
	}
	t.restoreMask = false // the frame has it now
	t.SetBlocked(blocked)
	if t.pt.work.Load()&traceStep != 0 {
		t.steppedIntoHandler()
	}
}

// pushFrame writes the signal's frame to the application's stack.
func (t *Task) pushFrame(info *abi.SigInfo, act *SigAction) bool {
	if act.Flags&SA_RESTORER == 0 {
		return false // x86_64 has no other way back
	}
	fp, err := t.thread.FPState()
	if err != nil {
		return false
	}
	regs := t.thread.Regs()
	f, ok := arch.PlaceFrame(regs.Rsp, &t.altStack, act.Flags&SA_ONSTACK != 0, len(fp))
	if !ok {
		return false
	}
	s := arch.Signal{Info: info, Mask: uint64(t.maskToSave()), Alt: t.altStack, Fault: t.fault, Restorer: act.Restorer}
	var buf [arch.FrameSize]byte
	if _, err := t.thread.WriteMemory(f.FPState, fp); err != nil {
		return false
	}
	if _, err := t.thread.WriteMemory(f.SP, f.Build(buf[:], regs, &s, act.Flags&SA_SIGINFO != 0)); err != nil {
		return false
	}
	arch.ResetFPState(fp)
	if err := t.thread.SetFPState(fp); err != nil {
		return false
	}
	if t.altStack.Flags&arch.SS_AUTODISARM != 0 {
		t.altStack = arch.AltStack{Flags: arch.SS_DISABLE}
	}
	f.Enter(regs, act.Handler, int(info.Signo))
	t.thread.RegsChanged()
	return true
}

// maskToSave is what is blocked again when the handler returns.
func (t *Task) maskToSave() SigSet {
	if t.restoreMask {
		return t.savedMask
	}
	return t.blocked
}

// forceSegv is what becomes of a signal whose frame can't be built. If it was
// SIGSEGV itself, its handler is given up.
func (t *Task) forceSegv(signo int) {
	if signo == abi.SIGSEGV {
		h := t.group.sighand
		h.mu.Lock()
		h.actions[abi.SIGSEGV].Handler = SigDfl
		h.mu.Unlock()
	}
	info := KernelInfo(abi.SIGSEGV)
	t.forceSignal(&info)
}

// SigReturn is rt_sigreturn(2): it goes back to what a handler's frame says,
// and returns the rax that was interrupted.
func (t *Task) SigReturn() uint64 {
	regs := t.thread.Regs()
	var buf [arch.FrameReadSize]byte
	if _, err := t.thread.ReadMemory(arch.FrameAt(regs.Rsp), buf[:]); err != nil {
		return t.badFrame()
	}
	r := arch.ReadFrame(buf[:], regs)
	t.thread.RegsChanged()
	t.SetBlocked(SigSet(r.Mask))
	if !t.restoreFPState(r.FPState) {
		return t.badFrame()
	}
	if r.Alt.Flags != t.altStack.Flags || r.Alt != t.altStack {
		_ = t.SetAltStack(r.Alt, regs.Rsp, 0)
	}
	return regs.Rax
}

func (t *Task) badFrame() uint64 {
	info := KernelInfo(abi.SIGSEGV)
	t.forceSignal(&info)
	return 0
}

// restoreFPState loads the xsave area that a frame points to.
func (t *Task) restoreFPState(addr uint64) bool {
	fp, err := t.thread.FPState()
	if err != nil {
		return false
	}
	if addr == 0 {
		arch.ResetFPState(fp)
		return t.thread.SetFPState(fp) == nil
	}
	head := fp[:min(len(fp), arch.FXSaveSize)]
	full := len(fp)
	if _, err := t.thread.ReadMemory(addr, head); err != nil {
		return false
	}
	if n := arch.FPStateSize(head, full); n > len(head) {
		if _, err := t.thread.ReadMemory(addr+uint64(len(head)), fp[len(head):]); err != nil {
			return false
		}
	}
	return t.thread.SetFPState(fp) == nil
}

// AltStack is the task's alternative signal stack.
func (t *Task) AltStack() arch.AltStack { return t.altStack }

// SetAltStack is sigaltstack(2), for a task whose stack pointer is sp. minSize
// is AT_MINSIGSTKSZ's smallest size, or 0 to skip that check.
func (t *Task) SetAltStack(s arch.AltStack, sp uint64, minSize uint64) error {
	if t.altStack.Size != 0 && t.altStack.On(sp) {
		return unix.EPERM
	}
	mode := s.Flags &^ arch.SS_AUTODISARM
	if mode != arch.SS_DISABLE && mode != arch.SS_ONSTACK && mode != 0 {
		return unix.EINVAL
	}
	if mode == arch.SS_DISABLE {
		s.Addr, s.Size = 0, 0
	} else if s.Size < minSize {
		return unix.ENOMEM
	}
	t.altStack = s
	return nil
}
