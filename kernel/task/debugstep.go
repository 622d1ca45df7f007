// SPDX-License-Identifier: Apache-2.0

// This file makes debug registers trap. The processor's own are the host's, so a
// task with a breakpoint runs instruction by instruction, unseen by anyone:
// before each it is asked whether a breakpoint is there, and after each
// whether the memory that it used is watched. PTRACE_SINGLEBLOCK, which the
// processors of virtual machines rarely know, is done in the same way.
//
// As on Linux, what the kernel does for a task in a system call is not watched.

package task

import (
	"encoding/binary"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/arch/insn"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

const (
	trapNoDebug    = 1 // #DB
	trapTrace      = 2 // TRAP_TRACE: a single step
	trapBreakpoint = 4 // TRAP_HWBKPT
)

// watchedStep is what is known of an instruction before it is executed.
type watchedStep struct {
	insn     insn.Insn
	known    bool
	rip      uint64
	accesses []insn.Access
	guess    bool                 // what it writes shows by the change alone
	compare  bool                 // values is needed
	values   [breakpoints][8]byte // of what is watched
	setsTF   bool                 // popf, with the trap flag on
}

// runWatched is Thread.Run for one instruction of a task that has breakpoints,
// or goes from branch to branch. The event is EventNone if nothing is to be said of it.
func (t *Task) runWatched(work uint32) {
	regs, d := t.thread.Regs(), t.pt.debug
	resumed := regs.Eflags & arch.FlagRF
	if work&traceWatch != 0 && resumed == 0 {
		if hits := d.executed(regs.Rip); hits != 0 {
			t.breakAt(hits)
			return
		}
	}
	regs.Eflags &^= arch.FlagRF // it is for one instruction
	own := regs.Eflags & arch.FlagTF
	s := t.look1(d)
	t.step()
	switch {
	case t.ev.Kind == platform.EventDead:
		return
	case t.ev.Kind == platform.EventNone || t.ev.Kind == platform.EventKick:
		if t.thread.Regs().Rip == s.rip {
			t.thread.Regs().Eflags |= resumed
			t.thread.RegsChanged()
		}
		return
	}
	if own == 0 && work&traceStep == 0 {
		t.hideStep(&s)
	}
	if t.ev.Kind != platform.EventFault || t.ev.Signo != abi.SIGTRAP || t.ev.Code != trapTrace {
		return
	}
	if work&traceWatch != 0 {
		t.pt.hits = t.accessed(d, &s)
	}
	t.judgeStep(&s, own != 0, work)
}

// breakAt is the trap before an instruction. The tracer finds the resume flag
// set, so that the instruction is executed when the task goes on.
func (t *Task) breakAt(hits uint64) {
	regs := t.thread.Regs()
	regs.Eflags |= arch.FlagRF
	t.thread.RegsChanged()
	t.pt.hits = hits
	t.ev = platform.Event{Kind: platform.EventFault, Signo: abi.SIGTRAP, Code: trapBreakpoint, Addr: regs.Rip, TrapNo: trapNoDebug}
}

// look1 looks at the instruction that comes next.
func (t *Task) look1(d *debugRegs) (s watchedStep) {
	regs := t.thread.Regs()
	s.rip = regs.Rip
	var code [insn.MaxLen]byte
	n := t.glance(s.rip, code[:])
	s.insn, s.known = insn.Decode(code[:n])
	if s.known && s.insn.PopsFlags() {
		var flags [2]byte
		t.glance(regs.Rsp, flags[:])
		s.setsTF = binary.LittleEndian.Uint16(flags[:])&arch.FlagTF != 0
	}
	if d == nil || !d.watches() {
		return s
	}
	s.guess = !s.known || s.insn.Scatters()
	if s.known {
		s.accesses = s.insn.Accesses(regs, t.pt.accesses[:0])
		t.pt.accesses = s.accesses
	}
	for i := range s.accesses {
		s.compare = s.compare || s.accesses[i].Perhaps && s.accesses[i].Writes
	}
	if s.compare = s.compare || s.guess; s.compare {
		t.readWatched(d, &s.values)
	}
	return s
}

// glance reads memory without waking the thread for it, where the host lets it.
func (t *Task) glance(addr uint64, p []byte) int {
	if t.mm == nil {
		return 0
	}
	n, err := t.mm.AddressSpace().ReadAt(addr, p)
	if err != nil && n == 0 {
		n, _ = t.thread.ReadMemory(addr, p)
	}
	return n
}

func (t *Task) readWatched(d *debugRegs, values *[breakpoints][8]byte) {
	for i := range d.points {
		if b := &d.points[i]; b.enabled && b.kind != onExecute {
			t.glance(b.addr, values[i][:b.size])
		}
	}
}

// accessed are the breakpoints that the instruction hit.
func (t *Task) accessed(d *debugRegs, s *watchedStep) (hits uint64) {
	if !d.watches() {
		return 0
	}
	changed := uint64(0)
	if s.compare {
		var now [breakpoints][8]byte
		t.readWatched(d, &now)
		for i := range now {
			if now[i] != s.values[i] {
				changed |= 1 << i
			}
		}
	}
	if s.guess {
		hits = changed
	}
	for i := range s.accesses {
		hits |= d.accessed(&s.accesses[i], changed)
	}
	return hits
}

// hideStep takes out of sight that the trap flag was set, where the program
// could see it: in the flags that it pushed, and in r11 after a system call.
func (t *Task) hideStep(s *watchedStep) {
	regs := t.thread.Regs()
	switch {
	case t.ev.Kind == platform.EventSyscall:
		regs.R11 &^= arch.FlagTF
		regs.Eflags &^= arch.FlagRF
	case s.known && s.insn.PushesFlags():
		var flags [2]byte
		if _, err := t.thread.ReadMemory(regs.Rsp, flags[:]); err == nil {
			flags[1] &^= arch.FlagTF >> 8
			_, _ = t.thread.WriteMemory(regs.Rsp, flags[:])
		}
	case s.setsTF:
		regs.Eflags |= arch.FlagTF
	default:
		return
	}
	t.thread.RegsChanged()
}

// judgeStep says what becomes of the trap of a step that ended well.
func (t *Task) judgeStep(s *watchedStep, own bool, work uint32) {
	regs := t.thread.Regs()
	if s.known && s.insn.Repeats() && regs.Rip == s.rip {
		regs.Eflags |= arch.FlagRF // it goes on with the same instruction
		t.thread.RegsChanged()
	}
	asked := own || work&traceStep != 0
	if work&traceBlock != 0 && !own {
		asked = !s.known || s.insn.Branch() && (!s.insn.Conditional() || regs.Rip != s.rip+uint64(s.insn.Len))
	}
	switch {
	case asked:
	case t.pt.hits != 0:
		t.ev.Code, t.ev.Addr = trapBreakpoint, regs.Rip
	default:
		t.ev.Kind = platform.EventNone
	}
}

// debugTrapped enters a debug exception into the status register: what was
// there of the last one goes.
func (t *Task) debugTrapped() {
	status := t.pt.hits
	t.pt.hits = 0
	if t.ev.Code == trapTrace {
		status |= debugStep
	}
	if t.pt.debug == nil {
		if status == 0 {
			return
		}
		t.pt.debug = &debugRegs{}
	}
	t.pt.debug.status = status
}
