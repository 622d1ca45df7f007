// SPDX-License-Identifier: Apache-2.0

// This file is what can be registered with a ring: files, buffers, an eventfd, credentials, and what is allowed.

package uring

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// registered is what a ring has of it. Ring.mu guards it.
type registered struct {
	files         []*vfs.File // nil: none registered; a nil file is an empty place
	fileRange     [2]uint32   // where a free place is looked for: first, and behind the last
	fileHint      uint32      // where the search starts
	buffers       []user.Bytes
	personalities map[uint16]personality
	lastPerson    uint16
	restrictions  restrictions
	owners        []*rings
	clock         int32 // of waits until a time; 0: CLOCK_MONOTONIC
}

// SetClock is IORING_REGISTER_CLOCK.
func (r *Ring) SetClock(clock int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock = clock
}

// Clock is what SetClock set.
func (r *Ring) Clock() int32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.clock == 0 {
		return unix.CLOCK_MONOTONIC
	}
	return r.clock
}

// SQEntries is how many requests the ring has room for.
func (r *Ring) SQEntries() uint32 { return r.sqEntries }

// rings is those that an address space has submitted to: its end cancels its requests.
type rings struct {
	mm  *mm.MM
	mu  sync.Mutex
	set map[*Ring]bool
}

type ringsKey struct{}

// belongTo remembers that requests of m are in the ring.
func (r *Ring) belongTo(m *mm.MM) {
	s := m.Extra(ringsKey{}, func() any { return &rings{mm: m, set: map[*Ring]bool{}} }).(*rings)
	s.mu.Lock()
	known := s.set[r]
	s.set[r] = true
	s.mu.Unlock()
	if !known {
		r.mu.Lock()
		r.owners = append(r.owners, s)
		r.mu.Unlock()
	}
}

// Release is told of the end of the address space.
func (s *rings) Release() {
	s.mu.Lock()
	set := s.set
	s.set = map[*Ring]bool{}
	s.mu.Unlock()
	for r := range set {
		if r.enter() {
			r.cancelAll(func(q *Req) bool { return q.mm == s.mm })
			r.leave()
		}
	}
}

// unregisterAll lets go of everything, with the ring.
func (r *Ring) unregisterAll() {
	r.mu.Lock()
	files, owners, e := r.files, r.owners, r.eventfd
	r.files, r.owners, r.eventfd = nil, nil, nil
	r.mu.Unlock()
	for _, f := range files {
		if f != nil {
			f.DecRef()
		}
	}
	if e != nil {
		e.DecRef()
	}
	for _, s := range owners {
		s.mu.Lock()
		delete(s.set, r)
		s.mu.Unlock()
	}
}

// FixedFile is a registered file, with a reference: EBADF.
func (r *Ring) FixedFile(i uint32) (*vfs.File, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if uint64(i) >= uint64(len(r.files)) || r.files[i] == nil {
		return nil, unix.EBADF
	}
	return r.files[i].IncRef(), nil
}

// SetFiles registers files, with their references: EBUSY.
func (r *Ring) SetFiles(files []*vfs.File) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files != nil {
		return unix.EBUSY
	}
	r.files, r.fileRange, r.fileHint = files, [2]uint32{0, uint32(len(files))}, 0
	return nil
}

// DropFiles undoes SetFiles: ENXIO.
func (r *Ring) DropFiles() error {
	r.mu.Lock()
	files := r.files
	r.files = nil
	r.mu.Unlock()
	if files == nil {
		return unix.ENXIO
	}
	for _, f := range files {
		if f != nil {
			f.DecRef()
		}
	}
	return nil
}

// Places is how many files are registered, empty places among them: ENXIO.
func (r *Ring) Places() (uint32, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files == nil {
		return 0, unix.ENXIO
	}
	return uint32(len(r.files)), nil
}

// SetFile puts a file (nil: none) with its reference into a place: ENXIO, EINVAL, and then the reference stays with the caller. It
// tells whether there was one before.
func (r *Ring) SetFile(i uint32, f *vfs.File) (had bool, err error) {
	r.mu.Lock()
	if r.files == nil {
		r.mu.Unlock()
		return false, unix.ENXIO
	}
	if uint64(i) >= uint64(len(r.files)) {
		r.mu.Unlock()
		return false, unix.EINVAL
	}
	old := r.files[i]
	if r.files[i] = f; f != nil {
		r.fileHint = i + 1
	} else if old != nil {
		r.fileHint = i
	}
	r.mu.Unlock()
	if old != nil {
		old.DecRef()
	}
	return old != nil, nil
}

