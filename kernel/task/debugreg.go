// SPDX-License-Identifier: Apache-2.0

// This file is the debug registers of a task, as its tracer sets and reads them
// (arch/x86/kernel/ptrace.c and hw_breakpoint.c). debugstep.go makes them trap.

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/arch/insn"
	"github.com/ditto-kernel/ditto/kernel/user"
)

const (
	breakpoints  = 4
	debugStatus  = 6
	debugControl = 7
	// debugStatusFixed are the bits of register 6 that read as 1 unless something happened.
	debugStatusFixed = 0xffff0ff0
	debugStep        = 0x4000 // of register 6: a single step
)

// debugRegs are the debug registers. They belong to the task, or to its tracer
// while that has it frozen.
type debugRegs struct {
	points  [breakpoints]breakpoint
	status  uint64 // register 6, less what is fixed
	control uint64 // register 7, as it was written
}

// breakpoint is one of registers 0 to 3, with what 7 says of it. Linux makes one
// when its address is set, or when it is enabled.
type breakpoint struct {
	exists, enabled bool
	addr            uint64
	kind            breakKind
	size            uint64
}

// breakKind is a type of breakpoint, as register 7 has it.
type breakKind uint8

const (
	onExecute breakKind = iota
	onWrite
	onPort // of I/O ports; Linux has none for programs
	onAccess
)

// DebugReg is a debug register of the tracee.
func (x Tracee) DebugReg(n int) uint64 {
	d := x.t.pt.debug
	if d == nil {
		d = &debugRegs{}
	}
	switch {
	case n < breakpoints:
		return d.points[n].addr
	case n == debugStatus:
		return d.status ^ debugStatusFixed
	case n == debugControl:
		return d.control
	}
	return 0
}

// SetDebugReg writes one: EIO if there is none such; EINVAL for a breakpoint that
// can't be, like one in the kernel's memory, or across its natural boundary.
func (x Tracee) SetDebugReg(n int, v uint64) error {
	p := &x.t.pt
	if p.debug == nil {
		p.debug = &debugRegs{}
	}
	d := p.debug
	var err error
	switch {
	case n < breakpoints:
		err = d.setAddress(n, v)
	case n == debugStatus:
		d.status = v ^ debugStatusFixed
	case n == debugControl:
		err = d.setControl(v)
	default:
		return unix.EIO
	}
	defer x.lock()()
	if d.enabled() {
		p.work.Or(traceWatch)
	} else {
		p.work.And(^uint32(traceWatch))
	}
	return err
}

// setAddress moves breakpoint n.
func (d *debugRegs) setAddress(n int, addr uint64) error {
	b := d.points[n]
	if !b.exists {
		b = breakpoint{exists: true, kind: onWrite, size: 1}
	}
	b.addr = addr
	if err := b.check(); err != nil {
		return err
	}
	d.points[n] = b
	return nil
}

// setControl writes register 7: all its breakpoints or none. Those that exist by
// then stay, disabled, even if another is refused.
func (d *debugRegs) setControl(v uint64) error {
	old := d.points
	for n := range d.points {
		b := d.points[n]
		kind, size := breakKind(v>>(16+4*n)&3), [...]uint64{1, 2, 8, 4}[v>>(18+4*n)&3]
		enabled := v>>(2*n)&3 != 0
		if !b.exists && !enabled {
			continue
		}
		b.exists, b.enabled, b.kind, b.size = true, enabled, kind, size
		if err := b.check(); err != nil {
			d.restore(&old)
			return err
		}
		d.points[n] = b
	}
	d.control = v
	return nil
}

// restore takes a failed setControl back. What is disabled forgets what it was.
func (d *debugRegs) restore(old *[breakpoints]breakpoint) {
	for n := range d.points {
		b := &d.points[n]
		if enabled := old[n].enabled; enabled || !b.exists {
			*b = old[n]
		} else {
			b.enabled, b.kind, b.size = false, onExecute, 1
		}
	}
}

// check is what Linux refuses: EINVAL.
func (b *breakpoint) check() error {
	if b.kind == onPort || b.kind == onExecute && b.size != 1 || b.addr%b.size != 0 || b.addr >= user.TaskTop {
		return unix.EINVAL
	}
	return nil
}

// enabled tells whether any breakpoint is.
func (d *debugRegs) enabled() bool {
	for i := range d.points {
		if d.points[i].enabled {
			return true
		}
	}
	return false
}

// executed are the breakpoints at an instruction that is about to be executed:
// bits of register 6.
func (d *debugRegs) executed(rip uint64) (hits uint64) {
	for i := range d.points {
		if b := &d.points[i]; b.enabled && b.kind == onExecute && b.addr == rip {
			hits |= 1 << i
		}
	}
	return hits
}

// watches tells whether any breakpoint is for data.
func (d *debugRegs) watches() bool {
	for i := range d.points {
		if b := &d.points[i]; b.enabled && b.kind != onExecute {
			return true
		}
	}
	return false
}

// accessed are the breakpoints that an access hits; changed has the bits of
// those whose memory is other than before, which counts if that is how one learns of a write.
func (d *debugRegs) accessed(a *insn.Access, changed uint64) (hits uint64) {
	for i := range d.points {
		b := &d.points[i]
		if !b.enabled || b.kind == onExecute || !a.Overlaps(b.addr, b.size) {
			continue
		}
		bit := uint64(1) << i
		if b.kind == onAccess && a.Reads || a.Writes && (!a.Perhaps || changed&bit != 0) {
			hits |= bit
		}
	}
	return hits
}

// inherited are the registers of a new task: what was written reads so, but
// there are no breakpoints.
func (d *debugRegs) inherited() *debugRegs {
	if d == nil {
		return nil
	}
	return &debugRegs{status: d.status, control: d.control}
}

// dropDebugRegs is for a program that replaces another.
func (t *Task) dropDebugRegs() {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	t.pt.debug = nil
	t.pt.work.And(^uint32(traceWatch))
}
