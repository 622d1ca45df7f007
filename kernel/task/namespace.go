// SPDX-License-Identifier: Apache-2.0

// This file is the namespaces that a task is in, and how it gets others: by
// clone and unshare (kernel/nsproxy.c, kernel/utsname.c, ipc/namespace.c).

package task

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Namespace is what a link of /proc/PID/ns leads to.
type Namespace interface {
	Kind() int      // CLONE_NEWUTS and its kin
	Number() uint64 // the inode number that shows it
	// Owner is the user namespace whose capabilities rule over it; nil for the
	// first of all.
	Owner() *cred.UserNS
}

// The numbers of the first namespaces of each kind are fixed on Linux too.
const (
	firstNetNS    = 4026531833
	firstTimeNS   = 4026531834
	firstCgroupNS = 4026531835
	firstPidNS    = 4026531836
	firstUTSNS    = 4026531838
	firstIPCNS    = 4026531839
)

// common is what all namespaces but those of users are.
type common struct {
	kind   int
	number uint64
	owner  *cred.UserNS
}

// Kind implements Namespace.
func (c *common) Kind() int { return c.kind }

// Number implements Namespace.
func (c *common) Number() uint64 { return c.number }

// Owner implements Namespace.
func (c *common) Owner() *cred.UserNS { return c.owner }

func newCommon(kind int, owner *cred.UserNS) common {
	return common{kind, cred.NextNamespace(), owner}
}

// UTSNS is a uts namespace: the names of the system.
type UTSNS struct {
	common
	mu    sync.RWMutex
	names UTS
}

// Names are the names of the system now.
func (n *UTSNS) Names() UTS {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.names
}

// Change changes the names of the system.
func (n *UTSNS) Change(change func(*UTS)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(&n.names)
}

// IPCNS is an ipc namespace. What System V IPC and message queues keep in it
// is their own matter: see Extra.
type IPCNS struct {
	common
	extra sync.Map
}

// Extra is a value that another package keeps with the namespace, made on the
// first use by make.
func (n *IPCNS) Extra(key any, make func() any) any {
	if v, ok := n.extra.Load(key); ok {
		return v
	}
	v, _ := n.extra.LoadOrStore(key, make())
	return v
}

// MntNS is a mount namespace, as tasks and open files hold it: when none does
// any more its tree is taken down, so that it gets no part of others' changes.
type MntNS struct {
	*vfs.Namespace
	holders atomic.Int32
}

func (n *MntNS) hold() { n.holders.Add(1) }

// Hold keeps the tree for an open file that shows it, until Drop.
func (n *MntNS) Hold() { n.hold() }

// Drop undoes Hold.
func (n *MntNS) Drop() { n.drop() }

// drop undoes hold. What is mounted of a namespace's file counts as a holder.
func (n *MntNS) drop() {
	if n.holders.Add(-1) == 0 && !vfs.NamespaceMounted(n.Namespace) {
		n.Dissolve()
		CollectNetworks()
	}
}

// setNamespaces gives the task its namespaces; nil: it has none any more.
func (t *Task) setNamespaces(n *Namespaces) {
	if n != nil {
		n.Mnt.hold()
		n.Net.hold()
	}
	if old := t.namespaces.Swap(n); old != nil {
		old.Mnt.drop()
		old.Net.drop()
	}
}

// SetMounts gives the kernel its first mount namespace, before the first task.
// The sandbox has it for good.
func (k *Kernel) SetMounts(ns *vfs.Namespace) {
	k.first.Mnt = &MntNS{Namespace: ns}
	k.first.Mnt.hold()
}

// Mounts is the task's mount namespace.
func (t *Task) Mounts() *vfs.Namespace {
	if n := t.Namespaces(); n != nil {
		return n.Mnt.Namespace
	}
	return t.kernel.first.Mnt.Namespace
}

// Namespaces are those that a task is in, but for its user namespace, which
// goes with its credentials (struct nsproxy). Never changed once in use.
type Namespaces struct {
	UTS            *UTSNS
	IPC            *IPCNS
	PidForChildren *PidNS // the task's own is PidNS()
	Mnt            *MntNS
	Net            *NetNS
	Cgroup         *CgroupNS
	Time           *TimeNS

	// The clocks of what the task forks, and of itself from its next exec on.
	TimeForChildren *TimeNS
}

func firstNamespaces(names UTS) *Namespaces {
	time := &TimeNS{common: common{unix.CLONE_NEWTIME, firstTimeNS, cred.InitialNS}, frozen: true}
	return &Namespaces{
		UTS:            &UTSNS{common: common{unix.CLONE_NEWUTS, firstUTSNS, cred.InitialNS}, names: names},
		IPC:            &IPCNS{common: common{unix.CLONE_NEWIPC, firstIPCNS, cred.InitialNS}},
		Mnt:            &MntNS{Namespace: vfs.EmptyNamespace()},
		PidForChildren: &PidNS{common: common{unix.CLONE_NEWPID, firstPidNS, cred.InitialNS}},

		Net:    &NetNS{common: common{unix.CLONE_NEWNET, firstNetNS, cred.InitialNS}},
		Time:   time,
		Cgroup: &CgroupNS{common: common{unix.CLONE_NEWCGROUP, firstCgroupNS, cred.InitialNS}},

		TimeForChildren: time,
	}
}

