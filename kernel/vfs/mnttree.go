// SPDX-License-Identifier: Apache-2.0

// This file copies, attaches and takes down trees of mounts. Its functions are
// called with mountMu held.

package vfs

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// copying is how a tree of mounts is copied (CL_*), and what became of each.
type copying struct {
	unbindable    bool // take unbindable mounts along
	nsFiles       bool // and those of mount namespaces' files
	sharedToSlave bool // copies of shared mounts are their slaves
	slave         bool // as above
	makeShared    bool // and shared on their own
	private       bool
	dropLocked    bool // the copy is not locked, as its source was
	copies        map[*Mount]*Mount
}

// clone is a mount that shows dentry d of what m shows (clone_mnt).
func (c *copying) clone(m *Mount, d *Dentry) *Mount {
	n := newMount(m.super, d, m.Flags())
	n.Source = m.Source
	n.lockedFlags, n.unbindable = m.lockedFlags, m.unbindable
	apart := c.slave || c.private || c.sharedToSlave && m.peers != nil
	switch {
	case c.private:
	case m.peers != nil && !apart:
		m.peers.join(n)
		n.enslave(m.master)
	case m.peers != nil:
		n.enslave(m.peers)
	default:
		n.enslave(m.master)
	}
	if c.makeShared && n.peers == nil {
		newPeerGroup().join(n)
	}
	return n
}

// tree copies what m shows below d, with what is mounted there (copy_tree).
func (c *copying) tree(m *Mount, d *Dentry) (*Mount, error) {
	if !c.unbindable && m.unbindable {
		return nil, unix.EINVAL
	}
	if c.copies == nil {
		c.copies = map[*Mount]*Mount{}
	}
	n := c.clone(m, d)
	c.copies[m] = n
	for _, kid := range m.children {
		at := kid.Point()
		if !above(d, at.Dentry) {
			continue
		}
		if err := c.child(n, kid, at.Dentry); err != nil {
			umountCopy(n)
			return nil, err
		}
	}
	return n, nil
}

// child copies what is mounted on a dentry of the original to that of n.
func (c *copying) child(n, kid *Mount, at *Dentry) error {
	switch {
	case kid.unbindable && !c.unbindable && kid.locked:
		return unix.EPERM
	case kid.unbindable && !c.unbindable, isNamespaceFile(kid.root) && !c.nsFiles:
		return nil
	}
	k, err := c.tree(kid, kid.root)
	if err != nil {
		return err
	}
	k.locked = kid.locked && !c.dropLocked
	k.attach(Path{n, at})
	return nil
}

// umountCopy undoes a copy that nobody saw.
func umountCopy(m *Mount) {
	for _, kid := range slices.Clone(m.children) {
		umountCopy(kid)
	}
	m.makePrivate()
	m.detach()
	m.end()
}

// NamespaceFile is an inode that is a mount namespace: it must not be mounted
// where that would make a circle.
type NamespaceFile interface{ MountNamespace() *Namespace }

// NamespaceMounted tells whether a file that is the namespace is mounted.
func NamespaceMounted(ns *Namespace) bool {
	mountMu.RLock()
	defer mountMu.RUnlock()
	for _, list := range mountedOn {
		for _, m := range list {
			if n, ok := m.root.inode.(NamespaceFile); ok && n.MountNamespace() == ns {
				return true
			}
		}
	}
	return false
}

func isNamespaceFile(d *Dentry) bool {
	n, ok := d.inode.(NamespaceFile)
	return ok && n.MountNamespace() != nil
}

// graft attaches a new tree of mounts at a place, on top of what is mounted
// there (graft_tree), and where its propagation takes it.
func graft(m *Mount, at Path) error {
	at = top(at)
	switch {
	case at.Dentry.IsUnlinked():
		umountCopy(m)
		return unix.ENOENT
	case at.Dentry.IsDir() != m.root.IsDir():
		umountCopy(m)
		return unix.ENOTDIR
	}
	err := attachTree(m, at)
	if err != nil {
		umountCopy(m)
	}
	return err
}

// attachTree is attach_recursive_mnt: m goes to a place, and copies of it to
// the places that get what that gets.
func attachTree(m *Mount, at Path) error {
	ns := at.Mount.ns.Load()
	moved := 0
	each(m, func(o *Mount) {
		if o.ns.Load() != ns {
			moved++
		}
	})
	if ns != nil && len(ns.list)+moved > MaxMounts {
		return unix.ENOSPC
	}
	var copies []placed
	if at.Mount.peers != nil {
		each(m, func(o *Mount) { o.share() })
		var err error
		if copies, err = propagate(m, at); err != nil {
			for _, c := range copies {
				umountCopy(c.mount)
			}
			return err
		}
	}
	m.place(at)
	for _, c := range copies {
		c.mount.placeBeneath(c.at)
	}
	return nil
}

// place attaches a tree, and enters it in the namespace that it comes to.
func (m *Mount) place(at Path) {
	m.detach()
	m.attach(at)
	ns := at.Mount.ns.Load()
	each(m, func(o *Mount) {
		if old := o.ns.Load(); old != ns {
			if old != nil {
				old.disown(o)
			}
			if ns != nil {
				ns.own(o)
			}
		}
	})
}

// placeBeneath is place for a copy: what is mounted there already comes to lie
// on top of it.
func (m *Mount) placeBeneath(at Path) {
	over := at.Mount.on(at.Dentry)
	if over != nil {
		over.detach()
	}
	m.place(at)
	if over != nil {
		over.attach(top(Path{m, m.root}))
	}
}

// umountTree takes a tree of mounts down (umount_tree), and with spread what
// was mounted elsewhere because of it.
func umountTree(m *Mount, spread bool) {
	var list []*Mount
	each(m, func(o *Mount) { list = append(list, o) })
	if spread {
		list = append(list, spreadUmount(list)...)
	}
	gone := map[*Mount]bool{}
	for _, o := range list {
		gone[o] = true
	}
	for _, o := range list {
		at := o.point.Load()
		if o.locked && at != nil && gone[at.Mount] {
			// Stays on what it covers, for who is still there.
		} else {
			o.detach()
		}
		if ns := o.ns.Load(); ns != nil {
			ns.disown(o)
		}
		o.makePrivate()
		notifyUnmount(o)
	}
}

// hasLocked tells whether something that is mounted below d of m covers what
// must not be seen (has_locked_children).
func (m *Mount) hasLocked(d *Dentry) bool {
	return slices.ContainsFunc(m.children, func(c *Mount) bool { return c.locked && above(d, c.Point().Dentry) })
}

// below tells whether m lies below o, or is o.
func (m *Mount) below(o *Mount) bool {
	for ; m != nil; m = m.Point().Mount {
		if m == o {
			return true
		}
	}
	return false
}

// newAnonymous is the namespace of a detached tree: the root of a tree that is in no namespace which anyone is in.
func newAnonymous(owner *cred.UserNS, root *Mount) *Namespace {
	ns := &Namespace{owner: owner, number: cred.NextNamespace(), anon: true, root: root}
	each(root, ns.own)
	return ns
}
