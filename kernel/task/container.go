// SPDX-License-Identifier: Apache-2.0

// This file is containers as the kernel sees them: several may be in one
// sandbox, as those of a pod are, each with namespaces of its own of some kinds.

package task

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Container is the tasks of one container: all that its first process made,
// and what was executed beside it.
type Container struct {
	// MaxTasks bounds the threads of its processes, dead ones that nobody waited
	// for included (pids.max of a control group); 0: no bound. It may be changed.
	MaxTasks atomic.Int64

	// Platform is where its address spaces come from; nil: the kernel's. Never changed once there are tasks.
	Platform platform.Platform

	cgroup Cgroup

	tasks int // alive or zombie. Kernel.mu guards it.
}

// Container is that of the sandbox's first process.
func (k *Kernel) Container() *Container { return &k.container }

// Platform is where t's next address space comes from.
func (t *Task) Platform() platform.Platform {
	if p := t.container.Platform; p != nil {
		return p
	}
	return t.kernel.Platform
}

// count notes that there is a task more or less. Caller holds Kernel.mu.
func (k *Kernel) count(t *Task, n int) {
	k.tasks += n
	t.container.tasks += n
}

// mayHaveMore is EAGAIN if there may be no more tasks. Caller holds Kernel.mu.
func (c *Container) mayHaveMore() error {
	if most := c.MaxTasks.Load(); most > 0 && int64(c.tasks) >= most {
		return unix.EAGAIN
	}
	return nil
}

// GroupsOf are the thread groups of a container, in the order of their ids.
func (k *Kernel) GroupsOf(c *Container) (list []*ThreadGroup) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, g := range k.groups() {
		if g.leader.container == c {
			list = append(list, g)
		}
	}
	return list
}

// KillContainer ends every process of a container.
func (k *Kernel) KillContainer(c *Container) {
	for _, g := range k.GroupsOf(c) {
		g.sighand.mu.Lock()
		g.startExit(int32(abi.SIGKILL))
		g.sighand.mu.Unlock()
	}
}

// Apart is what a container has of its own in the sandbox of another.
type Apart struct {
	Mounts *vfs.Namespace
	UTS    *UTS // the names of a fresh uts namespace; nil: the sandbox's
	IPC    *IPCNS
	Pids   *PidNS
}

// NewNamespaces are the sandbox's first namespaces, but for what is apart.
func (k *Kernel) NewNamespaces(a *Apart) *Namespaces {
	n := *k.first
	n.Mnt = &MntNS{Namespace: a.Mounts}
	if a.UTS != nil {
		n.UTS = &UTSNS{common: newCommon(unix.CLONE_NEWUTS, cred.InitialNS), names: *a.UTS}
	}
	if a.IPC != nil {
		n.IPC = a.IPC
	}
	if a.Pids != nil {
		n.PidForChildren = a.Pids
	}
	return &n
}

// IPC is the sandbox's first ipc namespace; NewIPC makes another.
func (k *Kernel) IPC() *IPCNS { return k.first.IPC }

// NewIPC: see IPC.
func (k *Kernel) NewIPC() *IPCNS {
	return &IPCNS{common: newCommon(unix.CLONE_NEWIPC, cred.InitialNS)}
}

// FirstPids is the sandbox's first pid namespace; NewPids makes one in it.
func (k *Kernel) FirstPids() *PidNS { return k.first.PidForChildren }

// NewPids: see FirstPids.
func (k *Kernel) NewPids() *PidNS {
	parent := k.first.PidForChildren
	return &PidNS{common: newCommon(unix.CLONE_NEWPID, cred.InitialNS), parent: parent, level: parent.level + 1, pids: map[int32]*pidEntry{}}
}

// Level is how many pid namespaces there are around this one.
func (ns *PidNS) Level() int { return ns.level }

// LookupIn finds the thread that has a number in a pid namespace, or nil.
func (k *Kernel) LookupIn(nr int32, ns *PidNS) *Task {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if e := ns.pids[nr]; e != nil {
		return e.task
	}
	return nil
}

// ShowIn is what a pid namespace calls the task, process group or session with
// a number of the kernel's; 0 if it can't see it.
func (k *Kernel) ShowIn(pid int32, ns *PidNS) int32 {
	if ns.parent == nil {
		return pid
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.showPid(pid, ns)
}
