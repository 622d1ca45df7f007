// SPDX-License-Identifier: Apache-2.0

// This file is what mount(2), umount2(2) and pivot_root(2) do, once they know
// the places: the checks of fs/namespace.c, in their order. ns is the caller's
// namespace.

package vfs

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// MayMount is EPERM for who must not change the namespace (may_mount).
func (ns *Namespace) MayMount(ctx Ctx) error { return ns.may(ctx.Creds()) }

// isRoot tells whether p is the root of its mount (path_mounted).
func (p Path) isRoot() bool { return p.Mount.root == p.Dentry && p.Dentry != nil }

// gone tells whether nothing can be mounted at a place any more: its name was
// removed, or its mount is none (lock_mount).
func (p Path) gone() bool { return p.Dentry.IsUnlinked() || p.Mount.ns.Load() == nil }

// in tells whether the mount is in the namespace (check_mnt).
func (m *Mount) in(ns *Namespace) bool { return m.ns.Load() == ns }

// Add attaches a new mount of a file system at a place (do_new_mount).
func (ns *Namespace) Add(fs FileSystem, sbFlags, flags uint32, source string, owner *cred.UserNS, at Path) error {
	s := superOf(fs, owner)
	if s.flags.Load() == 0 {
		s.flags.Store(sbFlags & superFlags)
	}
	m := newMount(s, s.root, flags)
	m.Source = source
	mountMu.Lock()
	defer mountMu.Unlock()
	return ns.addLocked(m, at)
}

func (ns *Namespace) addLocked(m *Mount, at Path) error {
	at = top(at)
	switch {
	case at.gone():
		return unix.ENOENT
	case !at.Mount.in(ns):
		return unix.EINVAL
	case at.isRoot() && at.Mount.super == m.super && at.Mount.root == m.root:
		return unix.EBUSY
	}
	return graft(m, at)
}

// Loopback is mount --bind of what is at source.
func (ns *Namespace) Loopback(source, at Path, recurse bool) error {
	mountMu.Lock()
	defer mountMu.Unlock()
	at = top(at)
	switch {
	case isNamespaceFile(source.Dentry) && !source.namespaceNumberedAfter(ns):
		return unix.EINVAL
	case at.gone():
		return unix.ENOENT
	case source.Mount.unbindable, !at.Mount.in(ns):
		return unix.EINVAL
	}
	m, err := ns.copyOf(source, recurse)
	if err != nil {
		return err
	}
	return graft(m, at)
}

// namespaceNumberedAfter tells whether p is the file of a namespace that is
// younger than ns (mnt_ns_loop).
func (p Path) namespaceNumberedAfter(ns *Namespace) bool {
	return ns.number < p.Dentry.inode.(NamespaceFile).MountNamespace().number
}

// copyOf is __do_loopback: the tree that a bind mount is.
func (ns *Namespace) copyOf(source Path, recurse bool) (*Mount, error) {
	m := source.Mount
	if !m.in(ns) && !m.bindable() {
		return nil, unix.EINVAL
	}
	if !recurse && m.hasLocked(source.Dentry) {
		return nil, unix.EINVAL
	}
	c := copying{}
	if recurse {
		return c.tree(m, source.Dentry)
	}
	if m.unbindable {
		return nil, unix.EINVAL
	}
	return c.clone(m, source.Dentry), nil
}

// bindable tells whether a mount that is not in the caller's namespace can be
// bound all the same: a namespace's or process's file, a detached tree.
func (m *Mount) bindable() bool {
	if m.root == nil {
		return m.FS.Name() == "nsfs" || m.FS.Name() == "pidfs"
	}
	ns := m.ns.Load()
	return ns != nil && ns.anon
}

// Propagate is mount --make-shared and its kin.
func (ns *Namespace) Propagate(ctx Ctx, p Path, kind uint32, recurse bool) error {
	mountMu.Lock()
	defer mountMu.Unlock()
	at := p.Mount.ns.Load()
	switch {
	case at == nil:
		return unix.EINVAL
	case at.may(ctx.Creds()) != nil:
		return unix.EPERM
	}
	if !recurse {
		p.Mount.setPropagation(kind)
		return nil
	}
	each(p.Mount, func(m *Mount) { m.setPropagation(kind) })
	return nil
}

