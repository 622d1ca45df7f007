// SPDX-License-Identifier: Apache-2.0

// Package task has tasks, thread groups, process groups and sessions: clone,
// exit, wait, signals, credentials, limits, futex; and the run loop, which
// runs a task's application code and answers what it asks.
//
// Lock order:
//
//  0. pressure.mu: the host's account of its processors.
//  1. Kernel.mu: the family tree, the pid table, process groups, sessions.
//     Whoever looks at another task holds it at least for reading.
//  2. SigHand.mu of one group: signals, the list of its threads, group stop
//     and group exit. Never two at once.
//  3. Leaves: Task.resMu, ThreadGroup.limitsMu, wait queues, the futex table.
//
// No lock is held while a task sleeps or its thread runs.
package task

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"golang.org/x/sys/unix"
)

// Task is one thread of an application (struct task_struct). Fields without a
// note are for the task's own goroutine.
type Task struct {
	kernel    *Kernel
	container *Container // never changed
	group     *ThreadGroup
	pid       atomic.Int32 // changes only when exec takes over the leader's
	ids       atomic.Pointer[pidEntry]

	// What is to be done before application code goes on, and what ends a
	// sleep: see work.go. Written under SigHand.mu.
	work  atomic.Uint32
	sleep sleeper

	thread platform.Thread // written under Kernel.mu and SigHand.mu: others kick it
	memory user.Memory
	ev     platform.Event
	look   func() bool // beforeRun, bound once
	// isWorkPending is workPending, bound once.
	isWorkPending func() bool

	// The call that is being handled.
	sysNr   uint64
	restart unix.Errno // a restart code that the call answered, or 0
	buf     user.Buf   // see Buf
	block   RestartBlock

	creds      atomic.Pointer[cred.Creds] // written by the task itself
	namespaces atomic.Pointer[Namespaces] // likewise; nil once it exited

	// resMu guards these against other tasks' looks; the task itself reads
	// them without it.
	resMu sync.Mutex
	mm    *mm.MM
	files *vfs.FDTable
	fs    *vfs.FS
	comm  [16]byte

	// SigHand.mu guards these. blocked is written only by the task itself,
	// which reads it without the lock.
	blocked   SigSet
	pending   pendingSignals
	stopped   bool   // sits in a group stop
	stopping  bool   // shall join the group stop
	counted   bool   // and is one of those that it waits for
	leaving   bool   // is in exit, and has left what a core file has of it
	exiting   bool   // takes no more signals
	waitingOn SigSet // rt_sigtimedwait: what it waits for, though blocked
	calls     []func()

	pt ptrace

	vforkParent atomic.Pointer[Task] // waits for this child's exec or exit
	setChildTID user.Addr            // to be written when the child starts
	dead        bool                 // exited; Kernel.mu

	savedMask   SigSet // restored when the call returns, if restoreMask
	restoreMask bool
	altStack    arch.AltStack
	fault       arch.Fault
	threadAreas *threadAreas // nil: none was ever set

	clearChildTID user.Addr
	robustList    atomic.Uint64        // a user.Addr
	rseq          atomic.Pointer[RSeq] // nil: none
	pdeathsig     atomic.Int32
	personality   uint32
	memPolicy     *mm.Policy
	// overProcessLimit: a change of user id passed RLIMIT_NPROC, which exec looks at
	// again (PF_NPROC_EXCEEDED).
	overProcessLimit bool
	speculation      [3]uint64 // what PR_SET_SPECULATION_CTRL set, by kind
	memoryFailure    [2]uint64 // what PR_MCE_KILL set last
	ioFlusher        bool
	tscFaults        bool                         // PR_TSC_SIGSEGV
	dispatch         atomic.Pointer[UserDispatch] // nil: off
	login            atomic.Pointer[Login]        // nil: none
	timerSlack       uint64
	defaultSlack     uint64 // what the parent's was
	startTime        time.Time
	split            timeSplit
	sampled          atomic.Pointer[Usage] // of the address space, as a thread of it last asked
	share            cpuShare              // guarded by SigHand.mu
	earlier          Usage                 // of threads that the task had before exec
	sched            atomic.Pointer[Sched]
	exitCode         int32 // of this thread; Kernel.mu once it is dead

	hooks      atomic.Uint32                // hookSeccomp, ...: what the task's own calls pass through
	seccomp    atomic.Pointer[seccompState] // nil: none; changed under SigHand.mu
	later      atomic.Pointer[func(*Task)]  // see Later
	noNewPrivs atomic.Bool                  // another thread set it: see SetCreds

	semUndo atomic.Pointer[sharedUndo] // nil: none yet
	io      atomic.Pointer[IOContext]  // likewise

	niced    niced
	counts   Counts
	moved    moved
	slept    atomic.Uint64 // how often Sleep waited
	utime    atomic.Int64  // as of the last look at Thread.CPUTime
	stime    atomic.Int64
	extra    sync.Map      // of other packages: see Extra
	released chan struct{} // closed when the goroutine is done with the task
}

