// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"encoding/binary"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// pool is the memory of patched sites' jump table and trampolines. A process
// and what it forks share one: a site's address means the same in all of them.
// The stubs can't write to it: it is sealed against further writable mappings.
type pool struct {
	fd   int
	mem  []byte
	refs atomic.Int32

	mu   sync.Mutex
	next [2]int // entries handed out, by kind
}

// trampSize is the bytes of one trampoline.
const trampSize = 128

func newPool() (*pool, error) {
	fd, err := unix.MemfdCreate("ditto-sites", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, err
	}
	if err = unix.Ftruncate(fd, TableSize+TrampSize); err != nil {
		unix.Close(fd)
		return nil, err
	}
	mem, err := unix.Mmap(fd, 0, TableSize+TrampSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	const seals = unix.F_SEAL_FUTURE_WRITE | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW
	if _, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		unix.Munmap(mem)
		unix.Close(fd)
		return nil, err
	}
	p := &pool{fd: fd, mem: mem}
	p.refs.Store(1)
	return p, nil
}

func (p *pool) ref() *pool {
	p.refs.Add(1)
	return p
}

func (p *pool) unref() {
	if p != nil && p.refs.Add(-1) == 0 {
		unix.Munmap(p.mem)
		unix.Close(p.fd)
	}
}

// invalid is one-byte opcodes that 64-bit mode does not have, eight or more
// apart: a thread that executes a byte of a table address in a patched site
// faults instead of doing something.
var (
	invalid     = []byte{0x06, 0x0e, 0x16, 0x1e, 0x2f, 0x37, 0x3f}
	invalidHigh = []byte{0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37, 0x3f}
)

// take hands out a table entry and a trampoline. An entry of kind strict has
// an address whose second byte is an invalid opcode too. ok is false when
// there is none left.
func (p *pool) take(strict bool) (entry uint64, number int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(invalid)
	if strict {
		i := p.next[1]
		if i >= n*len(invalidHigh) {
			return 0, 0, false
		}
		p.next[1]++
		return TableBase + uint64(invalidHigh[i/n])<<8 + uint64(invalid[i%n]), i, true
	}
	for {
		i := p.next[0]
		if i >= n*256 {
			return 0, 0, false
		}
		p.next[0]++
		if high := byte(i / n); !isInvalidHigh(high) {
			return TableBase + uint64(high)<<8 + uint64(invalid[i%n]), n*len(invalidHigh) + i, true
		}
	}
}

func isInvalidHigh(b byte) bool {
	for _, h := range invalidHigh {
		if b == h {
			return true
		}
	}
	return false
}

// write puts the trampoline code at number, and its address into the entry.
// The code must be in place before anyone can jump to it: the site is patched
// after.
func (p *pool) write(entry uint64, number int, code []byte) (tramp uint64, ok bool) {
	off := number * trampSize
	if len(code) > trampSize || off+trampSize > TrampSize {
		return 0, false
	}
	copy(p.mem[TableSize+off:], code)
	binary.LittleEndian.PutUint64(p.mem[entry-TableBase:], TrampBase+uint64(off))
	return TrampBase + uint64(off), true
}