// mayChange is can_change_locked_flags.
func (m *Mount) mayChange(flags uint32) error {
	locked := m.lockedFlags &^ unix.MS_RELATIME
	if locked&^flags != 0 {
		return unix.EPERM
	}
	if m.lockedFlags&unix.MS_RELATIME != 0 && m.atime() != flags&(atimeMask|unix.MS_NODIRATIME) {
		return unix.EPERM
	}
	return nil
}

func (m *Mount) atime() uint32 { return m.Flags() & (atimeMask | unix.MS_NODIRATIME) }

// ChangeFlags is mount -o remount,bind: only the flags of the mount.
func (ns *Namespace) ChangeFlags(p Path, flags uint32) error {
	m := p.Mount
	mountMu.Lock()
	defer mountMu.Unlock()
	if !m.in(ns) || !p.isRoot() {
		return unix.EINVAL
	}
	if err := m.mayChange(flags); err != nil {
		return err
	}
	if flags&unix.MS_RDONLY != 0 && m.Flags()&unix.MS_RDONLY == 0 && m.writers.Load() > 0 {
		return unix.EBUSY
	}
	m.flags.Store(flags)
	ns.touch()
	return nil
}

// Reconfigurer is a file system whose options can change.
type Reconfigurer interface {
	Reconfigure(ctx Ctx, options []Option) error
}

// FixedReadOnly is a file system that says EROFS to who would make it writable.
type FixedReadOnly interface{ FixedReadOnly() bool }

// Remount is mount -o remount: the file system's flags and options, and the
// mount's flags. parse makes the options of the call's data.
func (ns *Namespace) Remount(ctx Ctx, p Path, sbFlags, flags uint32, options []Option, check func() error) error {
	m := p.Mount
	if !m.in(ns) || !p.isRoot() {
		return unix.EINVAL
	}
	if err := m.mayChange(flags); err != nil {
		return err
	}
	if err := check(); err != nil {
		return err
	}
	if err := m.super.Reconfigure(ctx, sbFlags, options); err != nil {
		return err
	}
	m.flags.Store(flags)
	ns.touch()
	return nil
}

// Reconfigure changes the file system for all its mounts: EBUSY if it is to be
// read-only, and a file is open for writing.
func (s *Super) Reconfigure(ctx Ctx, flags uint32, options []Option) error {
	if !ctx.Creds().CapableIn(s.owner, unix.CAP_SYS_ADMIN) {
		return unix.EPERM
	}
	if err := MountsFixed(ctx.Creds()); err != nil {
		return err
	}
	if flags&unix.MS_RDONLY != 0 && !s.ReadOnly() && s.written() {
		return unix.EBUSY
	}
	if r, ok := s.fs.(FixedReadOnly); ok && r.FixedReadOnly() && flags&unix.MS_RDONLY == 0 {
		return unix.EROFS
	}
	if r, ok := s.fs.(Reconfigurer); ok {
		if err := r.Reconfigure(ctx, options); err != nil {
			return err
		}
	}
	const changes = unix.MS_RDONLY | unix.MS_SYNCHRONOUS | unix.MS_MANDLOCK | unix.MS_LAZYTIME // MS_RMT_MASK
	s.flags.Store(s.flags.Load()&^changes | flags&changes)
	return nil
}

// written tells whether a file is open for writing through any mount. A mount
// that is in no namespace any more is not found.
func (s *Super) written() bool { return s.writers.Load() > 0 }

// Users tells whether anyone has its root or working directory in a mount.
type Users func(*Mount) bool

