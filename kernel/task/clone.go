// SPDX-License-Identifier: Apache-2.0

// This file makes tasks: the first ones, and those of clone(2) (kernel/fork.c).

package task

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// First is what a task starts with that no other task made.
type First struct {
	Creds  *cred.Creds
	Files  *vfs.FDTable // nil: an empty table
	FS     *vfs.FS      // nil only in unit tests
	Comm   string
	Limits *[abi.RLIM_NLIMITS]Limit // nil: DefaultLimits, or the parent's
	// Container and Namespaces are what a process of NewProcess is in; nil: those of
	// the sandbox's first process.
	Container  *Container
	Namespaces *Namespaces
	// Alone: a process of NewProcess has no parent, as one that entered a pid
	// namespace from outside (setns(2)): nobody in it waits for it.
	Alone bool
	// OnDeath is told the wait status when the process is dead.
	OnDeath func(status int32)
}

// NewInit makes pid 1: the process that orphans go to. With inKernel it is a
// task without application code, which reaps whatever it gets. Otherwise it
// is to be given a program (CommitExec) and started by the caller; default
// actions don't kill it, and the sandbox ends with it.
func (k *Kernel) NewInit(f First, inKernel bool) *Task {
	t := k.newTask()
	g := newGroup(k, newSigHand())
	g.unkillable = true
	g.limits = DefaultLimits()
	if inKernel {
		g.sighand.actions[abi.SIGCHLD].Handler = SigIgn
	}
	t.fill(&f, g)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.initTask = t
	_ = k.allocPid(t, k.first.PidForChildren, nil, nil)
	k.link(t, g, nil)
	k.newSession(g)
	return t
}

// NewProcess makes a child of pid 1 in a session of its own, for the caller
// to give a program and start.
func (k *Kernel) NewProcess(f First) (*Task, error) {
	t := k.newTask()
	g := newGroup(k, newSigHand())
	g.limits = DefaultLimits()
	t.fill(&f, g)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.allocPid(t, t.Namespaces().PidForChildren, nil, nil); err != nil {
		t.setNamespaces(nil)
		return nil, err
	}
	parent := k.initTask
	if f.Alone {
		parent = nil
	}
	k.link(t, g, parent)
	k.newSession(g)
	t.enterPidNS()
	return t, nil
}

func (k *Kernel) newTask() *Task {
	t := &Task{kernel: k, startTime: time.Now(), released: make(chan struct{}), timerSlack: firstTimerSlack, defaultSlack: firstTimerSlack}
	t.sleep.init()
	t.look, t.isWorkPending = t.beforeRun, t.workPending
	t.sched.Store(&Sched{})
	return t
}

func newDumpable(v int32) *atomic.Int32 {
	d := new(atomic.Int32)
	d.Store(v)
	return d
}

func newGroup(k *Kernel, h *SigHand) *ThreadGroup {
	g := &ThreadGroup{kernel: k, sighand: h, exitSignal: int(abi.SIGCHLD)}
	g.dumpable.Store(newDumpable(1))
	return g
}

func (t *Task) fill(f *First, g *ThreadGroup) {
	t.files, t.fs = f.Files, f.FS
	if t.files == nil {
		t.files = vfs.NewFDTable()
	}
	t.SetComm(f.Comm)
	t.SetCreds(f.Creds)
	t.container = &t.kernel.container
	if f.Container != nil {
		t.container = f.Container
	}
	n := t.kernel.first
	if f.Namespaces != nil {
		n = f.Namespaces
	}
	t.setNamespaces(n)
	if f.Limits != nil {
		g.limits = *f.Limits
	}
	g.onDeath = f.OnDeath
}

// link puts a task that has its pid into the tree, as leader of a new group.
// Caller holds Kernel.mu.
func (k *Kernel) link(t *Task, g *ThreadGroup, parent *Task) {
	t.group = g
	g.id.Store(t.Pid())
	g.ids = t.ids.Load()
	g.leader = t
	g.threads = []*Task{t}
	g.live = 1
	g.parent = parent
	if parent != nil {
		parent.group.children.add(g)
	}
	k.count(t, 1)
	k.forks.Add(1)
}

// CloneArgs is struct clone_args, less what is refused.
type CloneArgs struct {
	Flags      uint64
	PidFD      user.Addr
	ChildTID   user.Addr
	ParentTID  user.Addr
	ExitSignal int
	Stack      uint64 // the stack pointer; 0: the parent's
	TLS        uint64
	SetTID     []int32 // wanted ids, from the innermost pid namespace out
	Into       *Cgroup // the control group of the child; nil: the parent's
}

