// SPDX-License-Identifier: Apache-2.0

// This file makes, removes and moves names. What a lower layer has by a name that goes is hidden by a whiteout: a
// character device 0, 0.

package overlay

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Create implements vfs.Inode.
func (n *node) Create(ctx vfs.Ctx, name string, mode uint32, rdev uint64) (vfs.Inode, error) {
	return n.make(ctx, name, mode, func(as vfs.Ctx, at vfs.At, name string) error {
		return vfs.Mknod(as, at, name, mode, 0, rdev)
	})
}

// Mkdir implements vfs.Inode.
func (n *node) Mkdir(ctx vfs.Ctx, name string, mode uint32) (vfs.Inode, error) {
	return n.make(ctx, name, mode, func(as vfs.Ctx, at vfs.At, name string) error { return vfs.Mkdir(as, at, name, mode, 0) })
}

// Symlink implements vfs.Inode.
func (n *node) Symlink(ctx vfs.Ctx, name, target string) (vfs.Inode, error) {
	return n.make(ctx, name, unix.S_IFLNK|0o777, func(as vfs.Ctx, at vfs.At, name string) error { return vfs.Symlink(as, target, at, name) })
}

// Link implements vfs.Inode.
func (n *node) Link(ctx vfs.Ctx, name string, target vfs.Inode) error {
	t, ok := target.(*node)
	if !ok || t.fs != n.fs {
		return unix.EXDEV
	}
	if err := t.copyUp(ctx, all); err != nil {
		return err
	}
	_, err := n.make(ctx, name, 0, func(as vfs.Ctx, at vfs.At, name string) error { return vfs.Link(as, *t.upper.Load(), at, name) })
	return err
}

// make makes a name by what mk does in a directory of the upper layer. A mode of 0: the file is there already.
func (n *node) make(ctx vfs.Ctx, name string, mode uint32, mk func(as vfs.Ctx, at vfs.At, name string) error) (vfs.Inode, error) {
	if err := n.copyUp(ctx, all); err != nil {
		return nil, err
	}
	fs, up := n.fs, *n.upper.Load()
	_, err := fs.find(ctx, up, name)
	switch err {
	case unix.ENOENT:
		err = mk(fs.asOwner(ctx), at(up), name)
	case nil: // a whiteout: nothing else would have been found as no name
		err = n.makeOver(ctx, up, name, mode, mk)
	}
	if err != nil {
		return nil, err
	}
	p, err := fs.find(ctx, up, name)
	if err != nil {
		return nil, err
	}
	return fs.nodeOf(ctx, n, name, &p, nil)
}

// makeOver makes a file beside, and puts it in place of the whiteout in one step.
func (n *node) makeOver(ctx vfs.Ctx, up vfs.Path, name string, mode uint32, mk func(as vfs.Ctx, at vfs.At, name string) error) error {
	fs, temp := n.fs, n.fs.tempName()
	err := mk(fs.asOwner(ctx), at(fs.work), temp)
	if err == nil && mode != 0 {
		err = n.dress(ctx, temp, name, mode)
	}
	if err == nil {
		err = fs.cover(ctx, temp, up, name, mode&unix.S_IFMT == unix.S_IFDIR)
	}
	if err != nil {
		_ = fs.discard(ctx, temp)
	}
	return err
}

// dress gives what was made beside what it would have got in its place: owner and mode, and a directory hides what is below.
func (n *node) dress(ctx vfs.Ctx, temp, name string, mode uint32) error {
	p, err := n.fs.find(ctx, n.fs.work, temp)
	if err != nil {
		return err
	}
	da, err := n.Attr(ctx)
	if err != nil {
		return err
	}
	as := n.fs.as(ctx)
	u, g, mode := vfs.NewOwner(ctx.Creds(), &da, mode)
	lists, mode, err := vfs.InheritACL(ctx, n, mode)
	if err != nil {
		return err
	}
	s := vfs.SetAttr{Valid: vfs.AttrUID | vfs.AttrGID | vfs.AttrMode, UID: u, GID: g, Mode: mode & 0o7777}
	if mode&unix.S_IFMT == unix.S_IFLNK {
		s.Valid &^= vfs.AttrMode
	}
	if err := p.Inode().SetAttr(as, &s); err != nil {
		return err
	}
	for kind, list := range lists {
		if list != nil {
			if err := putACL(as, p.Inode(), acl.Kind(kind), list); err != nil {
				return err
			}
		}
	}
	if mode&unix.S_IFMT != unix.S_IFDIR {
		return nil
	}
	low, err := n.below(ctx, name, false)
	if err != nil || low == nil {
		return err
	}
	return n.fs.makeOpaque(ctx, p, low)
}

