// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Data that is fetched on its way to the application. It goes by pieces through two parts of the window in turn: while
// the stub's thread copies one out, the next is fetched into the other.

const (
	pieceSize = scratch / 2
	// wholeSize is up to where it does not pay to cut.
	wholeSize = 16 << 10
)

// stream is what is under way.
type stream struct {
	t    *thread
	addr uint64 // where the next piece goes

	// The last piece: its length, whether the stub's thread is at it, how much of it is there already, and a fault.
	size  int
	op    [1]SlotOp
	busy  bool
	moved int
	fault error
}

// WriteMemoryFrom implements platform.Thread.
func (t *thread) WriteMemoryFrom(addr uint64, n int, last bool, fill func(p []byte) (int, error)) (int, error) {
	if t.flush() != nil || t.ready() != nil {
		return 0, unix.EFAULT
	}
	t.ncap, t.used = 0, 0
	if last && n <= InlineSize {
		return t.writeInline(addr, n, fill)
	}
	s := stream{t: t, addr: addr}
	size := pieceSize
	if n > wholeSize {
		size = min(size, (n/2+4095)&^4095)
	}
	done := 0
	for off, want := 0, size; n > 0 && want == size; off = pieceSize - off {
		want = min(n, size)
		p := t.slot.window()[off : off+want]
		got, err := fill(p)
		before, fault := s.settle()
		if done += before; fault != nil {
			return done, fault
		}
		if got <= 0 || err != nil {
			return done, err
		}
		n -= want
		if got < want {
			n = 0
		}
		if n == 0 && last && !outside(s.addr, got) {
			t.outs[0] = CopyOut{Addr: s.addr, Len: uint32(got), Off: uint32(WindowOffset + off), Partial: 1}
			t.copyOuts, t.used = 1, uint32(off+got+15)&^15
			return done + got, nil
		}
		s.send(p[:got], off)
	}
	rest, fault := s.settle()
	return done + rest, fault
}

// writeInline is WriteMemoryFrom for what goes along with the reply.
func (t *thread) writeInline(addr uint64, n int, fill func(p []byte) (int, error)) (int, error) {
	n, err := fill(t.inline[:n])
	if n <= 0 || err != nil {
		return 0, err
	}
	if outside(addr, n) {
		return 0, unix.EFAULT
	}
	t.outs[0] = CopyOut{Addr: addr, Len: uint32(n), Off: InlineOffset, Partial: 1}
	t.copyOuts = 1
	return n, nil
}

// send begins to move a piece, which stands at off in the window. If the stub's thread could not do it at the same time as this one
// fetches the next, the host does it.
func (s *stream) send(p []byte, off int) {
	t := s.t
	at := s.addr
	s.addr += uint64(len(p))
	s.size, s.moved, s.fault = len(p), 0, nil
	if away := atomic.LoadUint32(&t.slot.StubSleeps) != 0 || t.stubCPU == cpu(); away && !t.sp.keyed.Load() || outside(at, len(p)) {
		n, err := t.sp.WriteAt(at, p)
		if s.moved = n; err == nil {
			return
		}
		// The thread itself may get further: see ReadMemory.
		at, off, p = at+uint64(n), off+n, p[n:]
	}
	s.fault = unix.EFAULT
	if outside(at, len(p)) {
		return
	}
	s.op[0] = SlotOp{Nr: OpPoke, Args: [6]uint64{at, uint64(len(p)), uint64(off)}}
	s.busy = t.begin(s.op[:]) == nil
}

// settle is how much of the last piece got there, when it did.
func (s *stream) settle() (int, error) {
	if s.busy {
		s.busy = false
		if n, err := s.t.finish(s.op[:]); err == nil && n == 1 {
			left := min(max(s.op[0].Result, 0), int64(s.size-s.moved))
			if s.moved = s.size - int(left); left == 0 {
				s.fault = nil
			}
		}
	}
	n, fault := s.moved, s.fault
	s.moved, s.fault = 0, nil
	return n, fault
}
