// SPDX-License-Identifier: Apache-2.0

// Package uring has the rings of io_uring(7): the shared memory in which an application leaves requests and finds what
// became of them, and the requests under way. What the operations do is package syscalls' matter (Op), since they are
// system calls by another door.
//
// # Who does the work
//
// A request runs in the goroutine of the task that submitted it, with its memory, files and credentials: first in
// io_uring_enter(2), without waiting. One that would wait sits on the wait queue of its file. When that announces
// something, a goroutine looks whether it is what the request waits for, and has the task run the request again
// (task.Call, which is Linux's task work) before it goes on with application code, or in the midst of its wait for
// completions. With IORING_SETUP_DEFER_TASKRUN the request waits on the ring instead, until its task enters.
//
// So nothing touches a task's memory behind its back, and a request needs no thread. What can't be tried without
// waiting (a regular file, the opening of a FIFO) is done on the spot, however long it takes.
//
// # Lifetimes
//
// A request under way holds its file. It ends by itself, by being cancelled, with the ring's last descriptor, or with the
// address space of its task (mm.Extra: the last thread's exit, or exec). A thread that ends alone leaves its requests; they are
// cancelled when their files announce something. The memory goes with the ring; what is mapped stays with who mapped it.
//
// # Trust
//
// All of the shared memory is the application's to write: heads, tails and entries are read once and then checked.
//
// Lock order: Ring.mu; then the locks of wait queues, and of the runner. No lock is held while a request runs, while a file is
// polled or memory is copied, nor while a queue of the ring is notified.
package uring

