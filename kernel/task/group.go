// SPDX-License-Identifier: Apache-2.0

package task

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// ThreadGroup is a process (struct signal_struct): threads that share a pid,
// signal actions, limits and children.
type ThreadGroup struct {
	kernel *Kernel

	// Kernel.mu guards these; threads and leader need SigHand.mu as well to be
	// changed, so either is enough to read them.
	id          atomic.Int32
	ids         *pidEntry // the leader's; set once
	leader      *Task
	threads     []*Task // those not yet released; the leader first
	sighand     *SigHand
	parent      *Task // the thread that is waited in; nil for pid 1
	exitSignal  int   // what the parent gets
	children    childList
	siblings    childLink
	pgrp        *ProcessGroup
	cgroup      *Cgroup // nil: its container's own
	session     *Session
	zombie      bool // dead, and not waited for
	reaped      bool
	status      int32 // wait status, once zombie
	subreaper   bool
	hasExeced   bool
	onDeath     func(status int32)
	timesDead   Usage // of threads that exited
	timesWaited Usage // of children that were waited for

	// SigHand.mu guards these.
	shared     pendingSignals
	live       int // threads that have not begun to exit
	exiting    bool
	exitStatus int32 // wait status of the group exit
	execer     *Task // its exec waits for the other threads to end
	core       *Core // is written just now; nil: none
	stop       groupStop
	unkillable bool // pid 1: default actions don't kill it
	lastTarget int

	limitsMu sync.Mutex
	limits   [abi.RLIM_NLIMITS]Limit

	childQueue wait.Queue // something to wait for may have happened
	exitQueue  wait.Queue // the group is dead (pidfd)

	exe      atomic.Pointer[vfs.File]
	dumpable atomic.Pointer[atomic.Int32] // it is of the memory: processes that share that share it
	oomScore atomic.Int32
	extra    sync.Map
}

// Usage is processor time, and what else getrusage(2) tells: faults, switches, and the largest resident size (KiB).
type Usage struct {
	User, System           time.Duration
	MinFaults, MajFaults   int64
	Voluntary, Involuntary int64
	MaxRSS                 int64
	InBlocks, OutBlocks    int64 // of 512 bytes
	// What calls like read and write moved, whatever the file, and how many they were.
	ReadBytes, WrittenBytes, Reads, Writes uint64
}

// Add adds what another one used.
func (u *Usage) Add(v Usage) {
	u.User += v.User
	u.System += v.System
	u.MinFaults += v.MinFaults
	u.MajFaults += v.MajFaults
	u.Voluntary += v.Voluntary
	u.Involuntary += v.Involuntary
	u.MaxRSS = max(u.MaxRSS, v.MaxRSS)
	u.InBlocks += v.InBlocks
	u.OutBlocks += v.OutBlocks
	u.ReadBytes += v.ReadBytes
	u.WrittenBytes += v.WrittenBytes
	u.Reads += v.Reads
	u.Writes += v.Writes
}

// Limit is a resource limit (struct rlimit64).
type Limit struct{ Cur, Max uint64 }

// Infinity is RLIM64_INFINITY.
const Infinity = ^uint64(0)

// DefaultLimits are the limits of pid 1.
func DefaultLimits() [abi.RLIM_NLIMITS]Limit {
	var l [abi.RLIM_NLIMITS]Limit
	for i := range l {
		l[i] = Limit{Infinity, Infinity}
	}
	l[unix.RLIMIT_STACK].Cur = 8 << 20
	l[unix.RLIMIT_CORE].Cur = 0
	l[unix.RLIMIT_NOFILE] = Limit{1 << 20, 1 << 20}
	l[unix.RLIMIT_MEMLOCK] = Limit{8 << 20, 8 << 20}
	l[unix.RLIMIT_SIGPENDING] = Limit{96364, 96364}
	l[unix.RLIMIT_MSGQUEUE] = Limit{819200, 819200}
	l[unix.RLIMIT_NICE] = Limit{}
	l[unix.RLIMIT_RTPRIO] = Limit{}
	return l
}

// ID is the process id. Any goroutine.
func (g *ThreadGroup) ID() int32 { return g.id.Load() }

// Kernel is the kernel that the group belongs to.
func (g *ThreadGroup) Kernel() *Kernel { return g.kernel }

// Limit is a resource limit. Any goroutine.
func (g *ThreadGroup) Limit(resource int) Limit {
	g.limitsMu.Lock()
	defer g.limitsMu.Unlock()
	return g.limits[resource]
}

// ChangeLimit changes a resource limit unless check, which is given the old
// one, refuses.
func (g *ThreadGroup) ChangeLimit(resource int, check func(old Limit) error, l Limit) error {
	g.limitsMu.Lock()
	defer g.limitsMu.Unlock()
	if err := check(g.limits[resource]); err != nil {
		return err
	}
	g.limits[resource] = l
	return nil
}

// Leader is the thread that the group is named after; it may be dead.
func (g *ThreadGroup) Leader() *Task {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return g.leader
}

// Threads are the threads of the group.
func (g *ThreadGroup) Threads() []*Task {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return slices.Clone(g.threads)
}

// ParentID is getppid: 0 for pid 1.
func (g *ThreadGroup) ParentID() int32 {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	if g.parent == nil {
		return 0
	}
	return g.parent.group.ID()
}

// PgrpID and SessionID are the group's process group and session.
func (g *ThreadGroup) PgrpID() int32 {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return g.pgrp.id
}

// SessionID: see PgrpID.
func (g *ThreadGroup) SessionID() int32 {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return g.session.id
}

// Reaped tells whether the group is dead and was waited for.
func (g *ThreadGroup) Reaped() bool {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return g.reaped
}

// Exe is the program that the group runs, with a reference for the caller; nil
// if none was recorded.
func (g *ThreadGroup) Exe() *vfs.File {
	if f := g.exe.Load(); f != nil && f.TryIncRef() {
		return f
	}
	return nil
}

// SetExe records the program, taking over the caller's reference.
func (g *ThreadGroup) SetExe(f *vfs.File) {
	if old := g.exe.Swap(f); old != nil {
		old.DecRef()
	}
}

// Extra is a value that another package keeps with the group, made on the
// first use by make.
func (g *ThreadGroup) Extra(key any, make func() any) any {
	if v, ok := g.extra.Load(key); ok {
		return v
	}
	v, _ := g.extra.LoadOrStore(key, make())
	return v
}

// ExtraIfAny is Extra that makes nothing: nil if there is no value.
func (g *ThreadGroup) ExtraIfAny(key any) any {
	v, _ := g.extra.Load(key)
	return v
}

// childList is the children of a group, the oldest first.
type childList struct{ first, last *ThreadGroup }

type childLink struct{ prev, next *ThreadGroup }

func (l *childList) add(g *ThreadGroup) {
	g.siblings = childLink{prev: l.last}
	if l.last != nil {
		l.last.siblings.next = g
	} else {
		l.first = g
	}
	l.last = g
}

func (l *childList) remove(g *ThreadGroup) {
	if p := g.siblings.prev; p != nil {
		p.siblings.next = g.siblings.next
	} else {
		l.first = g.siblings.next
	}
	if n := g.siblings.next; n != nil {
		n.siblings.prev = g.siblings.prev
	} else {
		l.last = g.siblings.prev
	}
	g.siblings = childLink{}
}
