// SPDX-License-Identifier: Apache-2.0

package user

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Limits of one I/O call, as Linux has them.
const (
	MaxRW   = 0x7ffff000 // MAX_RW_COUNT: what one read or write moves at most
	MaxIov  = 1024       // UIO_MAXIOV
	TaskTop = 1<<47 - 4096
)

// Buf is the memory of one I/O call: the ranges of a read or write, or bytes
// of the kernel itself. Copies advance it. It is for one goroutine.
type Buf struct {
	mem  Memory
	one  Bytes
	vec  []Bytes
	kern []byte
	left int
}

// NewBuf is the buffer of read(2) or write(2). A length beyond MaxRW is cut;
// a range beyond the address space is EFAULT, as access_ok has it. That comes
// first, so that a negative length is EFAULT too, and not EINVAL.
func NewBuf(mem Memory, b Bytes) (Buf, error) {
	if b.outside() {
		return Buf{}, unix.EFAULT
	}
	b.Len = min(b.Len, MaxRW)
	return Buf{mem: mem, one: b, left: int(b.Len)}, nil
}

// outside tells whether a range ends beyond the address space.
func (b Bytes) outside() bool { return b.Len > TaskTop || uint64(b.Addr) > TaskTop-b.Len }

// NewIovBuf is the buffer of readv(2) and its kin: count struct iovec at iov.
func NewIovBuf(mem Memory, iov Addr, count uint64) (Buf, error) {
	if count > MaxIov {
		return Buf{}, unix.EINVAL
	}
	raw := make([]byte, count*16)
	if _, err := mem.CopyIn(iov, raw); err != nil {
		return Buf{}, err
	}
	b := Buf{mem: mem, vec: make([]Bytes, 0, count)}
	// All lengths are looked at before any address.
	for ; len(raw) > 0; raw = raw[16:] {
		r := Bytes{Addr(binary.LittleEndian.Uint64(raw)), binary.LittleEndian.Uint64(raw[8:])}
		if int64(r.Len) < 0 {
			return Buf{}, unix.EINVAL
		}
		b.vec = append(b.vec, r)
	}
	for i := range b.vec {
		r := &b.vec[i]
		if r.outside() {
			return Buf{}, unix.EFAULT
		}
		r.Len = min(r.Len, uint64(MaxRW-b.left))
		b.left += int(r.Len)
	}
	return b, nil
}

// KernelBuf is a buffer in the kernel's own memory.
func KernelBuf(p []byte) Buf { return Buf{kern: p, left: len(p)} }

// InKernel tells whether the buffer is of the kernel's own memory.
func (b *Buf) InKernel() bool { return b.kern != nil }

// Len is how many bytes are left.
func (b *Buf) Len() int { return b.left }

// CopyIn takes the next len(p) bytes, or what is left of the buffer (data of
// a write). It returns how many; EFAULT if fewer than there should be.
func (b *Buf) CopyIn(p []byte) (int, error) {
	return b.copy(p, Memory.CopyIn)
}

// CopyOut puts p into the next bytes of the buffer (data of a read), as many
// as there is room for.
func (b *Buf) CopyOut(p []byte) (int, error) {
	return b.copy(p, Memory.CopyOut)
}

// CopyOutLast is CopyOut for the last bytes that a call puts: see
// Memory.CopyOutLast. It is the fast way for a read that is done in one piece.
func (b *Buf) CopyOutLast(p []byte) (int, error) {
	if b.kern != nil || b.vec != nil || b.mem == nil {
		return b.CopyOut(p)
	}
	n := min(len(p), b.left)
	n, err := b.mem.CopyOutLast(b.one.Addr, p[:n], true)
	b.one.Addr += Addr(n)
	b.left -= n
	return n, err
}

// Scattered tells whether the buffer is of several ranges.
func (b *Buf) Scattered() bool { return len(b.vec) > 1 }

