// SPDX-License-Identifier: Apache-2.0

// This file is rseq(2), restartable sequences. The application's area is
// registered for its thread of the host, and the host does what there is to do:
// it enters the processor when the thread comes back from another one, and
// aborts a critical section at preemption. A signal of ours reaches running code by
// a signal of the host's (a kick, or the fault itself), which has aborted the section
// by then; what is left for abortSection is a thread that made a system call.

package task

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// RSeq is a registered area.
type RSeq struct {
	Addr            user.Addr
	Size, Signature uint32
}

const rseqUnregister = 1 // RSEQ_FLAG_UNREGISTER

// RSeq is the area that the task has registered; the zero RSeq is none. Any goroutine.
func (t *Task) RSeq() (r RSeq) {
	if p := t.rseq.Load(); p != nil {
		r = *p
	}
	return r
}

// RegisterRSeq is rseq(2). The host checks the arguments; what is not the
// application's memory it gets to see as what is no program's.
func (t *Task) RegisterRSeq(r RSeq, flags uint32) error {
	const noProgram = 1 << 63
	addr := uint64(r.Addr)
	if t.mm.Reserved(addr, addr+uint64(r.Size)) {
		addr |= noProgram
	}
	op := platform.Op{Nr: unix.SYS_RSEQ, Args: [6]uint64{addr, uint64(r.Size), uint64(flags), uint64(r.Signature)}}
	if err := t.thread.Do(&op); err != nil {
		return err
	}
	if err := op.Err(); err != nil {
		return err
	}
	if t.rseq.Store(&r); flags == rseqUnregister {
		t.rseq.Store(nil)
	}
	return nil
}

// dropRSeq takes the area from a task that leaves its address space. Linux need
// not, since such a thread never runs user code again; that of the host waits in the
// stub for its end, while others may use the memory for something else.
func (t *Task) dropRSeq() {
	r := t.rseq.Swap(nil)
	if r == nil || t.mm == nil || t.mm.Users() == 1 {
		return
	}
	op := platform.Op{Nr: unix.SYS_RSEQ,
		Args: [6]uint64{uint64(r.Addr), uint64(r.Size), rseqUnregister, uint64(r.Signature)}}
	_ = t.thread.Do(&op) // its memory may be gone, or the process
}

// struct rseq and struct rseq_cs (linux/rseq.h), as far as they are read here.
const (
	rseqSection  = 8 // the pointer to the critical section
	rseqFlags    = 16
	rseqCSSize   = 32
	rseqCSStart  = 8
	rseqCSLength = 16
	rseqCSAbort  = 24
)

// abortSection makes the critical section that the task stands in start over at its
// abort handler, before a signal's frame is built (rseq_signal_deliver). It returns false
// if the area, or what it points to, is no good.
func (t *Task) abortSection() bool {
	r := t.rseq.Load()
	if r == nil {
		return true
	}
	var area [rseqFlags + 4]byte
	if _, err := t.thread.ReadMemory(uint64(r.Addr), area[:]); err != nil {
		return false
	}
	at := binary.LittleEndian.Uint64(area[rseqSection:])
	if at == 0 {
		return true
	}
	var cs [rseqCSSize]byte
	if _, err := t.thread.ReadMemory(at, cs[:]); err != nil {
		return false
	}
	version, flags := binary.LittleEndian.Uint32(cs[:]), binary.LittleEndian.Uint32(cs[4:])
	start, length := binary.LittleEndian.Uint64(cs[rseqCSStart:]), binary.LittleEndian.Uint64(cs[rseqCSLength:])
	abort := binary.LittleEndian.Uint64(cs[rseqCSAbort:])
	if version != 0 || start >= user.TaskTop || start+length >= user.TaskTop || abort >= user.TaskTop ||
		abort-start < length || !t.signedAbort(abort, r.Signature) {
		return false
	}
	inside := t.thread.Regs().Rip-start < length
	if inside && flags|binary.LittleEndian.Uint32(area[rseqFlags:]) != 0 {
		return false
	}
	if _, err := t.thread.WriteMemory(uint64(r.Addr)+rseqSection, make([]byte, 8)); err != nil {
		return false
	}
	if inside {
		t.thread.Regs().Rip = abort
		t.thread.RegsChanged()
	}
	return true
}

// signedAbort tells whether the four bytes before the abort handler are the signature.
func (t *Task) signedAbort(abort uint64, signature uint32) bool {
	var b [4]byte
	_, err := t.thread.ReadMemory(abort-4, b[:])
	return err == nil && binary.LittleEndian.Uint32(b[:]) == signature
}