// AddFile puts a file with its reference into a free place: ENFILE.
func (r *Ring) AddFile(f *vfs.File) (uint32, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, from := range []uint32{r.fileHint, r.fileRange[0]} {
		for i := from; i < r.fileRange[1] && int(i) < len(r.files); i++ {
			if r.files[i] == nil {
				r.files[i], r.fileHint = f, i+1
				return i, nil
			}
		}
	}
	return 0, unix.ENFILE
}

// SetFileRange is IORING_REGISTER_FILE_ALLOC_RANGE: EINVAL.
func (r *Ring) SetFileRange(first, n uint32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if uint64(first)+uint64(n) > uint64(len(r.files)) {
		return unix.EINVAL
	}
	r.fileRange, r.fileHint = [2]uint32{first, first + n}, first
	return nil
}

// SetBuffers registers buffers: EBUSY.
func (r *Ring) SetBuffers(b []user.Bytes) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buffers != nil {
		return unix.EBUSY
	}
	r.buffers = b
	return nil
}

// DropBuffers undoes SetBuffers: ENXIO.
func (r *Ring) DropBuffers() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buffers == nil {
		return unix.ENXIO
	}
	r.buffers = nil
	return nil
}

// FixedBuffer tells whether [addr, addr+n) lies in a registered buffer: EFAULT.
func (r *Ring) FixedBuffer(i uint16, addr uint64, n uint32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(i) >= len(r.buffers) {
		return unix.EFAULT
	}
	b := r.buffers[i]
	if addr < uint64(b.Addr) || addr+uint64(n) < addr || addr+uint64(n) > uint64(b.Addr)+b.Len {
		return unix.EFAULT
	}
	return nil
}

// SetEventfd has an eventfd told of completions, of which the caller's reference is taken over: EINVAL, EBUSY.
func (r *Ring) SetEventfd(f *vfs.File, asyncOnly bool) error {
	if !anon.IsEventfd(f) {
		return unix.EINVAL
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.eventfd != nil {
		return unix.EBUSY
	}
	r.eventfd, r.eventfdAsync = f, asyncOnly
	return nil
}

// DropEventfd undoes SetEventfd: ENXIO.
func (r *Ring) DropEventfd() error {
	r.mu.Lock()
	f := r.eventfd
	r.eventfd = nil
	r.mu.Unlock()
	if f == nil {
		return unix.ENXIO
	}
	f.DecRef()
	return nil
}

// AddPersonality registers credentials: their number, ENOMEM.
func (r *Ring) AddPersonality(c *cred.Creds) (uint16, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.personalities == nil {
		r.personalities = map[uint16]personality{}
	}
	for range 1 << 16 {
		r.lastPerson++
		if r.lastPerson != 0 && r.personalities[r.lastPerson] == nil {
			r.personalities[r.lastPerson] = c
			return r.lastPerson, nil
		}
	}
	return 0, unix.ENOMEM
}

// DropPersonality undoes AddPersonality: EINVAL.
func (r *Ring) DropPersonality(id uint32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id > 0xffff || r.personalities[uint16(id)] == nil {
		return unix.EINVAL
	}
	delete(r.personalities, uint16(id))
	return nil
}

// restrictions are what a ring allows, once they are in force.
type restrictions struct {
	registered, inForce bool
	registers           [64]bool
	ops                 [256]bool
	allowed, required   uint8 // flags of requests
}

// Restriction is struct io_uring_restriction.
type Restriction struct {
	What uint16
	Arg  uint8 // an operation, or flags
	_    [13]uint8
}

// Restrict is IORING_REGISTER_RESTRICTIONS: EBADFD, EBUSY, EINVAL.
func (r *Ring) Restrict(list []Restriction) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.disabled:
		return unix.EBADFD
	case r.restrictions.registered:
		return unix.EBUSY
	}
	n := restrictions{registered: true}
	for _, x := range list {
		switch {
		case x.What == 0 && int(x.Arg) < len(n.registers):
			n.registers[x.Arg] = true
		case x.What == 1 && int(x.Arg) < len(r.ops):
			n.ops[x.Arg] = true
		case x.What == 2:
			n.allowed = x.Arg
		case x.What == 3:
			n.required = x.Arg
		default:
			return unix.EINVAL
		}
	}
	r.restrictions = n
	return nil
}

// allow tells whether a request may be made (io_check_restriction).
func (s *restrictions) allow(q *SQE) bool {
	return s.ops[q.Op] && q.Flags&s.required == s.required && q.Flags&^(s.allowed|s.required) == 0
}

// MayRegister tells whether io_uring_register(2) may be asked for something.
func (r *Ring) MayRegister(op uint32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.restrictions.inForce || int(op) < len(r.restrictions.registers) && r.restrictions.registers[op]
}
