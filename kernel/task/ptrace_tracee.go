// SPDX-License-Identifier: Apache-2.0

// This file is what a tracer does with a stopped tracee: look at it, change
// it, let it go on. All of it runs in the tracer's goroutine; the tracee is
// frozen meanwhile, so that not even SIGKILL makes it run.

package task

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/seccomp"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// Tracee is a stopped tracee that its tracer has frozen. Release ends that.
type Tracee struct{ t *Task }

// Tracee freezes one of t's tracees: ESRCH if it is none, or is not stopped
// (ptrace_check_attach).
func (t *Task) Tracee(pid int32) (Tracee, error) {
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	x := k.lookup(pid)
	if x == nil || x.pt.tracer != t {
		return Tracee{}, unix.ESRCH
	}
	h := x.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	for x.pt.calling {
		h.mu.Unlock()
		k.mu.RUnlock()
		err := t.SleepKillable(time.Time{})
		k.mu.RLock()
		h.mu.Lock()
		if err != nil {
			return Tracee{}, unix.ESRCH
		}
	}
	if x.pt.tracer != t || !x.pt.traced || x.pt.listening {
		return Tracee{}, unix.ESRCH
	}
	x.pt.frozen = true
	return Tracee{x}, nil
}

// lock locks what guards the tracee's stop.
func (x Tracee) lock() (unlock func()) {
	h := x.t.group.sighand // can't change: the tracee is frozen
	h.mu.Lock()
	return h.mu.Unlock
}

// Release ends what Task.Tracee began, unless the tracee goes on by now.
func (x Tracee) Release() {
	defer x.lock()()
	if !x.t.pt.frozen {
		return
	}
	x.t.pt.frozen = false
	if !x.t.pt.traced || x.t.work.Load()&workCall != 0 {
		x.t.Wake()
	}
}

// Filter is the tracee's n-th filter of system calls, from 0, the oldest: EINVAL
// if its mode is another, ENOENT if it has not so many (get_nth_filter).
func (x Tracee) Filter(n uint64) (*seccomp.Filter, error) {
	s := x.t.seccompState()
	if s.mode != seccomp.ModeFilter {
		return nil, unix.EINVAL
	}
	f := s.filter
	if n >= uint64(f.Count()) {
		return nil, unix.ENOENT
	}
	for range uint64(f.Count()) - n - 1 {
		f = f.Prev()
	}
	return f, nil
}

// RSeq is the tracee's area for rseq(2).
func (x Tracee) RSeq() RSeq { return x.t.RSeq() }

// UserDispatch and SetUserDispatch are the tracee's syscall user dispatch.
func (x Tracee) UserDispatch() *UserDispatch     { return x.t.UserDispatch() }
func (x Tracee) SetUserDispatch(d *UserDispatch) { x.t.SetUserDispatch(d) }

// Resume says how a tracee goes on; the zero Resume is PTRACE_CONT.
type Resume struct {
	Syscall, Emulate, Step bool
	Block                  bool // with Step: up to the next branch that is taken
}

// Resume lets the tracee go on, with a signal unless signo is 0.
func (x Tracee) Resume(how Resume, signo int32) {
	bits := uint32(tracePresent)
	for bit, on := range map[uint32]bool{traceSyscall: how.Syscall, traceEmulate: how.Emulate, traceStep: how.Step, traceBlock: how.Block} {
		if on {
			bits |= bit
		}
	}
	defer x.lock()()
	p := &x.t.pt
	if p.traced { // or it was killed
		p.setWork(bits)
		p.code = signo
	}
	p.traced, p.frozen = false, false
	x.t.Wake()
}

// Detach ends the tracing.
func (x Tracee) Detach(signo int32) {
	t := x.t
	k := t.kernel
	k.mu.Lock()
	defer k.mu.Unlock()
	h := t.group.sighand
	h.mu.Lock()
	t.pt.code = signo
	h.mu.Unlock()
	tracer := t.pt.tracer
	t.detachFrom(tracer)
	h.mu.Lock()
	defer h.mu.Unlock()
	t.pt.traced, t.pt.frozen = false, false
	t.Wake()
}