// Counts is what getrusage tells beside times.
type Counts struct{ Syscalls, Signals, Faults uint64 }

var _ vfs.Ctx = (*Task)(nil)

// Kernel is the kernel that the task belongs to.
func (t *Task) Kernel() *Kernel { return t.kernel }

// Group is the task's thread group: the process.
func (t *Task) Group() *ThreadGroup { return t.group }

// Pid is the thread's id in the first pid namespace, as the kernel itself
// calls it; what an application sees is TID or ShowPid.
func (t *Task) Pid() int32 { return t.pid.Load() }

// ProcessID is the id of the task's process in the first pid namespace.
func (t *Task) ProcessID() int32 { return t.group.ID() }

// Thread is the platform's thread, stopped while a system call is handled.
func (t *Task) Thread() platform.Thread { return t.thread }

// MM is the task's address space; nil for the kernel's own init.
func (t *Task) MM() *mm.MM { return t.mm }

// Memory is the task's memory.
func (t *Task) Memory() user.Memory { return t.memory }

// Files is the task's descriptor table.
func (t *Task) Files() *vfs.FDTable { return t.files }

// FS is the task's root, working directory and umask.
func (t *Task) FS() *vfs.FS { return t.fs }

// Creds are the task's credentials now. Any goroutine.
func (t *Task) Creds() *cred.Creds { return t.creds.Load() }

// SetCreds replaces the task's credentials. What another thread made it give
// up meanwhile stays given up.
func (t *Task) SetCreds(c *cred.Creds) {
	t.creds.Store(c)
	if t.noNewPrivs.Load() {
		t.giveUpNewPrivs()
	}
}

// Resources are another task's address space, descriptors and place in the
// tree as of now; all nil once it exited.
func (t *Task) Resources() (*mm.MM, *vfs.FDTable, *vfs.FS) {
	t.resMu.Lock()
	defer t.resMu.Unlock()
	return t.mm, t.files, t.fs
}

// SetFiles gives the task another descriptor table and returns the old one.
func (t *Task) SetFiles(f *vfs.FDTable) *vfs.FDTable {
	t.resMu.Lock()
	defer t.resMu.Unlock()
	old := t.files
	t.files = f
	return old
}

// SetFS gives the task another view of the tree.
func (t *Task) SetFS(fs *vfs.FS) {
	t.resMu.Lock()
	defer t.resMu.Unlock()
	t.fs = fs
}

// Comm is the task's name, at most 15 bytes. Any goroutine.
func (t *Task) Comm() string {
	t.resMu.Lock()
	defer t.resMu.Unlock()
	n := 0
	for n < len(t.comm) && t.comm[n] != 0 {
		n++
	}
	return string(t.comm[:n])
}

// SetComm names the task; what is beyond 15 bytes is cut.
func (t *Task) SetComm(name string) {
	t.resMu.Lock()
	defer t.resMu.Unlock()
	t.comm = [16]byte{}
	copy(t.comm[:15], name)
}

// StartTime is when the task was made.
func (t *Task) StartTime() time.Time { return t.startTime }

// RLimit is the soft limit of a resource (RLIMIT_NOFILE, ...).
func (t *Task) RLimit(resource int) uint64 { return t.group.Limit(resource).Cur }

// RLimitMax is the hard limit of a resource.
func (t *Task) RLimitMax(resource int) uint64 { return t.group.Limit(resource).Max }

// Extra is a value that another package keeps with the task, made on the
// first use by make.
func (t *Task) Extra(key any, make func() any) any {
	if v, ok := t.extra.Load(key); ok {
		return v
	}
	v, _ := t.extra.LoadOrStore(key, make())
	return v
}

// IsLeader tells whether the task leads its thread group.
func (t *Task) IsLeader() bool { return t.Pid() == t.group.ID() }
