// SPDX-License-Identifier: Apache-2.0

package task

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/seccomp"
)

// Kernel is what all tasks of a sandbox share. Boot fills in the exported
// fields before the first task starts; they are not changed afterwards.
type Kernel struct {
	Platform platform.Platform

	// Syscall dispatches a system call (package syscalls).
	Syscall func(t *Task, nr uint64, args *[6]uint64) (uint64, error)
	// SeesFutex says that Syscall wants to see the futex calls as well that
	// threads would make by themselves (--strace).
	SeesFutex bool
	// Trace, if set, is told of each call of a traced task before and after
	// it is handled (SetTracing).
	Trace Tracer
	// Panic is called when a handler panicked, with what it was doing and the
	// stack; it must end the sandbox, and not return.
	Panic func(t *Task, nr uint64, args [6]uint64, reason any, stack []byte)
	// LogSeccomp, if set, is told of calls that a filter wants in the log.
	LogSeccomp func(t *Task, nr int32, arch uint32, ip uint64, action seccomp.Action)
	// Interrupted, if set, is told of calls that were to be restarted and
	// answer EINTR, as a handler runs.
	Interrupted func(nr uint64)
	// InitExit is called when pid 1 exits, with its wait status.
	InitExit func(status int32)

	// DumpCore, if set, writes the core file of a process that stands still for
	// it; t took the signal. It tells whether there is one.
	DumpCore func(t *Task, c *Core) bool
	Cores    CoreSettings

	// OnExec and OnExit tell other packages about the end of a program: the
	// last thread of a group that exits, an exec that was committed.
	OnExec []func(t *Task)
	OnExit []func(t *Task)

	// HostStat, if set, is the host's /proc/stat.
	HostStat func() ([]byte, error)

	BootTime time.Time

	vdso mm.VDSO

	newNetwork func(owner *cred.UserNS) (*netns.Network, error) // see SetNetwork

	container Container // of the first tasks
	pressure  pressure

	lastCgroup int64       // Kernel.mu guards it
	first      *Namespaces // likewise

	hooks atomic.Uint32 // hookTrace, ...: what a system call passes through

	mu       sync.RWMutex
	pids     map[int32]*pidEntry // those of the first pid namespace
	tasks    int                 // alive or zombie
	initTask *Task
	ttys     map[Terminal]*Session

	forks atomic.Uint64 // since boot

	sigCountsMu sync.Mutex
	sigCounts   map[cred.UID]*atomic.Int64
}

// Tracer sees system calls pass (--strace).
type Tracer interface {
	Enter(t *Task, nr uint64, args *[6]uint64)
	Exit(t *Task, nr uint64, args *[6]uint64, result uint64, err error)
	Signal(t *Task, signo int)
}

// UTS are the names of the system (uname).
type UTS struct{ Sysname, Nodename, Release, Version, Machine, Domainname string }

// PidMax is the first pid that is never given out.
const PidMax = 4 << 20

// reservedPids is where pids start again after PidMax.
const reservedPids = 300

// What system calls pass through: bits of Kernel.hooks, for all tasks, and of
// Task.hooks, for one.
const (
	hookTrace = 1 << iota
	hookSeccomp
	hookDispatch
	hookLater
	hookFutex  // a filter wants to see calls of futex(2), ...
	hookFutex2 // ... or of its kin
	hookNiced  // the task has a low priority
)

// New is a kernel without tasks.
func New(p platform.Platform) *Kernel {
	k := &Kernel{
		Platform:  p,
		BootTime:  hostBootTime(),
		pids:      map[int32]*pidEntry{},
		ttys:      map[Terminal]*Session{},
		sigCounts: map[cred.UID]*atomic.Int64{},
		first: firstNamespaces(UTS{
			Sysname: "Linux", Nodename: "ditto", Release: "6.12.0-ditto", Version: "#1 SMP PREEMPT_DYNAMIC",
			Machine: "x86_64", Domainname: "(none)",
		}),
	}
	k.first.PidForChildren.pids = k.pids
	return k
}

// UTS are the names of the system in the first uts namespace.
func (k *Kernel) UTS() *UTSNS { return k.first.UTS }

// ChangeUTS changes the names of the system in the first uts namespace.
func (k *Kernel) ChangeUTS(change func(*UTS)) { k.first.UTS.Change(change) }

// SetTracing turns Trace on or off for all tasks.
func (k *Kernel) SetTracing(on bool) {
	if on {
		k.hooks.Or(hookTrace)
	} else {
		k.hooks.And(^uint32(hookTrace))
	}
}

// Lookup finds a thread by its id, or nil.
func (k *Kernel) Lookup(pid int32) *Task {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.lookup(pid)
}

func (k *Kernel) lookup(pid int32) *Task {
	if e := k.pids[pid]; e != nil {
		return e.task
	}
	return nil
}

// PidExists tells whether a number belongs to a task, a process group or a session.
func (k *Kernel) PidExists(pid int32) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.pids[pid] != nil
}

// LookupGroup finds a thread group by its id, or nil.
func (k *Kernel) LookupGroup(pid int32) *ThreadGroup {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.lookupGroup(pid)
}

func (k *Kernel) lookupGroup(pid int32) *ThreadGroup {
	if t := k.lookup(pid); t != nil && t.IsLeader() {
		return t.group
	}
	return nil
}

// Groups are all thread groups, in the order of their ids.
func (k *Kernel) Groups() []*ThreadGroup {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.groups()
}

// TaskCount is the number of threads, dead ones that nobody waited for included.
func (k *Kernel) TaskCount() int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.tasks
}

// LastPid is the pid given out last; Forks how many tasks were made since boot.
func (k *Kernel) LastPid() int32 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.first.PidForChildren.lastPid
}

// Forks: see LastPid.
func (k *Kernel) Forks() uint64 { return k.forks.Load() }

// hostBootTime is when the host was started: CLOCK_BOOTTIME, which applications
// read without asking us, counts from there, and so must what else tells of it.
func hostBootTime() time.Time {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) != nil {
		return time.Now()
	}
	return time.Now().Add(-time.Duration(ts.Nano()))
}