// withOwnTime is the namespaces of a task that gets an address space of its own: from then on it
// has the clocks of its parent's children (timens_on_fork).
func (n *Namespaces) withOwnTime() *Namespaces {
	if n.Time == n.TimeForChildren {
		return n
	}
	own := *n
	own.Time = n.TimeForChildren.freeze()
	return &own
}

// Namespaces are the task's namespaces; nil once it exited. Any goroutine.
func (t *Task) Namespaces() *Namespaces { return t.namespaces.Load() }

// UTS are the names of the system as the task sees it.
func (t *Task) UTS() *UTSNS {
	if n := t.Namespaces(); n != nil {
		return n.UTS
	}
	return t.kernel.first.UTS
}

// IPC is the task's ipc namespace.
func (t *Task) IPC() *IPCNS {
	if n := t.Namespaces(); n != nil {
		return n.IPC
	}
	return t.kernel.first.IPC
}

// The kinds of namespaces that there are, and those that the nsproxy has.
const (
	allNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWTIME
	proxyNamespaces = allNamespaces &^ unix.CLONE_NEWUSER
)

// newNamespaces is create_new_namespaces: the task's, with fresh ones of the
// kinds that flags name, which belong to the user namespace of c. EPERM.
// The places in fs, of who is to be in them, go to a fresh mount namespace.
func (t *Task) newNamespaces(flags uint64, c *cred.Creds, fs *vfs.FS) (*Namespaces, error) {
	old := t.Namespaces()
	if flags&proxyNamespaces == 0 {
		return old, nil
	}
	if !c.CapableHere(unix.CAP_SYS_ADMIN) {
		return nil, unix.EPERM
	}
	n := *old
	if flags&unix.CLONE_NEWNET != 0 { // Linux's last but one; here it is the one that may fail
		net, err := t.kernel.newNetNS(c.NS())
		if err != nil {
			return nil, err
		}
		n.Net = net
	}
	if flags&unix.CLONE_NEWNS != 0 {
		mounts, err := old.Mnt.Copy(c.NS(), fs)
		if err != nil {
			return nil, err
		}
		n.Mnt = &MntNS{Namespace: mounts}
	}
	if flags&unix.CLONE_NEWUTS != 0 {
		n.UTS = &UTSNS{common: newCommon(unix.CLONE_NEWUTS, c.NS()), names: old.UTS.Names()}
	}
	if flags&unix.CLONE_NEWIPC != 0 {
		n.IPC = &IPCNS{common: newCommon(unix.CLONE_NEWIPC, c.NS())}
	}
	if flags&unix.CLONE_NEWPID != 0 {
		pids, err := t.newPidNS(c)
		if err != nil {
			return nil, err
		}
		n.PidForChildren = pids
	}
	if flags&unix.CLONE_NEWCGROUP != 0 {
		n.Cgroup = &CgroupNS{common: newCommon(unix.CLONE_NEWCGROUP, c.NS()), root: t.group.Cgroup()}
	}
	if flags&unix.CLONE_NEWTIME != 0 {
		n.TimeForChildren = newTimeNS(old.TimeForChildren, c.NS())
	}
	return &n, nil
}

// newUserNS is a copy of the task's credentials in a fresh user namespace.
func (t *Task) newUserNS() (*cred.Creds, error) {
	if t.chrooted() {
		return nil, unix.EPERM
	}
	c := t.Creds().Copy()
	if err := cred.NewUserNS(c); err != nil {
		return nil, err
	}
	return c, nil
}

// chrooted tells whether the task's root is not that of its mount namespace.
func (t *Task) chrooted() bool {
	if t.fs == nil {
		return false
	}
	root := t.fs.Root()
	return root != t.Mounts().Root()
}

// Unshare is unshare(2) once its flags were checked for what belongs together:
// namespaces first, as far as that can fail, then all at once.
func (t *Task) Unshare(flags uint64) error {
	c := t.Creds()
	if flags&unix.CLONE_NEWUSER != 0 {
		var err error
		if c, err = t.newUserNS(); err != nil {
			return err
		}
	}
	fs := t.fs
	if flags&unix.CLONE_FS != 0 && fs != nil {
		fs = fs.Copy()
	}
	n, err := t.newNamespaces(flags, c, fs)
	if err != nil {
		return err
	}
	if flags&(unix.CLONE_SYSVSEM|unix.CLONE_NEWIPC) != 0 {
		t.DropSemUndo()
	}
	if fs != t.fs {
		t.SetFS(fs)
	}
	if flags&unix.CLONE_FILES != 0 && t.files.Shared() {
		t.SetFiles(t.files.Copy()).Drop(t)
	}
	t.setNamespaces(n)
	if c != t.Creds() {
		t.commitCreds(c)
	}
	return nil
}
