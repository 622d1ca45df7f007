// SPDX-License-Identifier: Apache-2.0

// This file is setns(2): who may enter which namespaces (kernel/nsproxy.c and
// the install operations of each kind).

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// nsSet is what a setns is about to put into force (struct nsset).
type nsSet struct {
	creds *cred.Creds
	Namespaces
	entersUser bool
	entersMnt  bool
}

// Setns is setns(2) with an open file: a namespace, or a pidfd with the kinds
// of its process's namespaces to enter.
func (t *Task) Setns(f *vfs.File, flags uint64) error {
	if ns := NamespaceOf(f); ns != nil {
		if flags != 0 && uint64(ns.Kind()) != flags {
			return unix.EINVAL
		}
		return t.enter([]Namespace{ns})
	}
	g, _ := PidFDTarget(f)
	if g == nil || flags == 0 || flags&^allNamespaces != 0 {
		return unix.EINVAL
	}
	list, err := t.namespacesOf(g, flags)
	if err != nil {
		return err
	}
	return t.enter(list)
}

// namespacesOf are a process's namespaces of some kinds, in the order in which
// they are entered: the user namespace gives the right to the others.
func (t *Task) namespacesOf(g *ThreadGroup, flags uint64) ([]Namespace, error) {
	target := g.Leader()
	if g.Reaped() {
		return nil, unix.ESRCH
	}
	if err := t.MayAccess(target); err != nil {
		return nil, unix.EPERM
	}
	n := target.Namespaces()
	if n == nil {
		return nil, unix.ESRCH
	}
	var list []Namespace
	for _, ns := range n.inOrder(target.Creds().NS(), target.PidNS()) {
		if uint64(ns.Kind())&flags != 0 {
			list = append(list, ns)
		}
	}
	return list, nil
}

// inOrder are the namespaces in validate_nsset's order.
func (n *Namespaces) inOrder(u *cred.UserNS, pids *PidNS) []Namespace {
	return []Namespace{u, n.Mnt, n.UTS, n.IPC, pids, n.Cgroup, n.Net, n.Time}
}

// enter checks each namespace, and puts all into force if none is refused.
func (t *Task) enter(list []Namespace) error {
	set := nsSet{creds: t.Creds(), Namespaces: *t.Namespaces()}
	for _, ns := range list {
		if err := set.install(t, ns); err != nil {
			return err
		}
	}
	if set.IPC != t.Namespaces().IPC {
		t.DropSemUndo()
	}
	mounts := set.Mnt != t.Namespaces().Mnt || set.entersMnt
	t.setNamespaces(&set.Namespaces)
	if mounts {
		root := set.Mnt.Root()
		t.fs.SetRoot(root)
		t.fs.SetCwd(root)
	}
	if set.entersUser {
		t.commitCreds(set.creds)
	}
	return t.seeClocks()
}

// install is one namespace's install operation.
func (s *nsSet) install(t *Task, ns Namespace) error {
	if u, ok := ns.(*cred.UserNS); ok {
		return s.installUser(t, u)
	}
	if ns.Kind() == unix.CLONE_NEWTIME && len(t.group.Threads()) > 1 {
		return unix.EUSERS
	}
	if !t.Creds().CapableIn(ns.Owner(), unix.CAP_SYS_ADMIN) || !s.creds.CapableHere(unix.CAP_SYS_ADMIN) {
		return unix.EPERM
	}
	switch n := ns.(type) {
	case *UTSNS:
		s.UTS = n
	case *IPCNS:
		s.IPC = n
	case *PidNS: // for children; the task itself stays where it is
		if !n.within(t.PidNS()) {
			return unix.EINVAL
		}
		s.PidForChildren = n
	case *CgroupNS:
		s.Cgroup = n
	case *TimeNS:
		s.Time, s.TimeForChildren = n.freeze(), n
	case *NetNS:
		s.Net = n
	case *MntNS:
		return s.installMnt(t, n)
	}
	return nil
}

// installUser is userns_install.
func (s *nsSet) installUser(t *Task, u *cred.UserNS) error {
	switch {
	case u == t.Creds().NS(), len(t.group.Threads()) > 1, t.sharesFS():
		return unix.EINVAL
	case !t.Creds().CapableIn(u, unix.CAP_SYS_ADMIN):
		return unix.EPERM
	}
	s.creds = t.Creds().Copy()
	s.creds.Enter(u)
	s.entersUser = true
	return nil
}

// sharesFS tells whether another task has the same root and working directory
// (CLONE_FS).
func (t *Task) sharesFS() bool {
	return t.fs != nil && len(t.kernel.Tasks(func(o *Task) bool {
		_, _, fs := o.Resources()
		return fs == t.fs
	})) > 1
}

// installMnt is mntns_install: root and working directory go to the
// namespace's root.
func (s *nsSet) installMnt(t *Task, n *MntNS) error {
	if !s.creds.CapableHere(unix.CAP_SYS_CHROOT) {
		return unix.EPERM
	}
	if n.Anonymous() || t.sharesFS() || n.Root().Dentry == nil {
		return unix.EINVAL
	}
	s.Mnt, s.entersMnt = n, true
	return nil
}
