// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// User memory by way of a waiting stub thread: what it captured, peek and poke
// operations for little, process_vm_readv and writev for much.

const (
	// scratch is the end of the window, for peeks and pokes; all else leaves it alone.
	scratch    = WindowSize - ScratchSize
	scratchLen = ScratchSize
)

// ReadMemory implements platform.Thread.
func (t *thread) ReadMemory(addr uint64, p []byte) (int, error) {
	if c := t.captured(addr, len(p)); c != nil {
		return copy(p, c), nil
	}
	if err := t.flush(); err != nil {
		return 0, err
	}
	if t.remote(len(p)) {
		n, err := t.sp.ReadAt(addr, p)
		if err == nil {
			return n, nil
		}
		// The thread itself may get further: at secret memory (memfd_secret(2)),
		// or on a host that forbids the call.
		rest, err := t.chunks(addr+uint64(n), p[n:], t.peek)
		return n + rest, err
	}
	return t.chunks(addr, p, t.peek)
}

// Captured implements platform.Thread.
func (t *thread) Captured(addr uint64, p []byte) int {
	for i := range t.captures[:t.ncap] {
		c := &t.captures[i]
		if off := addr - c.Addr; addr >= c.Addr && off < uint64(c.Len) {
			return copy(p, t.slot.window()[uint64(c.Off)+off:c.Off+c.Len])
		}
	}
	return 0
}

// WriteMemory implements platform.Thread.
func (t *thread) WriteMemory(addr uint64, p []byte) (int, error) {
	if err := t.flush(); err != nil {
		return 0, err
	}
	if t.ncap > 0 {
		t.uncapture(addr, len(p))
	}
	if t.remote(len(p)) {
		n, err := t.sp.WriteAt(addr, p)
		if err == nil {
			return n, nil
		}
		rest, err := t.chunks(addr+uint64(n), p[n:], t.poke)
		return n + rest, err
	}
	return t.chunks(addr, p, t.poke)
}

// remote tells whether n bytes are better moved by the host's calls than by the thread itself: many, and a few too if the thread sleeps,
// for to wake it takes far longer.
func (t *thread) remote(n int) bool {
	const few = 16 << 10
	return n > scratchLen || !t.sp.keyed.Load() && (n > few || atomic.LoadUint32(&t.slot.StubSleeps) != 0)
}

// uncapture forgets captures that a write makes stale.
func (t *thread) uncapture(addr uint64, n int) {
	for _, c := range t.captures[:t.ncap] {
		if addr < c.Addr+uint64(c.Len) && c.Addr < addr+uint64(n) {
			t.ncap = 0
			return
		}
	}
}

func (t *thread) chunks(addr uint64, p []byte, move func(uint64, []byte) (int, error)) (int, error) {
	done := 0
	for done < len(p) {
		n, err := move(addr+uint64(done), p[done:min(len(p), done+scratchLen)])
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// outside tells whether a range is not the application's.
func outside(addr uint64, n int) bool { return addr >= TextBase || addr+uint64(n) > TextBase }

func (t *thread) peek(addr uint64, p []byte) (int, error) {
	if outside(addr, len(p)) {
		return 0, unix.EFAULT
	}
	left, err := t.op(OpPeek, addr, uint64(len(p)), scratch)
	if err != nil {
		return 0, unix.EFAULT
	}
	n := len(p) - int(min(max(left, 0), int64(len(p))))
	copy(p[:n], t.slot.window()[scratch:])
	if n < len(p) {
		return n, unix.EFAULT
	}
	return n, nil
}

func (t *thread) poke(addr uint64, p []byte) (int, error) {
	if outside(addr, len(p)) {
		return 0, unix.EFAULT
	}
	copy(t.slot.window()[scratch:], p)
	left, err := t.op(OpPoke, addr, uint64(len(p)), scratch)
	if err != nil {
		return 0, unix.EFAULT
	}
	n := len(p) - int(min(max(left, 0), int64(len(p))))
	if n < len(p) {
		return n, unix.EFAULT
	}
	return n, nil
}

// WriteMemoryLast implements platform.Thread.
func (t *thread) WriteMemoryLast(addr uint64, p []byte, partial bool) (int, error) {
	if outside(addr, len(p)) || t.copyOuts == MaxCopyOuts || uint64(t.used)+uint64(len(p)) > CaptureSize {
		return t.WriteMemory(addr, p)
	}
	if t.hello {
		return t.WriteMemory(addr, p)
	}
	c := &t.outs[t.copyOuts]
	*c = CopyOut{Addr: addr, Len: uint32(len(p)), Off: InlineOffset}
	if partial {
		c.Partial = 1
	}
	if t.copyOuts == 0 && len(p) <= InlineSize {
		copy(t.inline[:], p)
	} else {
		c.Off = WindowOffset + t.used
		copy(t.slot.window()[t.used:], p)
		t.used += (c.Len + 15) &^ 15
	}
	t.copyOuts++
	return len(p), nil
}

// flush performs pending copy-outs now: something else will read memory, or
// write to it, or the call does not return yet.
func (t *thread) flush() error {
	if t.copyOuts == 0 {
		return nil
	}
	n := t.copyOuts
	t.copyOuts = 0
	for i := range n {
		c := &t.outs[i]
		off := uint64(c.Off) - WindowOffset
		if c.Off == InlineOffset {
			off = scratch
			copy(t.slot.window()[scratch:], t.inline[:c.Len])
		}
		if left, err := t.op(OpPoke, c.Addr, uint64(c.Len), off); err != nil || left != 0 {
			return unix.EFAULT
		}
	}
	return nil
}

// CompareAndSwap32 implements platform.Thread.
func (t *thread) CompareAndSwap32(addr uint64, old, new uint32) (uint32, error) {
	if outside(addr, 4) || addr%4 != 0 {
		return 0, unix.EFAULT
	}
	if err := t.flush(); err != nil {
		return 0, err
	}
	if t.ncap > 0 {
		t.uncapture(addr, 4)
	}
	r, err := t.op(OpCmpxchg, addr, uint64(old), uint64(new))
	if err != nil || r < 0 {
		return 0, unix.EFAULT
	}
	return uint32(r), nil
}
