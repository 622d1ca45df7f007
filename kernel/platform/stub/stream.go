// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"cmp"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Data that go straight between the application and a file. They go by pieces through two parts of the window in turn: while
// the stub's thread copies one out of it, the next is fetched into the other; or it copies one in while the last is given away. What a core has written takes as long to get to another
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

// ReadMemoryTo implements platform.Thread.
func (t *thread) ReadMemoryTo(addr uint64, n int, drain func(p []byte) (int, error)) (int, error) {
	if p := t.captured(addr, n); p != nil {
		return ended(drain(p))
	}
	if t.flush() != nil || t.ready() != nil {
		return 0, unix.EFAULT
	}
	t.ncap, t.used = 0, 0
	s := stream{t: t, addr: addr}
	defer s.free()
	p := s.fetch(n)
	for done := 0; ; {
		got, fault := s.settle()
		piece := p[:got]
		n -= got
		more := n > 0 && fault == nil
		ahead := more && s.buf == nil && !t.away()
		if ahead {
			p = s.fetch(n)
		}
		took, err := drain(piece)
		if done += took; err != nil || took < got || !more {
			s.settle()
			return ended(done, cmp.Or(err, fault))
		}
		if !ahead {
			p = s.fetch(n)
		}
	}
}

// captured is the part of the window that has n bytes at the address, if one has.
func (t *thread) captured(addr uint64, n int) []byte {
	for i := range t.captures[:t.ncap] {
		c := &t.captures[i]
		if off := addr - c.Addr; addr >= c.Addr && off <= uint64(c.Len) && uint64(n) <= uint64(c.Len)-off {
			return t.slot.window()[uint64(c.Off)+off:][:n]
		}
	}
	return nil
}

// fetch begins to move the next piece, of the n bytes that are left, into the room that it returns.
func (s *stream) fetch(n int) []byte {
	t, at := s.t, s.addr
	p := s.room(n)
	s.addr += uint64(len(p))
	if s.buf != nil || outside(at, len(p)) || t.away() {
		s.moved, s.fault = t.ReadMemory(at, p)
		s.half = pieceSize - s.half
		return p
	}
	s.start(OpPeek, at, len(p))
	return p
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
	s.start(OpPoke, at, len(p))
}

// start has the stub's thread move a piece between the half of the window and the application.
func (s *stream) start(op, addr uint64, n int) {
	s.size, s.moved, s.fault = n, 0, unix.EFAULT
	s.op[0] = SlotOp{Nr: op, Args: [6]uint64{addr, uint64(n), uint64(s.half)}}
	s.busy = s.t.begin(s.op[:]) == nil
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