// Clone is clone(2). It returns the child's id.
func (t *Task) Clone(a *CloneArgs) (int32, error) {
	if err := t.checkClone(a.Flags); err != nil {
		return 0, err
	}
	if t.SignalPending() {
		return 0, abi.ERESTARTNOINTR
	}
	c, err := t.cloneTask(a)
	if err != nil {
		return 0, err
	}
	fd, err := t.prepareChild(c, a)
	if err != nil {
		c.abandon()
		return 0, err
	}
	if a.Flags&unix.CLONE_VFORK != 0 {
		c.vforkParent.Store(t)
	}
	event := t.cloneEvent(a)
	if err := t.attach(c, a, event != 0); err != nil {
		t.closePidFD(fd)
		c.abandon()
		return 0, err
	}
	ids := c.ids.Load()
	pid := ids.in(t.PidNS())
	if a.Flags&unix.CLONE_PARENT_SETTID != 0 {
		t.writePid(a.ParentTID, pid)
	}
	c.Start()
	if event != 0 {
		t.ptraceEvent(event, t.tracerCalls(ids))
	}
	if a.Flags&unix.CLONE_VFORK != 0 && t.waitForVfork(c) {
		t.ptraceEvent(unix.PTRACE_EVENT_VFORK_DONE, t.tracerCalls(ids))
	}
	return pid, nil
}

// checkClone is the checks of copy_process, in its order.
func (t *Task) checkClone(flags uint64) error {
	const shareFS = unix.CLONE_FS
	switch {
	case flags&(unix.CLONE_NEWNS|shareFS) == unix.CLONE_NEWNS|shareFS,
		flags&(unix.CLONE_NEWUSER|shareFS) == unix.CLONE_NEWUSER|shareFS,
		flags&unix.CLONE_THREAD != 0 && flags&unix.CLONE_SIGHAND == 0,
		flags&unix.CLONE_SIGHAND != 0 && flags&unix.CLONE_VM == 0,
		flags&unix.CLONE_PARENT != 0 && t.group.unkillable,
		flags&unix.CLONE_THREAD != 0 && (flags&(unix.CLONE_NEWUSER|unix.CLONE_NEWPID) != 0 ||
			t.Namespaces().PidForChildren != t.PidNS()):
		return unix.EINVAL
	}
	return nil
}

// inherit gives the child its credentials and namespaces: the parent's, or
// fresh ones as the flags say.
func (c *Task) inherit(t *Task, flags uint64) (err error) {
	creds := t.Creds()
	if flags&unix.CLONE_NEWUSER != 0 {
		if creds, err = t.newUserNS(); err != nil {
			return err
		}
	}
	if c.fs = t.fs; flags&unix.CLONE_FS == 0 && t.fs != nil {
		c.fs = t.fs.Copy()
	}
	n, err := t.newNamespaces(flags, creds, c.fs)
	if err != nil {
		return err
	}
	if flags&(unix.CLONE_NEWIPC|unix.CLONE_SYSVSEM) == unix.CLONE_NEWIPC|unix.CLONE_SYSVSEM {
		return unix.EINVAL
	}
	if flags&unix.CLONE_VM == 0 {
		n = n.withOwnTime()
	}
	c.creds.Store(creds.Forked(flags&unix.CLONE_THREAD != 0))
	c.setNamespaces(n)
	return nil
}

