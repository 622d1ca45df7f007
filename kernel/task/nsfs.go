// SPDX-License-Identifier: Apache-2.0

// This file is nsfs: namespaces as files (namespaces(7), ioctl_ns(2)).

package task

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

var nsFS = vfs.NewPseudoFS("nsfs", unix.NSFS_MAGIC)

// NamespaceNames are the kinds of namespaces as /proc/PID/ns has them.
var NamespaceNames = map[int]string{
	unix.CLONE_NEWCGROUP: "cgroup", unix.CLONE_NEWIPC: "ipc", unix.CLONE_NEWNS: "mnt", unix.CLONE_NEWNET: "net",
	unix.CLONE_NEWPID: "pid", unix.CLONE_NEWTIME: "time", unix.CLONE_NEWUSER: "user", unix.CLONE_NEWUTS: "uts",
}

// NamespaceText is what the link to a namespace says: "uts:[4026531838]".
func NamespaceText(ns Namespace) string {
	return fmt.Sprintf("%s:[%d]", NamespaceNames[ns.Kind()], ns.Number())
}

// NamespacePath is a namespace as a place in the tree.
func NamespacePath(ns Namespace) vfs.Path {
	f := newNSFile(ns, unix.O_RDONLY)
	defer f.DecRef()
	return f.Path
}

func newNSFile(ns Namespace, flags uint32) *vfs.File {
	i := &nsInode{AnonInode: nsFS.NewInode(unix.S_IFREG|0o444, 0, 0), ns: ns}
	return vfs.NewAnonFileInode(NamespaceText(ns), openNS(ns), i, flags)
}

// nsInode is a namespace as an inode: it is the same one, by its number, as
// often as it is looked up.
type nsInode struct {
	*vfs.AnonInode
	ns Namespace
}

// Attr implements vfs.Inode.
func (i *nsInode) Attr(ctx vfs.Ctx) (vfs.Attr, error) {
	a, err := i.AnonInode.Attr(ctx)
	a.Ino = i.ns.Number()
	return a, err
}

// MountNamespace implements vfs.NamespaceFile.
func (i *nsInode) MountNamespace() *vfs.Namespace {
	if n, ok := i.ns.(*MntNS); ok {
		return n.Namespace
	}
	return nil
}

// SetAttr implements vfs.Inode.
func (i *nsInode) SetAttr(vfs.Ctx, *vfs.SetAttr) error { return unix.EPERM }

// Open implements vfs.Inode: such inodes are immutable.
func (i *nsInode) Open(_ vfs.Ctx, flags uint32) (vfs.FileOps, error) {
	if flags&unix.O_ACCMODE != unix.O_RDONLY {
		return nil, unix.EPERM
	}
	return openNS(i.ns), nil
}

// nsFile is an open namespace.
type nsFile struct {
	vfs.BaseFile
	vfs.NoReads
	vfs.NoWrites
	ns Namespace
}

func openNS(ns Namespace) *nsFile {
	if n, ok := ns.(*MntNS); ok {
		n.hold()
	}
	return &nsFile{ns: ns}
}

// Release implements vfs.FileOps.
func (n *nsFile) Release(*vfs.File) {
	switch n := n.ns.(type) {
	case *MntNS:
		n.drop()
	case *NetNS:
		if n.tasks.Load() == 0 {
			CollectNetworks()
		}
	}
}

// NamespaceOf is the namespace that an open file is; nil for any other file.
func NamespaceOf(f *vfs.File) Namespace {
	if n, ok := f.Ops.(*nsFile); ok {
		return n.ns
	}
	return nil
}

// The ioctls of nsfs.
const (
	nsGetUserNS   = 0xb701
	nsGetParent   = 0xb702
	nsGetNSType   = 0xb703
	nsGetOwnerUID = 0xb704
	nsGetMntNSID  = 0x8008b705
	nsGetPidFrom  = 0x8004b706
	nsGetTgidFrom = 0x8004b707
	nsGetPidIn    = 0x8004b708
	nsGetTgidIn   = 0x8004b709
)

// Ioctl implements vfs.FileOps.
func (n *nsFile) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	t, ok := ctx.(*Task)
	if !ok {
		return 0, unix.ENOTTY
	}
	switch cmd {
	case nsGetUserNS:
		return t.openOwner(n.ns)
	case nsGetParent:
		return t.openParent(n.ns)
	case nsGetNSType:
		return uint64(n.ns.Kind()), nil
	case nsGetOwnerUID:
		u, ok := n.ns.(*cred.UserNS)
		if !ok {
			return 0, unix.EINVAL
		}
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], t.Creds().NS().ShowUID(u.Creator()))
		_, err := t.memory.CopyOut(user.Addr(arg), b[:])
		return 0, err
	case nsGetMntNSID:
		m, ok := n.ns.(*MntNS)
		if !ok {
			return 0, unix.EINVAL
		}
		_, err := t.memory.CopyOut(user.Addr(arg), binary.LittleEndian.AppendUint64(nil, m.Number()))
		return 0, err
	case nsGetPidFrom, nsGetTgidFrom, nsGetPidIn, nsGetTgidIn:
		return t.translatePid(n.ns, cmd, int32(arg))
	}
	return 0, unix.ENOTTY
}

// openOwner opens the user namespace that a namespace belongs to, as far as
// the task may know of it: EPERM.
func (t *Task) openOwner(ns Namespace) (uint64, error) {
	owner := ns.Owner()
	if !owner.Within(t.Creds().NS()) {
		return 0, unix.EPERM
	}
	return t.installNS(owner)
}

// openParent opens the namespace around one: EINVAL for a kind that does not
// nest.
func (t *Task) openParent(ns Namespace) (uint64, error) {
	if _, ok := ns.(*cred.UserNS); ok {
		return t.openOwner(ns)
	}
	pids, ok := ns.(*PidNS)
	if !ok {
		return 0, unix.EINVAL
	}
	if pids.parent == nil || !pids.parent.within(t.PidNS()) {
		return 0, unix.EPERM
	}
	return t.installNS(pids.parent)
}

// translatePid is what one pid namespace calls a thread or process that the
// other, of the caller and the open one, calls nr: EINVAL, ESRCH.
func (t *Task) translatePid(ns Namespace, cmd uint32, nr int32) (uint64, error) {
	pids, ok := ns.(*PidNS)
	if !ok {
		return 0, unix.EINVAL
	}
	from, to := pids, t.PidNS()
	if cmd == nsGetPidIn || cmd == nsGetTgidIn {
		from, to = to, from
	}
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	e := from.pids[nr]
	if e == nil || e.task == nil {
		return 0, unix.ESRCH
	}
	if cmd == nsGetTgidFrom || cmd == nsGetTgidIn {
		e = e.task.group.ids
	}
	if nr = e.in(to); nr == 0 {
		return 0, unix.ESRCH
	}
	return uint64(nr), nil
}

func (t *Task) installNS(ns Namespace) (uint64, error) {
	f := newNSFile(ns, unix.O_RDONLY)
	f.Creds = t.Creds()
	fd, err := t.files.Install(f, 0, true, t.RLimit(unix.RLIMIT_NOFILE))
	if err != nil {
		f.DecRef()
	}
	return uint64(fd), err
}
