// SPDX-License-Identifier: Apache-2.0

package tmpfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Rename implements vfs.Inode.
func (n *node) Rename(ctx vfs.Ctx, oldName string, moved vfs.Inode, newDir vfs.Inode, newName string, replaced vfs.Inode, flags uint32) error {
	m, ok1 := moved.(*node)
	to, ok2 := newDir.(*node)
	if !ok1 || !ok2 || to.fs != n.fs {
		return unix.EXDEV
	}
	r, _ := replaced.(*node)
	var below *vfs.Listing
	if r != nil && r.dir != nil && flags&unix.RENAME_EXCHANGE == 0 {
		var err error
		if below, err = r.listLower(ctx); err != nil {
			return err
		}
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	for _, p := range []*node{n, to, m, r} {
		if p != nil {
			n.fs.pinLocked(p)
		}
	}
	if err := n.stillThere(oldName, m, to, newName, r); err != nil {
		return err
	}
	if flags&unix.RENAME_EXCHANGE != 0 {
		n.exchange(oldName, m, to, newName, r)
		return nil
	}
	if r != nil && r.dir != nil && !r.dir.empty(below) {
		return unix.ENOTEMPTY
	}
	n.move(oldName, m, to, newName, r)
	if flags&unix.RENAME_WHITEOUT != 0 {
		n.dir.put(oldName, n.fs.newNode(unix.S_IFCHR, ctx.Creds().FSUID, ctx.Creds().FSGID), false)
		n.resized(direntSize)
		to.dir.put(newName, m, false) // it comes before the whiteout in a listing
	}
	return nil
}

// stillThere checks that the names are as the vfs found them.
func (n *node) stillThere(oldName string, m, to *node, newName string, r *node) error {
	if e := n.dir.names[oldName]; e == nil || e.node != m || to.dir.gone {
		return unix.ENOENT
	}
	e := to.dir.names[newName]
	switch {
	case r == nil && e != nil && e.node != nil:
		return unix.EEXIST
	case r != nil && (e == nil || e.node != r):
		return unix.ENOENT
	}
	return nil
}

func (n *node) move(oldName string, m, to *node, newName string, r *node) {
	if r != nil {
		if r.dir != nil {
			to.lost(r)
		} else {
			r.linkCounts(-1)
			r.changed(-1)
			defer r.freeIfGone()
		}
		to.resized(-direntSize)
	}
	to.dir.put(newName, m, false)
	n.dir.remove(oldName)
	n.handOver(m, to)
	n.resized(-direntSize)
	to.resized(direntSize)
	m.changed(0)
}

func (n *node) exchange(oldName string, m, to *node, newName string, r *node) {
	n.dir.put(oldName, r, false)
	to.dir.put(newName, m, false)
	n.handOver(m, to)
	to.handOver(r, n)
	n.resized(0)
	to.resized(0)
	m.changed(0)
	r.changed(0)
}

// handOver gives directory m another parent.
func (n *node) handOver(m, to *node) {
	if m.dir == nil || n == to {
		return
	}
	m.parent = to
	n.changed(-1)
	to.changed(1)
}