// cloneTask makes the child as far as only the parent knows of it, with the
// thread that runs it.
func (t *Task) cloneTask(a *CloneArgs) (*Task, error) {
	if err := t.checkProcessLimit(); err != nil {
		return nil, err
	}
	c := t.kernel.newTask()
	c.container = t.container
	if err := c.inherit(t, a.Flags); err != nil {
		return nil, err
	}
	if c.group = t.group; a.Flags&unix.CLONE_THREAD == 0 {
		c.group = newGroup(t.kernel, nil)
	}
	if a.Flags&unix.CLONE_VM != 0 {
		thread, err := t.thread.NewThread()
		if err != nil {
			return nil, err
		}
		c.thread, c.mm = thread, t.mm.IncRef()
	} else {
		copied, thread, err := t.mm.ForkWith(t.thread.Fork)
		if err != nil {
			return nil, err
		}
		c.thread, c.mm = thread, copied
	}
	if err := c.seeClocks(); err != nil {
		c.abandon()
		return nil, err
	}
	c.memory = mm.ThreadMemory{Thread: c.thread, MM: c.mm}
	c.comm = t.comm
	c.blocked, c.personality, c.timerSlack = t.blocked, t.personality, t.timerSlack
	c.defaultSlack = t.timerSlack
	c.login.Store(t.login.Load())
	c.memPolicy, c.speculation = t.memPolicy, t.speculation
	c.memoryFailure, c.ioFlusher, c.tscFaults = t.memoryFailure, t.ioFlusher, t.tscFaults
	c.fault = t.fault
	c.pt.debug, c.threadAreas = t.pt.debug.inherited(), t.threadAreas
	c.sched.Store(t.sched.Load().forChild())
	c.hookNice()
	c.inheritIO(t, a.Flags)
	if a.Flags&unix.CLONE_VM == 0 {
		c.rseq.Store(t.rseq.Load()) // as the host does by itself
	}
	if a.Flags&(unix.CLONE_VM|unix.CLONE_VFORK) != unix.CLONE_VM {
		c.altStack = t.altStack
	}
	if a.Flags&unix.CLONE_FILES != 0 {
		c.files = t.files.Share()
	} else {
		c.files = t.files.Copy()
	}
	if a.Flags&unix.CLONE_SYSVSEM != 0 {
		c.shareUndo(t)
	}
	return c, nil
}

// checkProcessLimit is RLIMIT_NPROC, which binds neither root nor the privileged.
func (t *Task) checkProcessLimit() error {
	limit := t.RLimit(unix.RLIMIT_NPROC)
	c := t.Creds()
	if limit == Infinity || c.RUID == 0 || c.Capable(unix.CAP_SYS_RESOURCE) || c.Capable(unix.CAP_SYS_ADMIN) {
		return nil
	}
	if uint64(t.kernel.countTasks(c.RUID)) >= limit {
		return unix.EAGAIN
	}
	return nil
}

// exceedsProcessLimit tells whether a user has more processes than the task's
// limit.
func (t *Task) exceedsProcessLimit(uid cred.UID) bool {
	limit := t.RLimit(unix.RLIMIT_NPROC)
	return limit != Infinity && uid != 0 && uint64(t.kernel.countTasks(uid)) > limit
}

// CheckExec is EAGAIN for a task that changed its user id beyond RLIMIT_NPROC,
// and still has too many processes there.
func (t *Task) CheckExec() error {
	if t.overProcessLimit && t.exceedsProcessLimit(t.Creds().RUID) {
		return unix.EAGAIN
	}
	t.overProcessLimit = false
	return nil
}

func (k *Kernel) countTasks(uid cred.UID) int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	n := 0
	for _, e := range k.pids {
		if e.task != nil && e.task.Creds().RUID == uid {
			n++
		}
	}
	return n
}

// prepareChild gives the child's thread its registers, and makes the pidfd
// that the parent asked for (-1: none).
func (t *Task) prepareChild(c *Task, a *CloneArgs) (vfs.FD, error) {
	c.thread.SetResult(0)
	if a.Stack != 0 {
		c.thread.Regs().Rsp = a.Stack
		c.thread.RegsChanged()
	}
	if a.Flags&unix.CLONE_SETTLS != 0 {
		if a.TLS >= user.TaskTop {
			return -1, unix.EPERM
		}
		if err := c.thread.SetFSBase(a.TLS); err != nil {
			return -1, err
		}
	}
	if a.Flags&unix.CLONE_CHILD_SETTID != 0 {
		c.setChildTID = a.ChildTID
	}
	if a.Flags&unix.CLONE_CHILD_CLEARTID != 0 {
		c.clearChildTID = a.ChildTID
	}
	if a.Flags&unix.CLONE_PIDFD == 0 {
		return -1, nil
	}
	return t.openPidFD(c, a)
}

// openPidFD gives the parent a descriptor for its child.
func (t *Task) openPidFD(c *Task, a *CloneArgs) (vfs.FD, error) {
	var thread *Task
	if a.Flags&unix.CLONE_THREAD != 0 {
		thread = c
	}
	f := c.group.NewPidFD(thread, 0)
	f.Creds = t.Creds()
	fd, err := t.files.Install(f, 0, true, t.RLimit(unix.RLIMIT_NOFILE))
	if err != nil {
		f.DecRef()
		return -1, err
	}
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], uint32(fd))
	if _, err := t.memory.CopyOut(a.PidFD, b[:]); err != nil {
		t.closePidFD(fd)
		return -1, err
	}
	return fd, nil
}

func (t *Task) closePidFD(fd vfs.FD) {
	if fd < 0 {
		return
	}
	if f, err := t.files.Remove(fd); err == nil {
		f.DecRef()
	}
}