// Listen is PTRACE_LISTEN: EIO if the tracee isn't seized, or not in a
// group-stop.
func (x Tracee) Listen() error {
	defer x.lock()()
	p := &x.t.pt
	if !p.seized || p.info == nil || p.info.Code>>8 != unix.PTRACE_EVENT_STOP {
		return unix.EIO
	}
	p.listening = true
	if p.trapNotify {
		p.traced = false
		x.t.Wake()
	}
	return nil
}

// Interrupt is PTRACE_INTERRUPT: ESRCH, EIO.
func (t *Task) Interrupt(pid int32) error {
	return t.withTracee(pid, func(x *Task) error {
		if !x.pt.seized {
			return unix.EIO
		}
		if !x.exiting && !x.killed() {
			x.pt.trapStop = true
			x.endListening()
			x.kick(workSignal)
		}
		return nil
	})
}

// endListening lets a listening tracee stop anew. Caller holds SigHand.mu.
func (t *Task) endListening() {
	if t.pt.listening {
		t.pt.traced = false
	}
}

// KillTracee is PTRACE_KILL: ESRCH.
func (t *Task) KillTracee(pid int32) error {
	return t.withTracee(pid, func(x *Task) error {
		info := t.UserInfo(abi.SIGKILL, abi.SI_USER)
		return x.group.sendLocked(x, &info)
	})
}

// withTracee calls f for a tracee in any state, with SigHand.mu held.
func (t *Task) withTracee(pid int32, f func(x *Task) error) error {
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	x := k.lookup(pid)
	if x == nil || x.pt.tracer != t {
		return unix.ESRCH
	}
	h := x.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return f(x)
}

// SetOptions is PTRACE_SETOPTIONS, of options that CheckPtraceOptions passed.
func (x Tracee) SetOptions(options uint64) {
	k := x.t.kernel
	k.mu.Lock()
	defer k.mu.Unlock()
	defer x.lock()()
	x.t.pt.options = options
}

// Message is PTRACE_GETEVENTMSG.
func (x Tracee) Message() uint64 {
	defer x.lock()()
	return x.t.pt.message
}

// SigInfo is why the tracee stopped: EINVAL in a group-stop.
func (x Tracee) SigInfo() (abi.SigInfo, error) {
	defer x.lock()()
	if x.t.pt.info == nil {
		return abi.SigInfo{}, unix.EINVAL
	}
	return *x.t.pt.info, nil
}

// SetSigInfo changes what the signal tells that the tracee goes on with.
func (x Tracee) SetSigInfo(info *abi.SigInfo) error {
	defer x.lock()()
	if x.t.pt.info == nil {
		return unix.EINVAL
	}
	*x.t.pt.info = *info
	return nil
}

// Queued are the signals that wait for the tracee (shared: for its process),
// from the off-th, at most n.
func (x Tracee) Queued(shared bool, off uint64, n int) []abi.SigInfo {
	defer x.lock()()
	q := x.t.pending.queue
	if shared {
		q = x.t.group.shared.queue
	}
	var list []abi.SigInfo
	for i := off; i < uint64(len(q)) && len(list) < n; i++ {
		list = append(list, q[i].info)
	}
	return list
}

// Mask is what the tracee blocks, SetMask changes it.
func (x Tracee) Mask() SigSet {
	if x.t.restoreMask {
		return x.t.savedMask
	}
	return x.t.blocked
}

// SetMask: see Mask.
func (x Tracee) SetMask(set SigSet) {
	x.t.restoreMask = false
	x.t.SetBlocked(set)
}

// Regs are the tracee's registers.
func (x Tracee) Regs() platform.Regs { return x.t.allRegs() }

// allRegs are the registers with the selectors of data segments.
func (t *Task) allRegs() platform.Regs {
	r := *t.thread.Regs()
	if s, err := t.segments(); err == nil {
		r.Ds, r.Es, r.Fs, r.Gs = uint64(s.DS), uint64(s.ES), uint64(s.FS), uint64(s.GS)
		r.Fs_base, r.Gs_base = t.baseOf(s.FS, r.Fs_base), t.baseOf(s.GS, r.Gs_base)
	}
	return r
}

