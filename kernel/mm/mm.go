// SPDX-License-Identifier: Apache-2.0

// Package mm is an address space as the application sees it: its mappings,
// the program break, and access to its memory. The mappings themselves are
// the host's, made by the application's own stub threads on mm's order; mm
// keeps the account (/proc/PID/maps, limits, what may be mapped where).
//
// Lock order: MM.mu (Linux's mmap_lock) is taken before any lock of a mapped
// file. It is held while a stub thread performs the change that the account
// will show, an exception to "no lock is held while waiting": account and host
// must not be seen apart, and the death of the stub ends the wait. References
// to files are dropped after mu is released, since a release may block.
package mm

import (
	"sync"
	"sync/atomic"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Caller is on whose behalf an address space is changed: the task that runs
// in it (package task implements it), or exec with a thread that is to be.
type Caller interface {
	Thread() platform.Thread
	RLimit(resource int) uint64
	RLimitMax(resource int) uint64
	Creds() *cred.Creds
}

// MM is one address space (struct mm_struct), shared by the tasks that were
// cloned with CLONE_VM.
type MM struct {
	as     platform.AddressSpace
	layout platform.Layout
	users  atomic.Int32

	extra sync.Map // of other packages: see Extra

	// PIFutexes: a thread has waited for a private PI futex (package futex).
	PIFutexes atomic.Bool

	shifted atomic.Bool // the vDSO asks for the time (ShiftClocks)

	own platformOwn // see Resident

	mu      sync.RWMutex
	vmas    []*VMA // sorted, disjoint; the platform's own ranges among them
	counts  counts
	base    uint64 // mmap_base: where placement starts, downwards
	low32   uint64 // where MAP_32BIT placement starts, upwards
	info    Info
	future  Flags // what mlockall(MCL_FUTURE) gives new mappings
	modes   modes
	op      mmOp      // the one op under way
	dropped []Backing // to be dropped when mu is released
}

type mmOp struct {
	op   platform.Op
	list [1]*platform.Op
}

// counts are pages, as /proc/PID/status and the limits know them.
type counts struct{ total, data, stack, exec, locked, peak uint64 }

// Info is where exec put what /proc and prctl(PR_SET_MM) know of.
type Info struct {
	StartCode, EndCode   uint64
	StartData, EndData   uint64
	StartBrk, Brk        uint64
	StartStack           uint64
	ArgStart, ArgEnd     uint64
	EnvStart, EnvEnd     uint64
	Auxv                 []byte // as /proc/PID/auxv shows it
	Exe                  Backing
	VDSO                 uint64
	MmapBase, StackLimit uint64
}

// New is the account of a fresh address space, with one user. It has the vDSO
// and nothing else until exec fills it.
func New(as platform.AddressSpace, layout platform.Layout) *MM {
	m := &MM{as: as, layout: layout, base: layout.Max, low32: 1 << 30}
	m.users.Store(1)
	if layout.VDSO != 0 {
		m.placeVDSO(layout.VVAR, layout.VDSO, layout.VDSOSize)
	}
	for _, r := range layout.Reserved {
		m.reserve(r)
	}
	m.reserve(platform.Range{Start: 0, End: layout.Min})
	m.reserve(platform.Range{Start: layout.Max, End: ^uint64(0) &^ (abi.PageSize - 1)})
	return m
}

// reserve keeps r away from the application.
func (m *MM) reserve(r platform.Range) {
	for _, g := range m.gaps(r.Start, r.End) {
		m.place(&VMA{Start: g.Start, End: g.End, Flags: reserved})
	}
}

// AddressSpace is what the platform knows of it.
func (m *MM) AddressSpace() platform.AddressSpace { return m.as }

// IncRef counts another task that runs in m.
func (m *MM) IncRef() *MM {
	m.users.Add(1)
	return m
}

// TryIncRef is IncRef for whoever has no reference yet: false if the last one
// is gone.
func (m *MM) TryIncRef() bool {
	for {
		n := m.users.Load()
		if n == 0 {
			return false
		}
		if m.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Users is how many tasks run in m.
func (m *MM) Users() int { return int(m.users.Load()) }

// DecRef counts a user less. With the last one the mapped files are let go;
// the memory itself goes with the platform's last thread.
func (m *MM) DecRef() {
	if m.users.Add(-1) != 0 {
		return
	}
	m.extra.Range(func(_, v any) bool {
		if r, ok := v.(interface{ Release() }); ok {
			r.Release()
		}
		return true
	})
	m.mu.Lock()
	defer m.unlock()
	for _, v := range m.vmas {
		m.drop(v.File)
	}
	m.drop(m.info.Exe)
	m.info.Exe = nil
	m.vmas, m.counts = nil, counts{}
}

// Extra is a value that another package keeps with the address space, made on
// the first use by make (nil: then the answer is nil as well). Its Release, if it has one, is called when the
// last user goes; a copy by fork does not have it.
func (m *MM) Extra(key any, make func() any) any {
	if v, ok := m.extra.Load(key); ok || make == nil {
		return v
	}
	v, _ := m.extra.LoadOrStore(key, make())
	return v
}

// Fork is the account of as, which the platform made as a copy of m (with no
// change of m in between: see LockForFork).
func (m *MM) Fork(as platform.AddressSpace) *MM {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.fork(as)
}

// ForkWith makes the copy and its account in one: nothing is mapped or
// unmapped between the two.
func (m *MM) ForkWith(copy func() (platform.AddressSpace, platform.Thread, error)) (*MM, platform.Thread, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	as, th, err := copy()
	if err != nil {
		return nil, nil, err
	}
	return m.fork(as), th, nil
}

func (m *MM) fork(as platform.AddressSpace) *MM {
	c := &MM{as: as, layout: m.layout, base: m.base, low32: m.low32, info: m.info, modes: m.modes.inherited()}
	c.users.Store(1)
	c.shifted.Store(m.shifted.Load())
	hold(c.info.Exe)
	c.vmas = make([]*VMA, 0, len(m.vmas))
	for _, v := range m.vmas {
		if v.Flags&DontFork != 0 {
			continue
		}
		n := *v
		n.Flags &^= Locked | LockOnFault
		hold(n.File)
		c.vmas = append(c.vmas, &n)
		c.count(&n, 1)
	}
	return c
}

// unlock releases mu, and then the files that were unmapped under it.
func (m *MM) unlock() {
	dropped := m.dropped
	m.dropped = nil
	m.mu.Unlock()
	for _, b := range dropped {
		b.Drop()
	}
}

func (m *MM) drop(b Backing) {
	if b != nil {
		m.dropped = append(m.dropped, b)
	}
}

func hold(b Backing) {
	if b != nil {
		b.Hold()
	}
}

// host performs one host call in the caller's thread. mu is held for writing.
func (m *MM) host(th platform.Thread, nr uintptr, args ...uint64) (uint64, error) {
	return m.hostFD(th, -1, nr, args...)
}

// hostFD is host with a descriptor to be mapped, unless fd is negative.
func (m *MM) hostFD(th platform.Thread, fd int, nr uintptr, args ...uint64) (uint64, error) {
	op := &m.op.op
	*op = platform.Op{Nr: nr, FD: fd, UseFD: fd >= 0}
	copy(op.Args[:], args)
	m.op.list[0] = op
	if err := th.Do(m.op.list[:]...); err != nil {
		return 0, err
	}
	if err := op.Err(); err != nil {
		return 0, err
	}
	return uint64(op.Result), nil
}
