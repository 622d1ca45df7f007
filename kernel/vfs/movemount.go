// SPDX-License-Identifier: Apache-2.0

// This file is what mount --move and move_mount(2) do: the checks of fs/namespace.c, in their order. ns is the
// caller's namespace.

package vfs

import (
	"slices"

	"golang.org/x/sys/unix"
)

// MoveTo is mount --move of the mount at source, and with detached trees move_mount(2).
func (ns *Namespace) MoveTo(source, at Path) error {
	mountMu.Lock()
	defer mountMu.Unlock()
	at = top(at)
	m := source.Mount
	switch {
	case at.gone():
		return unix.ENOENT
	case !source.isRoot(), source.Dentry.IsDir() != at.Dentry.IsDir():
		return unix.EINVAL
	}
	if err := ns.mayMove(m, at.Mount); err != nil {
		return err
	}
	return moveTree(m, at, nil)
}

// moveTree attaches a mount elsewhere, beneath over if that is there already, and dissolves the
// namespace of its own that it may have been the root of.
func moveTree(m *Mount, at Path, over *Mount) error {
	if at.Mount.peers != nil && m.hasUnbindable() {
		return unix.EINVAL
	}
	if at.Mount.below(m) {
		return unix.ELOOP
	}
	from := m.ns.Load()
	if over != nil {
		over.detach()
	}
	err := attachTree(m, at)
	switch {
	case over == nil:
	case err != nil:
		over.attach(at)
	default:
		over.attach(top(Path{m, m.root}))
	}
	if err != nil {
		return err
	}
	if from != nil && from.anon {
		from.root = nil
	}
	at.Mount.ns.Load().touch()
	return nil
}

func (ns *Namespace) mayMove(m, to *Mount) error {
	if m.in(ns) {
		up := m.Point().Mount
		if up == nil || m.locked || !to.in(ns) || up.peers != nil {
			return unix.EINVAL
		}
		return nil
	}
	from, into := m.ns.Load(), to.ns.Load()
	if from == nil || !from.anon || from.root != m || into == from || !to.in(ns) && (into == nil || !into.anon) {
		return unix.EINVAL
	}
	return nil
}

func (m *Mount) hasUnbindable() bool {
	return m.unbindable || slices.ContainsFunc(m.children, (*Mount).hasUnbindable)
}

// MoveBeneath is move_mount(2) with MOVE_MOUNT_BENEATH: the mount at source comes to lie below the one whose root at is,
// at the same place. root is the caller's.
func (ns *Namespace) MoveBeneath(source, at, root Path) error {
	mountMu.Lock()
	defer mountMu.Unlock()
	m := source.Mount
	if !at.isRoot() {
		return unix.EINVAL
	}
	over := top(at).Mount
	place := over.Point()
	switch {
	case place.Mount == nil:
		return unix.EINVAL
	case place.gone():
		return unix.ENOENT
	case !source.isRoot(), source.Dentry.IsDir() != at.Dentry.IsDir():
		return unix.EINVAL
	}
	if err := ns.mayMove(m, place.Mount); err != nil {
		return err
	}
	switch {
	case over.locked, m.on(m.root) != nil, over == root.Mount, place.Mount == ns.root, m.below(over),
		place.Mount.spreadsOver(over, place), m.in(ns) && place.Mount.spreadsOver(m, place):
		return unix.EINVAL
	}
	return moveTree(m, place, over)
}

// spreadsOver tells whether what is mounted at a place of m would be mounted on top of o as well
// (propagation_would_overmount).
func (m *Mount) spreadsOver(o *Mount, at Path) bool {
	if m.peers == nil || o.root != at.Dentry {
		return false
	}
	if o.peers == m.peers {
		return true
	}
	for g := o.master; g != nil; {
		if g == m.peers {
			return true
		}
		if len(g.members) == 0 {
			return false
		}
		g = g.members[0].master
	}
	return false
}

// SetGroup is move_mount(2) with MOVE_MOUNT_SET_GROUP: to gets the propagation of from.
func (ns *Namespace) SetGroup(ctx Ctx, source, target Path) error {
	mountMu.Lock()
	defer mountMu.Unlock()
	from, to := source.Mount, target.Mount
	for _, m := range []*Mount{from, to} {
		switch at := m.ns.Load(); {
		case at == nil:
			return unix.EINVAL
		case at.may(ctx.Creds()) != nil:
			return unix.EPERM
		}
	}
	switch {
	case !source.isRoot(), !target.isRoot(), from.super != to.super, !above(from.root, to.root), from.hasLocked(to.root),
		to.peers != nil, to.master != nil, from.peers == nil && from.master == nil:
		return unix.EINVAL
	}
	if g := from.master; g != nil {
		to.master = g
		g.slaves = behind(g.slaves, from, to)
	}
	if g := from.peers; g != nil {
		to.peers, to.unbindable = g, false
		g.members = behind(g.members, from, to)
	}
	return nil
}

// behind is a list with m behind from.
func behind(list []*Mount, from, m *Mount) []*Mount {
	return slices.Insert(slices.Clone(list), slices.Index(list, from)+1, m)
}