// CopyOutFrom puts what fill gives into the rest of the buffer, as the last bytes that the call puts: see Memory.CopyOutFrom.
// It is the fast way for data that has to be fetched from elsewhere, in one go each range.
func (b *Buf) CopyOutFrom(fill func(p []byte) (int, error)) (int, error) {
	if b.mem == nil {
		n, err := fill(b.kern[:b.left])
		b.kern = b.kern[n:]
		b.left -= n
		return n, err
	}
	done := 0
	for b.left > 0 {
		r := b.next()
		all := int(min(uint64(b.left), r.Len))
		n, err := b.mem.CopyOutFrom(r.Addr, all, all == b.left, fill)
		r.Addr += Addr(n)
		r.Len -= uint64(n)
		b.left -= n
		done += n
		if n < all {
			if done > 0 {
				err = nil
			}
			return done, err
		}
	}
	return done, nil
}

// CopyInTo gives the next n bytes of a buffer that is not scattered to drain: see Memory.CopyInTo.
func (b *Buf) CopyInTo(n int, drain func(p []byte) (int, error)) (int, error) {
	n = min(n, b.left)
	if b.mem == nil {
		n, err := drain(b.kern[:n])
		b.kern = b.kern[n:]
		b.left -= n
		return n, err
	}
	if n == 0 {
		return 0, nil
	}
	r := b.next()
	n, err := b.mem.CopyInTo(r.Addr, n, drain)
	r.Addr += Addr(n)
	r.Len -= uint64(n)
	b.left -= n
	return n, err
}

func (b *Buf) copy(p []byte, move func(Memory, Addr, []byte) (int, error)) (int, error) {
	if b.mem == nil {
		return b.copyKernel(p, move)
	}
	p = p[:min(len(p), b.left)]
	done := 0
	for len(p) > 0 {
		r := b.next()
		n := int(min(uint64(len(p)), r.Len))
		n, err := move(b.mem, r.Addr, p[:n])
		r.Addr += Addr(n)
		r.Len -= uint64(n)
		b.left -= n
		done += n
		p = p[n:]
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// CutPage takes the part of a user buffer that lies in its next page off the
// front. The buffer must have bytes left.
func (b *Buf) CutPage() Buf {
	const page = 4096
	r := b.next()
	n := min(r.Len, page-uint64(r.Addr)%page, uint64(b.left))
	piece := Buf{mem: b.mem, one: Bytes{r.Addr, n}, left: int(n)}
	r.Addr += Addr(n)
	r.Len -= n
	b.left -= int(n)
	return piece
}

// next is the first range that has bytes left.
func (b *Buf) next() *Bytes {
	if b.vec == nil {
		return &b.one
	}
	for b.vec[0].Len == 0 {
		b.vec = b.vec[1:]
	}
	return &b.vec[0]
}

// kernelMemory lets copyKernel tell the two directions apart without a flag.
type kernelMemory []byte

func (k kernelMemory) CopyIn(_ Addr, dst []byte) (int, error)  { return copy(dst, k), nil }
func (k kernelMemory) CopyOut(_ Addr, src []byte) (int, error) { return copy(k, src), nil }
func (k kernelMemory) CopyOutLast(_ Addr, src []byte, _ bool) (int, error) {
	return copy(k, src), nil
}
func (k kernelMemory) CopyOutFrom(_ Addr, n int, _ bool, fill func([]byte) (int, error)) (int, error) {
	return fill(k[:n])
}
func (k kernelMemory) CopyInTo(_ Addr, n int, drain func([]byte) (int, error)) (int, error) {
	return drain(k[:n])
}
func (k kernelMemory) CompareAndSwap32(Addr, uint32, uint32) (uint32, error) {
	return 0, unix.EFAULT
}

func (b *Buf) copyKernel(p []byte, move func(Memory, Addr, []byte) (int, error)) (int, error) {
	n, err := move(kernelMemory(b.kern), 0, p)
	b.kern = b.kern[n:]
	b.left -= n
	return n, err
}
