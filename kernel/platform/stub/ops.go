// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// The operations that a stub thread performs on the kernel's order.

// ops has the slot's operation list performed, up to the first that fails;
// how many were is the result. ESRCH if the process died.
func (t *thread) ops(list ...SlotOp) (int, error) {
	if err := t.begin(list); err != nil {
		return 0, err
	}
	return t.finish(list)
}

// begin has the list performed, and does not wait for it: finish does.
func (t *thread) begin(list []SlotOp) error {
	if err := t.ready(); err != nil {
		return err
	}
	s := t.slot
	s.NOps = uint32(copy(s.Ops[:], list))
	s.Cmd = CmdOps
	t.release()
	return nil
}

// finish waits for what begin began.
func (t *thread) finish(list []SlotOp) (int, error) {
	if !t.await() {
		return 0, unix.ESRCH
	}
	s := t.slot
	done := min(int(s.OpsDone), len(list))
	for i := range done {
		list[i].Result = s.Ops[i].Result
	}
	return done, nil
}

// op performs one operation.
func (t *thread) op(nr uint64, args ...uint64) (int64, error) {
	o := [1]SlotOp{{Nr: nr}}
	copy(o[0].Args[:], args)
	n, err := t.ops(o[:]...)
	if err != nil {
		return 0, err
	}
	if n != 1 {
		t.sp.Kill()
		return 0, unix.ESRCH
	}
	return o[0].Result, nil
}

// Do implements platform.Thread.
func (t *thread) Do(ops ...*platform.Op) error {
	for len(ops) > 0 {
		n, failed, err := t.doSome(ops)
		if err != nil {
			return err
		}
		if failed {
			break
		}
		ops = ops[n:]
	}
	return nil
}

// doSome performs as many of ops as go into one list, with the descriptors
// that go with them.
func (t *thread) doSome(ops []*platform.Op) (n int, failed bool, err error) {
	var list [MaxOps]SlotOp
	var fds []int
	at := 0
	add := func(o SlotOp) { list[at] = o; at++ }
	for _, o := range ops {
		if at == MaxOps-2 || len(fds) == MaxFDs {
			break
		}
		if o.UseFD && fds == nil {
			add(SlotOp{Nr: OpRecvFDs})
		}
		so := SlotOp{Nr: uint64(o.Nr), Args: o.Args}
		if o.UseFD {
			so.Args[4] = FDMark + uint64(len(fds))
			fds = append(fds, o.FD)
		}
		add(so)
		n++
		t.sp.forget(o)
		switch o.Nr {
		case unix.SYS_MODIFY_LDT:
			t.unpatchAll() // gs may be loaded with one of its segments
		case unix.SYS_PKEY_ALLOC:
			t.sp.keyed.Store(true)
		}
	}
	first := 0
	if fds != nil {
		first = 1
		t.sp.fdMu.Lock()
		defer t.sp.fdMu.Unlock()
		// The first operation with a descriptor need not be the first of all;
		// receiving early does no harm.
		for i := range list[:at] {
			if list[i].Nr == OpRecvFDs {
				copy(list[1:i+1], list[:i])
				list[0] = SlotOp{Nr: OpRecvFDs}
				break
			}
		}
		if err := t.sp.send(fds); err != nil {
			return 0, false, unix.EAGAIN
		}
	}
	done, err := t.ops(list[:at]...)
	if err != nil {
		return 0, false, err
	}
	if first == 1 && (done == 0 || list[0].Result != int64(len(fds))) {
		return 0, false, t.lost(list[0].Result)
	}
	for i := range n {
		ops[i].Result = -int64(unix.ECANCELED)
		if first+i < done {
			ops[i].Result = list[first+i].Result
		}
	}
	return n, done < at || n > 0 && ops[n-1].Err() != nil, nil
}

// lost is for descriptors that did not arrive: the stub's table is full
// (EMFILE), or it is not a stub any more.
func (t *thread) lost(result int64) error {
	if result < 0 && result > -4096 {
		return unix.Errno(-result)
	}
	t.sp.Kill()
	return unix.ESRCH
}

// SetFSBase implements platform.Thread.
func (t *thread) SetFSBase(base uint64) error {
	const archSetFS = 0x1002
	r, err := t.op(unix.SYS_ARCH_PRCTL, archSetFS, base)
	if err != nil {
		return err
	}
	if r < 0 {
		return unix.Errno(-r)
	}
	t.fsBase = base
	if t.fetched {
		t.regs.Fs_base = base
	}
	return nil
}