// makeOpaque makes a directory of the upper layer hide what lies below it: by an attribute, or where there can be none by a
// whiteout for each name.
func (fs *FS) makeOpaque(ctx vfs.Ctx, p vfs.Path, low []vfs.Path) error {
	err := p.Inode().Setxattr(fs.as(ctx), fs.private+"opaque", []byte("y"), 0)
	if err != unix.EOPNOTSUPP && err != unix.EPERM || !low[0].Dentry.IsDir() {
		return err
	}
	list, err := (&node{fs: fs, lowers: low}).list(ctx)
	for _, e := range list {
		if _, err := fs.find(ctx, p, e.Name); err != unix.ENOENT {
			continue
		}
		if err := fs.whiteout(ctx, p, e.Name); err != nil {
			return err
		}
	}
	return err
}

// cover puts what is in the work directory in place of what the upper layer has by a name, and discards that.
func (fs *FS) cover(ctx vfs.Ctx, temp string, up vfs.Path, name string, isDir bool) error {
	flags := uint32(0)
	if isDir {
		flags = unix.RENAME_EXCHANGE
	}
	err := vfs.Rename(fs.as(ctx), at(fs.work), temp, at(up), name, flags)
	if err == nil && isDir {
		err = fs.discard(ctx, temp)
	}
	return err
}

// Unlink implements vfs.Inode.
func (n *node) Unlink(ctx vfs.Ctx, name string, target vfs.Inode) error {
	err := n.remove(ctx, name, false)
	if err == nil {
		target.(*node).goes()
	}
	return err
}

// Rmdir implements vfs.Inode.
func (n *node) Rmdir(ctx vfs.Ctx, name string, target vfs.Inode) error {
	if err := target.(*node).mustBeEmpty(ctx); err != nil {
		return err
	}
	err := n.remove(ctx, name, true)
	if err == nil {
		target.(*node).goes()
	}
	return err
}

// goes notes that a name of the file is gone: if a lower layer has it, nothing brings it up again.
func (n *node) goes() {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	n.gone = true
}

func (n *node) mustBeEmpty(ctx vfs.Ctx) error {
	list, err := n.list(ctx)
	if err == nil && len(list) > 0 {
		err = unix.ENOTEMPTY
	}
	return err
}

// remove takes a name away: from the upper layer if it is there only, else by a whiteout.
func (n *node) remove(ctx vfs.Ctx, name string, isDir bool) error {
	if err := n.copyUp(ctx, all); err != nil {
		return err
	}
	fs, up := n.fs, *n.upper.Load()
	low, err := n.below(ctx, name, false)
	if err != nil {
		return err
	}
	p, err := fs.find(ctx, up, name)
	switch {
	case err == nil && low == nil:
		return fs.removeAt(ctx, up, name, p)
	case err == unix.ENOENT:
		return fs.whiteout(ctx, up, name)
	case err != nil:
		return err
	}
	temp := fs.tempName()
	if err := fs.whiteout(ctx, fs.work, temp); err != nil {
		return err
	}
	if err := fs.cover(ctx, temp, up, name, isDir); err != nil {
		_ = fs.discard(ctx, temp)
		return err
	}
	return nil
}

func (fs *FS) whiteout(ctx vfs.Ctx, dir vfs.Path, name string) error {
	return vfs.Mknod(fs.as(ctx), at(dir), name, unix.S_IFCHR, 0, 0)
}

