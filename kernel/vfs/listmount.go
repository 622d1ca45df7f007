// SPDX-License-Identifier: Apache-2.0

// This file is what statmount(2) and listmount(2) find out about mounts (fs/namespace.c).

package vfs

import (
	"cmp"
	"slices"

	"golang.org/x/sys/unix"
)

// MountInfo is what statmount(2) tells of a mount.
type MountInfo struct {
	Mount      *Mount
	ID, Parent uint64 // unique ones; the parent of a root is itself
	OldID      int
	OldParent  int

	Propagation  uint64 // MS_SHARED and its kin
	PeerGroup    int
	Master       int
	From         int // the nearest peer group with a member that the caller sees
	Root, Point  string
	HasPoint     bool // the caller's root leads there
	Namespace    uint64
	SuperDev     uint64
	SuperFlags   uint32
	Type, Source string
	Options      string
}

// namespaces are those that can be found by their number. mountMu guards it.
var namespaces = map[uint64]*Namespace{}

// FindNamespace is the namespace with a number, or nil.
func FindNamespace(number uint64) *Namespace {
	mountMu.RLock()
	defer mountMu.RUnlock()
	return namespaces[number]
}

// find is the mount of the namespace with a unique id, or nil.
func (ns *Namespace) find(id uint64) *Mount {
	if i := slices.IndexFunc(ns.list, func(m *Mount) bool { return m.Unique == id }); i >= 0 {
		return ns.list[i]
	}
	return nil
}

// viewOf is from where the caller sees a namespace: its own from its root.
func (ns *Namespace) viewOf(own *Namespace, root Path) Path {
	if ns == own || ns.root == nil {
		return root
	}
	return top(Path{ns.root, ns.root.root})
}

// Info is statmount(2): ENOENT, EPERM. own and root are the caller's.
func (ns *Namespace) Info(ctx Ctx, id uint64, own *Namespace, root Path) (*MountInfo, error) {
	i, seen, err := ns.info(ctx, id, own, root)
	if err != nil {
		return nil, err
	}
	m := i.Mount
	i.Point, i.HasPoint = m.PlaceName(seen)
	i.Root, i.Options = m.RootName(), m.Options()
	return i, nil
}

func (ns *Namespace) info(ctx Ctx, id uint64, own *Namespace, root Path) (*MountInfo, Path, error) {
	mountMu.RLock()
	defer mountMu.RUnlock()
	m := ns.find(id)
	if m == nil {
		return nil, Path{}, unix.ENOENT
	}
	root = ns.viewOf(own, root)
	if !(Path{m, m.root}).beneath(root) && ns.may(ctx.Creds()) != nil {
		return nil, Path{}, unix.EPERM
	}
	i := &MountInfo{
		Mount: m, ID: m.Unique, OldID: m.ID, Parent: m.Unique, OldParent: m.ID, Namespace: ns.number,
		SuperDev: m.FS.Dev(), SuperFlags: m.super.Flags(), Type: m.FS.Name(), Source: m.Source,
	}
	if m.FS.ReadOnly() {
		i.SuperFlags |= unix.MS_RDONLY
	}
	if up := m.Point().Mount; up != nil {
		i.Parent, i.OldParent = up.Unique, up.ID
	}
	i.propagation(m, root)
	return i, root, nil
}

func (i *MountInfo) propagation(m *Mount, root Path) {
	if m.peers != nil {
		i.Propagation |= unix.MS_SHARED
		i.PeerGroup = m.peers.id
	}
	if m.master != nil {
		i.Propagation |= unix.MS_SLAVE
		i.Master = m.master.id
		if g := m.dominating(root); g != nil {
			i.From = g.id
		}
	}
	if m.unbindable {
		i.Propagation |= unix.MS_UNBINDABLE
	}
	if i.Propagation == 0 {
		i.Propagation = unix.MS_PRIVATE
	}
}

// AllMounts stands for the caller's root as the mount to list from (LSMT_ROOT).
const AllMounts = ^uint64(0)

// ListMounts is listmount(2): the unique ids of at most n mounts below the mount with an id, beyond the one
// with id last (0: from the start), backwards with reverse.
func (ns *Namespace) ListMounts(ctx Ctx, id, last uint64, n int, reverse bool, own *Namespace, root Path) ([]uint64, error) {
	mountMu.RLock()
	defer mountMu.RUnlock()
	root = ns.viewOf(own, root)
	from := root
	if id != AllMounts {
		m := ns.find(id)
		if m == nil {
			return nil, unix.ENOENT
		}
		from = Path{m, m.root}
	}
	if !from.beneath(root) && ns.may(ctx.Creds()) != nil {
		return nil, unix.EPERM
	}
	all := slices.Clone(ns.list)
	slices.SortFunc(all, func(a, b *Mount) int { return cmp.Compare(a.Unique, b.Unique) })
	if reverse {
		slices.Reverse(all)
	}
	var list []uint64
	for _, m := range all {
		switch {
		case len(list) >= n:
			return list, nil
		case last != 0 && (reverse && m.Unique >= last || !reverse && m.Unique <= last):
		case m.Unique != id && (Path{m, m.root}).beneath(from):
			list = append(list, m.Unique)
		}
	}
	return list, nil
}
