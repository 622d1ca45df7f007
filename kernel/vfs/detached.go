// SPDX-License-Identifier: Apache-2.0

// This file is what mount_setattr(2), open_tree(2) and move_mount(2) do
// beyond mountop.go: trees of mounts that only a descriptor leads to.

package vfs

import "golang.org/x/sys/unix"

// treeOps are the operations of a descriptor that a detached tree of mounts
// goes with, unless it was attached somewhere by then (FMODE_NEED_UNMOUNT).
type treeOps struct {
	pathOps
	tree *Namespace
}

// Release implements FileOps.
func (o treeOps) Release(f *File) {
	o.pathOps.Release(f)
	o.tree.Dissolve()
}

// Detach is open_tree(2) with OPEN_TREE_CLONE: a copy of what is at source,
// as a tree of its own (open_detached_copy).
func (ns *Namespace) Detach(ctx Ctx, source Path, recurse bool) (*File, error) {
	mountMu.Lock()
	if source.Mount.unbindable {
		mountMu.Unlock()
		return nil, unix.EINVAL
	}
	m, err := ns.copyOf(source, recurse)
	if err != nil {
		mountMu.Unlock()
		return nil, err
	}
	tree := newAnonymous(ns.owner, m)
	mountMu.Unlock()
	return tree.openRoot(ctx), nil
}

// openRoot is a descriptor that leads to a detached tree, which goes with it.
func (ns *Namespace) openRoot(ctx Ctx) *File {
	m := ns.root
	if h, ok := m.root.inode.(PathHolder); ok {
		h.HoldPath()
	}
	f := NewFile(treeOps{tree: ns}, m.root.inode, Path{m, m.root}, unix.O_PATH)
	f.Creds = ctx.Creds()
	return f
}

// OpenPathOnly opens what is at a place with O_PATH.
func OpenPathOnly(ctx Ctx, p Path) *File {
	f := newPathFile(p, unix.O_PATH)
	f.Creds = ctx.Creds()
	return f
}

// PrivateMount is a mount, in no namespace, that shows what is at p and nothing that is mounted below it
// (clone_private_mount): what an overlay sees of its layers.
func PrivateMount(p Path) Path {
	return Path{newMount(p.Mount.super, p.Dentry, 0), p.Dentry}
}

// Beside is what is at q, which the mount of p's file system shows too, through p's mount.
func (p Path) Beside(q Path) Path { return Path{p.Mount, q.Dentry} }

// Above tells whether a is what is at p, or above it in its file system.
func (p Path) Above(q Path) bool { return above(p.Dentry, q.Dentry) }

// AttrChange is what mount_setattr(2) changes: flags of mounts (MS_*), and
// their propagation (MS_SHARED and its kin; 0: none).
type AttrChange struct {
	Set, Clear  uint32
	Propagation uint32
	Recurse     bool
}

// SetAttr is mount_setattr(2): all mounts change, or none does.
func (ns *Namespace) SetAttr(p Path, c *AttrChange) error {
	if !p.isRoot() {
		return unix.EINVAL
	}
	mountMu.Lock()
	defer mountMu.Unlock()
	if at := p.Mount.ns.Load(); at != ns && (at == nil || !at.anon || at.root != p.Mount) {
		return unix.EINVAL
	}
	list := []*Mount{p.Mount}
	if c.Recurse {
		list = nil
		each(p.Mount, func(m *Mount) { list = append(list, m) })
	}
	for _, m := range list {
		flags := m.Flags()&^c.Clear | c.Set
		if err := m.mayChange(flags); err != nil {
			return err
		}
		if c.Set&unix.MS_RDONLY != 0 && m.Flags()&unix.MS_RDONLY == 0 && m.writers.Load() > 0 {
			return unix.EBUSY
		}
	}
	for _, m := range list {
		m.flags.Store(m.Flags()&^c.Clear | c.Set)
		if c.Propagation != 0 {
			m.setPropagation(c.Propagation)
		}
	}
	p.Mount.ns.Load().touch()
	return nil
}