// SetRegs changes them: EIO for values that no program may have.
func (x Tracee) SetRegs(r *platform.Regs) error {
	th := x.t.thread
	old := th.Regs()
	if r.Fs_base >= user.TaskTop || r.Gs_base >= user.TaskTop || !arch.UserSegments(r) {
		return unix.EIO
	}
	now, err := x.t.segments()
	want := platform.Segments{DS: uint16(r.Ds), ES: uint16(r.Es), FS: uint16(r.Fs), GS: uint16(r.Gs)}
	if err == nil && (want != now || x.t.pt.segments != nil || want.FS|want.GS != 0 && (r.Fs_base != old.Fs_base || r.Gs_base != old.Gs_base)) {
		x.t.pt.segments = &want
	}
	if r.Fs_base != old.Fs_base {
		if err := th.SetFSBase(r.Fs_base); err != nil {
			return unix.EIO
		}
	}
	if r.Gs_base != old.Gs_base {
		if err := th.SetGSBase(r.Gs_base); err != nil {
			return unix.EIO
		}
	}
	arch.SetRegs(th.Regs(), r)
	th.SetResult(r.Rax)
	th.RegsChanged()
	return nil
}

// FPState is the tracee's xsave area, as a signal frame has it.
func (x Tracee) FPState() ([]byte, error) { return x.t.thread.FPState() }

// SetFPState changes it.
func (x Tracee) SetFPState(p []byte) error { return x.t.thread.SetFPState(p) }

// Access reads or writes the tracee's memory, whatever its protection, as far
// as a debugger may: the bytes before the first that can't be.
func (x Tracee) Access(addr uint64, p []byte, write bool) (int, error) {
	if x.t.mm == nil {
		return 0, unix.EIO
	}
	return x.t.mm.Access(x.t.thread, addr, p, write)
}

// SyscallStop tells at which end of a system call the tracee stopped, and the
// stop's event: PTRACE_SYSCALL_INFO_*.
func (x Tracee) SyscallStop() uint8 {
	defer x.lock()()
	p := &x.t.pt
	switch {
	case p.info == nil:
	case p.info.Code == abi.SIGTRAP|ptraceSyscallGood && p.message == unix.PTRACE_EVENTMSG_SYSCALL_ENTRY:
		return unix.PTRACE_SYSCALL_INFO_ENTRY
	case p.info.Code == abi.SIGTRAP|ptraceSyscallGood && p.message == unix.PTRACE_EVENTMSG_SYSCALL_EXIT:
		return unix.PTRACE_SYSCALL_INFO_EXIT
	case p.info.Code == abi.SIGTRAP|unix.PTRACE_EVENT_SECCOMP<<8:
		return unix.PTRACE_SYSCALL_INFO_SECCOMP
	}
	return unix.PTRACE_SYSCALL_INFO_NONE
}

// AccessMemory is a debugger's access to the memory of target's process, m,
// which need not be stopped, nor a tracee (/proc/PID/mem): what the protection
// forbids takes one of its threads, between its system calls. The bytes
// before the first that can't be accessed, and EIO.
func (t *Task) AccessMemory(target *Task, m *mm.MM, addr uint64, p []byte, write bool) (int, error) {
	if t.mm == m {
		return m.Access(t.thread, addr, p, write)
	}
	move := m.AddressSpace().ReadAt
	if write {
		move = m.AddressSpace().WriteAt
	}
	n, err := move(addr, p)
	if err == nil {
		return n, nil
	}
	for _, x := range target.group.Threads() {
		more, err := t.accessBy(x, m, addr+uint64(n), p[n:], write)
		if err != unix.ESRCH {
			return n + more, err
		}
	}
	return n, unix.EIO
}

// accessBy has another task access its memory: ESRCH if it is not there any
// more, or runs in another address space by now.
func (t *Task) accessBy(x *Task, m *mm.MM, addr uint64, p []byte, write bool) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	buf := append([]byte(nil), p...)
	ok := x.Call(func() {
		r := result{err: unix.ESRCH}
		if x.mm == m {
			r.n, r.err = m.Access(x.thread, addr, buf, write)
		}
		done <- r
		t.Wake()
	})
	if !ok {
		return 0, unix.ESRCH
	}
	for {
		select {
		case r := <-done:
			if !write {
				copy(p[:r.n], buf)
			}
			return r.n, r.err
		case <-x.released:
			return 0, unix.ESRCH
		default:
		}
		if err := t.SleepKillable(time.Time{}); err != nil {
			return 0, unix.EIO
		}
	}
}
