// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"cmp"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Data that is fetched on its way to the application. It goes by pieces through two parts of the window in turn: while
// the stub's thread copies one out, the next is fetched into the other. What a core has written takes as long to get to another
// as it does to copy it, so this pays when both go on at the same time, and only then.

const (
	pieceSize = scratch / 2 // smaller ones were slower, and so were two of half the size than one
	// awaySize is how much goes at once if the host moves it: more would not stay in the core's cache.
	awaySize = 256 << 10
)

// awayBuffers are for pieces that do not go through the window.
var awayBuffers = sync.Pool{New: func() any { return new([awaySize]byte) }}

// stream is what is under way.
type stream struct {
	t    *thread
	addr uint64          // where the next piece goes
	half int             // of the window, that the next piece goes through
	buf  *[awaySize]byte // or this

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
	defer s.free()
	for done := 0; ; {
		p := s.room(n)
		got, err := fill(p)
		before, fault := s.settle()
		if done += before; fault != nil || got <= 0 || err != nil {
			return ended(done, cmp.Or(fault, err))
		}
		n -= got
		end := n == 0 || got < len(p)
		if end && last && s.buf == nil && !outside(s.addr, got) {
			t.outs[0] = CopyOut{Addr: s.addr, Len: uint32(got), Off: uint32(WindowOffset + s.half), Partial: 1}
			t.copyOuts, t.used = 1, uint32(s.half+got+15)&^15
			return done + got, nil
		}
		s.send(p[:got])
		if end {
			rest, fault := s.settle()
			return ended(done+rest, fault)
		}
	}
}

// ended is what came of it: an error only if nothing was moved.
func ended(done int, err error) (int, error) {
	if done > 0 {
		err = nil
	}
	return done, err
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

// away tells whether the stub's thread could not copy while this one fetches more: then it is quicker, and takes less of the processor, to
// have the host do it.
func (t *thread) away() bool {
	return (atomic.LoadUint32(&t.slot.StubSleeps) != 0 || t.stubCPU == cpu()) && !t.sp.keyed.Load()
}

// room is where the next piece goes through, of the n bytes that are left.
func (s *stream) room(n int) []byte {
	if n > pieceSize && !s.busy && s.t.away() {
		if s.buf == nil {
			s.buf = awayBuffers.Get().(*[awaySize]byte)
		}
		return s.buf[:min(n, awaySize)]
	}
	s.free()
	return s.t.slot.window()[s.half:][:min(n, pieceSize)]
}

func (s *stream) free() {
	if s.buf != nil {
		awayBuffers.Put(s.buf)
		s.buf = nil
	}
}

// send begins to move a piece.
func (s *stream) send(p []byte) {
	t, at := s.t, s.addr
	s.addr += uint64(len(p))
	if s.buf != nil || outside(at, len(p)) || t.away() {
		s.moved, s.fault = t.WriteMemory(at, p)
		return
	}
	s.size, s.moved, s.fault = len(p), 0, unix.EFAULT
	s.op[0] = SlotOp{Nr: OpPoke, Args: [6]uint64{at, uint64(len(p)), uint64(s.half)}}
	s.busy = t.begin(s.op[:]) == nil
	s.half = pieceSize - s.half
}

// settle is how much of the last piece got there, when it did.
func (s *stream) settle() (int, error) {
	if s.busy {
		s.busy = false
		if n, err := s.t.finish(s.op[:]); err == nil && n == 1 {
			left := min(max(s.op[0].Result, 0), int64(s.size))
			if s.moved = s.size - int(left); left == 0 {
				s.fault = nil
			}
		}
	}
	n, fault := s.moved, s.fault
	s.moved, s.fault = 0, nil
	return n, fault
}
