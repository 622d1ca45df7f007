// SPDX-License-Identifier: Apache-2.0

package hostio

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Shared is memory that applications map too: a memfd, of which only the kernel process has a descriptor, so that nobody
// cuts it short. What it holds may change at any time, and to anything.
type Shared struct {
	fd  int
	mem []byte
}

// NewShared is such memory, full of zeros: ENOMEM. size is in whole pages.
func NewShared(name string, size int) (*Shared, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, unix.ENOMEM
	}
	// All of it is there from the start: a page that could not be had later would be a SIGBUS.
	if err := unix.Fallocate(fd, 0, 0, int64(size)); err != nil {
		unix.Close(fd)
		return nil, unix.ENOMEM
	}
	mem, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		unix.Close(fd)
		return nil, unix.ENOMEM
	}
	return &Shared{fd, mem}, nil
}

// FD is a descriptor that maps it, good until Close.
func (s *Shared) FD() int { return s.fd }

// Size is its length in bytes.
func (s *Shared) Size() int { return len(s.mem) }

// Close gives the kernel's view back; what applications have mapped stays. Nobody may use s any more.
func (s *Shared) Close() {
	_ = unix.Munmap(s.mem)
	unix.Close(s.fd)
	s.mem, s.fd = nil, -1
}

func (s *Shared) word(off int) *uint32 {
	_ = s.mem[off+3]
	return (*uint32)(unsafe.Pointer(&s.mem[off]))
}

// Load reads the word at off, which is aligned, in one access; what was written before it by who stored it is seen.
func (s *Shared) Load(off int) uint32 { return atomic.LoadUint32(s.word(off)) }

// Store writes a word: see Load.
func (s *Shared) Store(off int, v uint32) { atomic.StoreUint32(s.word(off), v) }

// Or sets bits of a word, and And leaves those of a mask.
func (s *Shared) Or(off int, bits uint32) { atomic.OrUint32(s.word(off), bits) }

// And: see Or.
func (s *Shared) And(off int, mask uint32) { atomic.AndUint32(s.word(off), mask) }

// Get copies what is at off now.
func (s *Shared) Get(off int, p []byte) { copy(p, s.mem[off:off+len(p)]) }

// Put writes p at off.
func (s *Shared) Put(off int, p []byte) { copy(s.mem[off:off+len(p)], p) }
