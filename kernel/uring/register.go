// SPDX-License-Identifier: Apache-2.0

// This file is what can be registered with a ring: an eventfd, credentials, a region of memory, and what is allowed. Files and buffers
// are in tables.go.

package uring

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// registered is what a ring has of it. Ring.mu guards it.
type registered struct {
	files         []fixedFile // nil: none registered
	fileRange     [2]uint32   // where a free place is looked for: first, and behind the last
	fileHint      uint32      // where the search starts
	buffers       []FixedBuffer
	personalities map[uint16]personality
	lastPerson    uint16
	restrictions  restrictions
	owners        []*rings
	clock         int32 // of waits until a time; 0: CLOCK_MONOTONIC
	napi          napi
	region        Region
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
		if f.file != nil {
			f.file.DecRef()
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

// Region is memory of the application's that a ring may read parameters from (IORING_REGISTER_MEM_REGION).
type Region struct {
	Addr, Size uint64
	Waits      bool // it has arguments of waits
}

// SetRegion registers it: EBUSY, and EINVAL for arguments of waits of a ring that runs already.
func (r *Ring) SetRegion(g Region) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.region.Size != 0:
		return unix.EBUSY
	case g.Waits && !r.disabled:
		return unix.EINVAL
	}
	r.region = g
	return nil
}

// Disabled tells whether the ring does not run yet.
func (r *Ring) Disabled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disabled
}

// HasRegion tells whether there is one.
func (r *Ring) HasRegion() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.region.Size != 0
}

// WaitArg is where the region has the argument of a wait, size bytes at an offset: EFAULT.
func (r *Ring) WaitArg(off, size uint64) (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.region.Waits || off%8 != 0 || off+size < off || off+size > r.region.Size {
		return 0, unix.EFAULT
	}
	return r.region.Addr + off, nil
}

// Message puts a completion that another ring, or nobody, sends: EBADFD.
func (r *Ring) Message(data uint64, res int32, flags uint32) error {
	r.mu.Lock()
	off := r.disabled
	r.mu.Unlock()
	if off {
		return unix.EBADFD
	}
	r.post(cqe{userData: data, res: res, flags: flags}, true)
	return nil
}