// SetGSBase implements platform.Thread. The fast way in finds its slot by gs:
// an application that wants gs for itself comes in by traps from then on. The
// return must not use gs either, so the thread gets a frame first.
func (t *thread) SetGSBase(base uint64) error {
	const archSetGS = 0x1001
	if err := t.frame(); err != nil {
		return err
	}
	t.unpatchAll()
	r, err := t.op(unix.SYS_ARCH_PRCTL, archSetGS, base)
	if err != nil {
		return err
	}
	if r < 0 {
		return unix.Errno(-r)
	}
	t.gsBase = base
	if t.fetched {
		t.regs.Gs_base = base
	}
	return nil
}

// Segments implements platform.Thread.
func (t *thread) Segments() (s platform.Segments, err error) {
	r, err := t.op(OpSegments)
	return platform.Segments{DS: uint16(r), ES: uint16(r >> 16), FS: uint16(r >> 32), GS: uint16(r >> 48)}, err
}

// SetSegments implements platform.Thread.
func (t *thread) SetSegments(s platform.Segments) error {
	now, err := t.Segments()
	if err != nil {
		return err
	}
	which := uint64(0)
	if s.FS|now.FS != 0 {
		which |= SetFS
	}
	if s.GS|now.GS != 0 {
		which |= SetGS
		if err := t.frame(); err != nil { // see SetGSBase
			return err
		}
		t.unpatchAll()
	}
	if arch.FSGSBase() {
		which |= SetBases
	}
	all := uint64(s.DS) | uint64(s.ES)<<16 | uint64(s.FS)<<32 | uint64(s.GS)<<48
	if _, err = t.op(OpSetSegments, all, which, t.fsBase, t.gsBase); err != nil || which&^SetBases == 0 {
		return err
	}
	return t.restoreBases(which)
}

// restoreBases gives back its base to a segment without one of its own: the null one.
func (t *thread) restoreBases(which uint64) error {
	now, err := t.Segments()
	if err == nil && which&SetFS != 0 && now.FS <= nullSelectors {
		err = t.SetFSBase(t.fsBase)
	}
	if err == nil && which&SetGS != 0 && now.GS <= nullSelectors {
		err = t.SetGSBase(t.gsBase)
	}
	return err
}

const nullSelectors = 3 // selectors up to this name no segment

// Rusage implements platform.Thread: the stub thread asks the host.
func (t *thread) Rusage(who int) (ru unix.Rusage, err error) {
	if who != unix.RUSAGE_SELF && who != unix.RUSAGE_THREAD {
		return ru, unix.EINVAL
	}
	at := uint64(RegionBase + t.index*SlotStride + WindowOffset + scratch)
	r, err := t.op(unix.SYS_GETRUSAGE, uint64(who), at)
	if err != nil || r < 0 {
		return ru, unix.ESRCH
	}
	return *(*unix.Rusage)(ptr(&t.slot.window()[scratch])), nil
}

// Processor is the processor of the host that the thread waits on, and its node.
func (t *thread) Processor() (cpu, node uint32, err error) {
	at := uint64(RegionBase + t.index*SlotStride + WindowOffset + scratch)
	r, err := t.op(unix.SYS_GETCPU, at, at+4)
	if err != nil || r < 0 {
		return 0, 0, unix.ESRCH
	}
	w := t.slot.window()[scratch:]
	return binary.LittleEndian.Uint32(w), binary.LittleEndian.Uint32(w[4:]), nil
}

// frame makes sure that there is a signal frame.
func (t *thread) frame() error {
	if err := t.ready(); err != nil {
		return err
	}
	if t.framed {
		return nil
	}
	t.slot.Cmd = CmdTrap
	if !t.exchange() {
		return unix.ESRCH
	}
	t.framed = true
	t.RegsChanged()
	return nil
}

// FPState implements platform.Thread.
func (t *thread) FPState() ([]byte, error) {
	if err := t.frame(); err != nil {
		return nil, err
	}
	size := t.slot.FPSize
	if size < 512 || size > WindowSize {
		return nil, unix.EFAULT
	}
	if err := t.flush(); err != nil {
		return nil, err
	}
	t.ncap, t.used = 0, 0 // the window is overwritten
	r, err := t.op(OpFPRead, size)
	if err != nil {
		return nil, err
	}
	if r != int64(size) {
		return nil, unix.EFAULT
	}
	return append([]byte(nil), t.slot.window()[:size]...), nil
}

// SetFPState implements platform.Thread.
func (t *thread) SetFPState(p []byte) error {
	if err := t.frame(); err != nil {
		return err
	}
	if len(p) > WindowSize {
		return unix.EINVAL
	}
	if err := t.flush(); err != nil {
		return err
	}
	t.ncap, t.used = 0, 0
	copy(t.slot.window(), p)
	r, err := t.op(OpFPWrite, uint64(len(p)))
	if err == nil && r != int64(len(p)) {
		err = unix.EFAULT
	}
	return err
}