import (
	"math/bits"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Flags of io_uring_setup(2).
const (
	SetupCQSize       = 1 << 3
	SetupClamp        = 1 << 4
	SetupAttachWQ     = 1 << 5
	SetupRDisabled    = 1 << 6
	SetupSubmitAll    = 1 << 7
	SetupCoopTaskrun  = 1 << 8
	SetupTaskrunFlag  = 1 << 9
	SetupSQE128       = 1 << 10
	SetupCQE32        = 1 << 11
	SetupSingleIssuer = 1 << 12
	SetupDeferTaskrun = 1 << 13
	SetupNoSQArray    = 1 << 16
)

// SetupFlags are those that are there.
const SetupFlags = SetupCQSize | SetupClamp | SetupAttachWQ | SetupRDisabled | SetupSubmitAll | SetupCoopTaskrun |
	SetupTaskrunFlag | SetupSQE128 | SetupCQE32 | SetupSingleIssuer | SetupDeferTaskrun | SetupNoSQArray

// Limits of a ring (IORING_MAX_ENTRIES, IORING_MAX_CQ_ENTRIES).
const (
	maxSQ = 32768
	maxCQ = 2 * maxSQ
)

// Where the memory of a ring has its words (struct io_rings).
const (
	sqHead     = 0
	sqTail     = 4
	cqHead     = 8
	cqTail     = 12
	sqMask     = 16
	cqMask     = 20
	sqCount    = 24
	cqCount    = 28
	sqDropped  = 32
	sqFlags    = 36
	cqFlags    = 40
	cqOverflow = 44
	cqes       = 64
)

// Bits of the word sqFlags, and of cqFlags.
const (
	sqNeedsFlush      = 2 // IORING_SQ_CQ_OVERFLOW
	sqTaskrun         = 4 // IORING_SQ_TASKRUN
	cqEventfdDisabled = 1 // IORING_CQ_EVENTFD_DISABLED
)

// Offsets of mmap(2).
const (
	offSQRing = 0
	offCQRing = 0x8000000
	offSQEs   = 0x10000000
	offMask   = 0xf8000000
)

// Ring is one io_uring (struct io_ring_ctx).
type Ring struct {
	vfs.BaseFile
	flags                uint32
	sqEntries, cqEntries uint32
	sqeSize, cqeSize     int
	array                int // where the submission queue's indices are; -1: there are none
	rings                int // size of the rings, behind which the entries are
	mem                  *hostio.Shared
	ops                  *Ops
	queue                wait.Queue // of those that wait for completions

	mu            sync.Mutex
	disabled      bool
	closed        bool
	users         int // calls that are in the ring, and its file
	sqHead        uint32
	cqTail        uint32
	overflow      []cqe
	eventfd       *vfs.File
	eventfdAsync  bool
	registered    // register.go
	submitter     *task.Task
	active        []*Req // those that are not done, in the order of their submission
	drained       []*Req // those that wait for all before them
	draining      bool   // one that did is under way
	drainDisabled bool   // IOSQE_CQE_SKIP_SUCCESS was used
	work          []*Req // with SetupDeferTaskrun: to be run by who enters
	timeouts      uint32 // completions that were of timeouts
}

// Params is what a ring is made from, and SetupFlags as they are.
type Params struct{ SQEntries, CQEntries, Flags uint32 }

// check rounds the sizes as io_uring_fill_params does: EINVAL.
func (p *Params) check() error {
	if p.SQEntries == 0 {
		return unix.EINVAL
	}
	if p.SQEntries > maxSQ {
		if p.Flags&SetupClamp == 0 {
			return unix.EINVAL
		}
		p.SQEntries = maxSQ
	}
	p.SQEntries = powerOfTwo(p.SQEntries)
	if p.Flags&SetupCQSize == 0 {
		p.CQEntries = 2 * p.SQEntries
		return nil
	}
	if p.CQEntries == 0 {
		return unix.EINVAL
	}
	if p.CQEntries > maxCQ {
		if p.Flags&SetupClamp == 0 {
			return unix.EINVAL
		}
		p.CQEntries = maxCQ
	}
	if p.CQEntries = powerOfTwo(p.CQEntries); p.CQEntries < p.SQEntries {
		return unix.EINVAL
	}
	return nil
}

func powerOfTwo(n uint32) uint32 { return 1 << bits.Len32(n-1) }

// New makes a ring and its file; p gets the sizes that it has. EINVAL, ENOMEM.
func New(t *task.Task, p *Params, ops *Ops) (*Ring, *vfs.File, error) {
	if err := p.check(); err != nil {
		return nil, nil, err
	}
	r := &Ring{flags: p.Flags, sqEntries: p.SQEntries, cqEntries: p.CQEntries, sqeSize: 64, cqeSize: 16, array: -1, ops: ops,
		disabled: p.Flags&SetupRDisabled != 0, users: 1}
	if p.Flags&SetupSQE128 != 0 {
		r.sqeSize = 128
	}
	if p.Flags&SetupCQE32 != 0 {
		r.cqeSize = 32
	}
	size := cqes + int(r.cqEntries)*r.cqeSize
	if p.Flags&SetupNoSQArray == 0 {
		size = (size + 63) &^ 63
		r.array = size
		size += int(r.sqEntries) * 4
	}
	r.rings = pages(size)
	var err error
	if r.mem, err = hostio.NewShared("ditto-uring", r.rings+pages(int(r.sqEntries)*r.sqeSize)); err != nil {
		return nil, nil, err
	}
	r.mem.Store(sqMask, r.sqEntries-1)
	r.mem.Store(cqMask, r.cqEntries-1)
	r.mem.Store(sqCount, r.sqEntries)
	r.mem.Store(cqCount, r.cqEntries)
	if p.Flags&SetupSingleIssuer != 0 && !r.disabled {
		r.submitter = t
	}
	return r, vfs.NewAnonFile("anon_inode:[io_uring]", r, unix.O_RDWR), nil
}

func pages(n int) int { return (n + abi.PageSize - 1) &^ (abi.PageSize - 1) }

// Of is the ring behind a file, nil for another file.
func Of(f *vfs.File) *Ring {
	r, _ := f.Ops.(*Ring)
	return r
}

// Offsets tells where the application finds what (struct io_sqring_offsets, struct io_cqring_offsets).
func (r *Ring) Offsets() (sq [10]uint32, cq [10]uint32) {
	array := uint32(max(r.array, 0))
	return [10]uint32{sqHead, sqTail, sqMask, sqCount, sqFlags, sqDropped, array},
		[10]uint32{cqHead, cqTail, cqMask, cqCount, cqOverflow, cqes, cqFlags}
}

// MapAt is where the memory has what mmap(2) means by an offset, of which only the upper bits count: ENOMEM.
func (r *Ring) MapAt(off uint64) (uint64, error) {
	switch off & offMask {
	case offSQRing, offCQRing:
		return 0, nil
	case offSQEs:
		return uint64(r.rings), nil
	}
	return 0, unix.ENOMEM
}

// Mappable implements vfs.FileOps.
func (r *Ring) Mappable(vfs.Ctx, *vfs.File, uint32, uint32) (int, error) { return r.mem.FD(), nil }

// Poll implements vfs.FileOps.
func (r *Ring) Poll(*vfs.File) wait.Mask {
	r.mu.Lock()
	defer r.mu.Unlock()
	var m wait.Mask
	if r.pendingSQ() < r.sqEntries {
		m |= wait.Writable
	}
	if r.ready() > 0 || len(r.overflow) > 0 || len(r.work) > 0 {
		m |= wait.Readable
	}
	return m
}

// Queue implements vfs.FileOps.
func (r *Ring) Queue(*vfs.File) *wait.Queue { return &r.queue }

// Release implements vfs.FileOps: everything under way ends, unseen.
func (r *Ring) Release(*vfs.File) {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancelAll(func(*Req) bool { return true })
	r.unregisterAll()
	r.leave()
}

// enter keeps the memory for a call; leave gives it back.
func (r *Ring) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.users++
	return true
}

func (r *Ring) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users--; r.users == 0 {
		r.mem.Close()
	}
}

// Flags are those of the set-up.
func (r *Ring) Flags() uint32 { return r.flags }

// Enable is IORING_REGISTER_ENABLE_RINGS: EBADFD.
func (r *Ring) Enable(t *task.Task) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.disabled {
		return unix.EBADFD
	}
	if r.flags&SetupSingleIssuer != 0 && r.submitter == nil {
		r.submitter = t
	}
	r.disabled = false
	r.restrictions.inForce = r.restrictions.registered
	return nil
}

// MayEnter tells whether a task may submit: EBADFD, EEXIST.
func (r *Ring) MayEnter(t *task.Task) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.disabled:
		return unix.EBADFD
	case r.submitter != nil && r.submitter != t:
		return unix.EEXIST
	}
	return nil
}

// IsOwner tells whether a task may register things: with SetupSingleIssuer only the submitter may.
func (r *Ring) IsOwner(t *task.Task) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.submitter == nil || r.submitter == t
}

// personality is a set of credentials that was registered.
type personality = *cred.Creds