// abandon undoes cloneTask for a child that nobody else knows of.
func (c *Task) abandon() {
	c.DropSemUndo()
	c.releaseResources()
	c.setNamespaces(nil)
	c.thread.Exit()
}

// attach makes the child known: its pid, its group, its place in the tree,
// and its tracer, if the parent's wants it.
func (t *Task) attach(c *Task, a *CloneArgs, traced bool) error {
	k, g := t.kernel, t.group
	var populated []*Cgroup
	defer func() { tellPopulated(populated) }()
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.initTask != nil && k.initTask.group.zombie:
		return unix.ENOMEM
	case a.Into != nil && a.Into.removed:
		return unix.ENODEV
	}
	err := k.allocPid(c, c.Namespaces().PidForChildren, a.SetTID, t.Creds())
	if err != nil {
		return err
	}
	if a.Flags&unix.CLONE_THREAD != 0 {
		err = g.addThread(t, c)
	} else {
		err = t.addProcess(c, a)
	}
	if err != nil {
		k.pids[c.Pid()].task = nil
		k.freePid(c.Pid())
		return err
	}
	if a.Flags&unix.CLONE_THREAD == 0 {
		populated = c.group.joinCgroup(g, a.Into)
	}
	c.enterPidNS()
	if traced || a.Flags&unix.CLONE_PTRACE != 0 {
		t.shareTracer(c)
	}
	return nil
}

func (g *ThreadGroup) addThread(t, c *Task) error {
	g.sighand.mu.Lock()
	defer g.sighand.mu.Unlock()
	if t.SignalPending() {
		return abi.ERESTARTNOINTR
	}
	c.inheritSeccomp(t)
	g.threads = append(g.threads, c)
	g.live++
	g.kernel.count(c, 1)
	g.kernel.forks.Add(1)
	return nil
}

// addProcess makes the child the leader of a group of its own. Caller holds
// Kernel.mu.
func (t *Task) addProcess(c *Task, a *CloneArgs) error {
	k, g := t.kernel, t.group
	h := g.sighand
	h.mu.Lock()
	if t.SignalPending() {
		h.mu.Unlock()
		return abi.ERESTARTNOINTR
	}
	if a.Flags&unix.CLONE_SIGHAND != 0 {
		h.refs++
	} else {
		h = &SigHand{refs: 1, actions: h.actions}
	}
	c.inheritSeccomp(t)
	g.sighand.mu.Unlock()
	if a.Flags&unix.CLONE_CLEAR_SIGHAND != 0 {
		h.resetHandlers()
	}
	n := c.group
	n.sighand = h
	n.limits = g.copyLimits()
	n.exe.Store(g.Exe())
	if n.dumpable.Store(g.dumpable.Load()); a.Flags&unix.CLONE_VM == 0 {
		n.dumpable.Store(newDumpable(g.Dumpable()))
	}
	n.oomScore.Store(g.oomScore.Load())
	parent := t
	n.exitSignal = a.ExitSignal
	if a.Flags&unix.CLONE_PARENT != 0 {
		parent, n.exitSignal = g.parent, g.exitSignal
	}
	k.link(c, n, parent)
	k.joinPgrp(n, g.pgrp)
	return nil
}

func (g *ThreadGroup) copyLimits() [abi.RLIM_NLIMITS]Limit {
	g.limitsMu.Lock()
	defer g.limitsMu.Unlock()
	return g.limits
}

// resetHandlers is what exec and CLONE_CLEAR_SIGHAND do: what has a handler
// gets its default action; what is ignored stays so.
func (h *SigHand) resetHandlers() {
	for i := range h.actions {
		a := SigAction{}
		if h.actions[i].Handler == SigIgn {
			a.Handler = SigIgn
		}
		h.actions[i] = a
	}
}

// writePid writes an id where clone was asked to. Faults are ignored, as Linux
// ignores them.
func (t *Task) writePid(addr user.Addr, pid int32) {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], uint32(pid))
	_, _ = t.memory.CopyOut(addr, b[:])
}

// waitForVfork waits until the child gave the address space back; only death
// ends it earlier (false).
func (t *Task) waitForVfork(c *Task) bool {
	for c.vforkParent.Load() != nil {
		if t.SleepKillable(time.Time{}) != nil {
			c.vforkParent.CompareAndSwap(t, nil)
			return false
		}
	}
	return true
}

// vforkDone lets the vfork parent go on, if there is one.
func (t *Task) vforkDone() {
	if p := t.vforkParent.Swap(nil); p != nil {
		p.Wake()
	}
}