// Rename implements vfs.Inode (ovl_rename).
func (n *node) Rename(ctx vfs.Ctx, oldName string, moved, newDir vfs.Inode, newName string, replaced vfs.Inode, flags uint32) error {
	to, ok := newDir.(*node)
	if !ok || to.fs != n.fs {
		return unix.EXDEV
	}
	if flags&unix.RENAME_WHITEOUT != 0 {
		return unix.EINVAL
	}
	m, _ := moved.(*node)
	r, _ := replaced.(*node)
	exchange := flags&unix.RENAME_EXCHANGE != 0
	if m.merged() || exchange && r.merged() {
		return unix.EXDEV // without redirects what is below can't go along
	}
	if r != nil && r.isDir() && !exchange {
		if err := r.mustBeEmpty(ctx); err != nil {
			return err
		}
	}
	for _, o := range []*node{m, n, to} {
		if err := o.copyUp(ctx, all); err != nil {
			return err
		}
	}
	if exchange {
		return n.exchange(ctx, oldName, m, to, newName, r)
	}
	if err := n.moveUpper(ctx, oldName, m, to, newName); err != nil {
		return err
	}
	n.fs.mu.Lock()
	m.parent, m.name = to, newName
	if r != nil {
		r.gone = true
	}
	n.fs.mu.Unlock()
	return nil
}

// merged tells whether it is a directory that goes on in lower layers.
func (n *node) merged() bool { return n != nil && n.isDir() && len(n.lowers) > 0 }

// hide makes the directory m, which comes to a place where lower layers have something, one that hides that.
func (m *node) hide(ctx vfs.Ctx, dir *node, name string) error {
	if !m.isDir() {
		return nil
	}
	low, err := dir.below(ctx, name, false)
	if err != nil || low == nil {
		return err
	}
	return m.fs.makeOpaque(ctx, m.real(), low)
}

func (n *node) exchange(ctx vfs.Ctx, oldName string, m, to *node, newName string, r *node) error {
	if err := r.copyUp(ctx, all); err != nil {
		return err
	}
	if err := m.hide(ctx, to, newName); err != nil {
		return err
	}
	if err := r.hide(ctx, n, oldName); err != nil {
		return err
	}
	err := vfs.Rename(n.fs.as(ctx), at(*n.upper.Load()), oldName, at(*to.upper.Load()), newName, unix.RENAME_EXCHANGE)
	if err != nil {
		return err
	}
	n.fs.mu.Lock()
	m.parent, m.name, r.parent, r.name = to, newName, n, oldName
	n.fs.mu.Unlock()
	return nil
}

// moveUpper moves a file of the upper layer, over what stands there, and leaves a whiteout if lower layers have the old name.
func (n *node) moveUpper(ctx vfs.Ctx, oldName string, m, to *node, newName string) error {
	fs, from, dir := n.fs, *n.upper.Load(), *to.upper.Load()
	if err := m.hide(ctx, to, newName); err != nil {
		return err
	}
	low, err := n.below(ctx, oldName, false)
	if err != nil {
		return err
	}
	flags := uint32(0)
	if low != nil {
		flags = unix.RENAME_WHITEOUT
	}
	p, err := fs.find(ctx, dir, newName)
	if err != nil && err != unix.ENOENT {
		return err
	}
	if err == nil && (p.Dentry.IsDir() || m.isDir()) {
		// A directory with whiteouts, or a whiteout in the way of one: it changes places with what comes, and goes.
		if err := vfs.Rename(fs.as(ctx), at(from), oldName, at(dir), newName, unix.RENAME_EXCHANGE); err != nil {
			return err
		}
		if low != nil && isWhiteout(ctx, p) {
			return nil
		}
		if err := fs.removeAt(ctx, from, oldName, p); err != nil || low == nil {
			return err
		}
		return fs.whiteout(ctx, from, oldName)
	}
	return vfs.Rename(fs.as(ctx), at(from), oldName, at(dir), newName, flags)
}

// Tmpfile implements vfs.TmpfileMaker.
func (n *node) Tmpfile(ctx vfs.Ctx, mode uint32, linkable bool) (vfs.Inode, error) {
	if err := n.copyUp(ctx, all); err != nil {
		return nil, err
	}
	how := vfs.OpenHow{Flags: unix.O_TMPFILE | unix.O_RDWR, Mode: mode & 0o7777}
	if !linkable {
		how.Flags |= unix.O_EXCL
	}
	f, err := vfs.Open(n.fs.asOwner(ctx), at(*n.upper.Load()), ".", how)
	if err != nil {
		return nil, err
	}
	p := f.Path
	inode, err := n.fs.nodeOf(ctx, n, "", &p, nil)
	if err != nil {
		f.DecRef()
		return nil, err
	}
	inode.(*node).keep.Store(f)
	return inode, nil
}