// Unmount is umount2(2). root is the caller's root.
func (ns *Namespace) Unmount(ctx Ctx, p Path, flags uint32, root Path, users Users) error {
	m := p.Mount
	switch {
	case ns.may(ctx.Creds()) != nil:
		return unix.EPERM
	case !p.isRoot(), !m.in(ns), m.locked:
		return unix.EINVAL
	case flags&unix.MNT_FORCE != 0 && !ctx.Creds().CapableIn(m.super.owner, unix.CAP_SYS_ADMIN):
		return unix.EPERM
	}
	if err := MountsFixed(ctx.Creds()); err != nil {
		return err
	}
	mountMu.Lock()
	defer mountMu.Unlock()
	if flags&unix.MNT_EXPIRE != 0 {
		switch {
		case m == root.Mount, flags&(unix.MNT_FORCE|unix.MNT_DETACH) != 0:
			return unix.EINVAL
		case len(m.children) > 0, m.users.Load() > 0, users(m):
			return unix.EBUSY
		case !m.expiring.Swap(true):
			return unix.EAGAIN
		}
	}
	if m == root.Mount && flags&unix.MNT_DETACH == 0 {
		if m.super.ReadOnly() {
			return nil
		}
		return m.super.Reconfigure(ctx, m.super.Flags()|unix.MS_RDONLY, nil)
	}
	switch {
	case !m.in(ns), m.point.Load() == nil, m.locked:
		return unix.EINVAL
	case flags&unix.MNT_DETACH == 0 && m.busy(users):
		return unix.EBUSY
	}
	umountTree(m, true)
	return nil
}

// PivotRoot is pivot_root(2): newRoot becomes the root of the namespace, and what
// was the root goes to putOld. The caller then changes who has the old root.
func (ns *Namespace) PivotRoot(newRoot, putOld, root Path) error {
	mountMu.Lock()
	defer mountMu.Unlock()
	nw, old := newRoot.Mount, root.Mount
	putOld = top(putOld)
	switch {
	case putOld.Dentry.IsUnlinked():
		return unix.ENOENT
	case putOld.Mount.peers != nil, upShared(nw), upShared(old),
		!old.in(ns), !nw.in(ns), nw.locked:
		return unix.EINVAL
	case newRoot.Dentry.IsUnlinked():
		return unix.ENOENT
	case nw == old, putOld.Mount == old:
		return unix.EBUSY
	case !root.isRoot(), old.point.Load() == nil, !newRoot.isRoot(), nw.point.Load() == nil:
		return unix.EINVAL
	case !putOld.beneath(newRoot), !newRoot.beneath(root):
		return unix.EINVAL
	}
	at := *old.point.Load()
	nw.detach()
	if old.locked {
		nw.locked, old.locked = true, false
	}
	old.detach()
	old.attach(putOld)
	nw.attach(at)
	ns.touch()
	return nil
}

// upShared tells whether the mount that m is on is shared.
func upShared(m *Mount) bool {
	up := m.Point().Mount
	return up != nil && up.peers != nil
}

// beneath tells whether p is reachable from root (is_path_reachable).
func (p Path) beneath(root Path) bool {
	for p.Mount != root.Mount {
		at := p.Mount.point.Load()
		if at == nil {
			return false
		}
		p = *at
	}
	return above(root.Dentry, p.Dentry)
}

// Reveals tells whether a new mount of a type would show what the namespace
// must not see: it belongs to a user namespace below the first, and has no mount of
// the type that shows all of it (mount_too_revealing). flags gets what such
// mounts have locked.
func (ns *Namespace) Reveals(name string, flags *uint32, sbFlags uint32) bool {
	if ns.owner == cred.InitialNS {
		return false
	}
	readOnly := (*flags|sbFlags)&unix.MS_RDONLY != 0
	mountMu.RLock()
	defer mountMu.RUnlock()
	return !slices.ContainsFunc(ns.list, func(m *Mount) bool {
		switch {
		case m.FS.Name() != name, m.root != m.super.root,
			m.lockedFlags&unix.MS_RDONLY != 0 && !readOnly,
			m.lockedFlags&unix.MS_RELATIME != 0 && m.atime() != *flags&(atimeMask|unix.MS_NODIRATIME):
			return false
		}
		return !slices.ContainsFunc(m.children, func(c *Mount) bool { return c.locked })
	})
}
