// SPDX-License-Identifier: Apache-2.0

// This file copies files to the upper layer before they are changed.

package overlay

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// all: the whole of a file is copied.
const all = -1

// copyUp makes the file one of the upper layer, with no more than size bytes of its data.
func (n *node) copyUp(ctx vfs.Ctx, size int64) error {
	if n.upper.Load() != nil {
		return nil
	}
	if n.fs.ReadOnly() {
		return unix.EROFS
	}
	n.fs.change.Lock()
	defer n.fs.change.Unlock()
	return n.copyUpLocked(ctx, size)
}

func (n *node) copyUpLocked(ctx vfs.Ctx, size int64) error {
	if n.upper.Load() != nil {
		return nil
	}
	dir, name := n.where()
	if dir == nil {
		return unix.EEXIST // where the copy would be there is a whiteout, or another file
	}
	if err := dir.copyUpLocked(ctx, all); err != nil {
		return err
	}
	as, to, temp := n.fs.as(ctx), *dir.upper.Load(), n.fs.tempName()
	if err := n.copyTo(as, temp, size); err != nil {
		_ = n.fs.discard(ctx, temp)
		return err
	}
	before, err := to.Inode().Attr(ctx)
	if err == nil {
		err = vfs.Rename(as, at(n.fs.work), temp, at(to), name, 0)
	}
	if err != nil {
		_ = n.fs.discard(ctx, temp)
		return err
	}
	p, err := n.fs.find(ctx, to, name)
	if err != nil {
		return err
	}
	a, err := p.Inode().Attr(ctx)
	if err != nil {
		return err
	}
	n.fs.mu.Lock()
	n.fs.origins[a.Ino] = n.ino
	n.fs.knowLocked(p.Inode(), n)
	n.fs.mu.Unlock()
	n.upper.Store(&p)
	// Nothing changed in the directory as far as anyone sees.
	return to.Inode().SetAttr(as, &vfs.SetAttr{Valid: vfs.AttrAtime | vfs.AttrMtime, Atime: before.Atime, Mtime: before.Mtime})
}

// tempName is a name in the work directory that nothing has.
func (fs *FS) tempName() string { return fmt.Sprintf("#%x", fs.temp.Add(1)) }

// copyTo makes a copy in the work directory.
func (n *node) copyTo(as vfs.Ctx, temp string, size int64) error {
	low := n.lowers[0].Inode()
	a, err := low.Attr(as)
	if err != nil {
		return err
	}
	work := at(n.fs.work)
	switch a.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		err = n.copyData(as, temp, size)
	case unix.S_IFDIR:
		err = vfs.Mkdir(as, work, temp, 0o700, 0)
	case unix.S_IFLNK:
		var target string
		if target, err = low.Readlink(as); err == nil {
			err = vfs.Symlink(as, target, work, temp)
		}
	default:
		err = vfs.Mknod(as, work, temp, a.Mode, 0, a.Rdev)
	}
	if err != nil {
		return err
	}
	p, err := n.fs.find(as, n.fs.work, temp)
	if err != nil {
		return err
	}
	s := vfs.SetAttr{
		Valid: vfs.AttrUID | vfs.AttrGID | vfs.AttrMode | vfs.AttrAtime | vfs.AttrMtime,
		UID:   a.UID, GID: a.GID, Mode: a.Mode & 0o7777, Atime: a.Atime, Mtime: a.Mtime,
	}
	if a.IsSymlink() {
		s.Valid &^= vfs.AttrMode
	}
	if err := p.Inode().SetAttr(as, &s); err != nil {
		return err
	}
	if err := n.copyXattrs(as, p.Inode()); err != nil {
		return err
	}
	if a.IsSymlink() {
		return nil
	}
	return n.copyACLs(as, p.Inode())
}

func (n *node) copyXattrs(as vfs.Ctx, to vfs.Inode) error {
	low := n.lowers[0].Inode()
	names, err := low.Listxattr(as)
	for _, name := range names {
		if _, list := acl.KindOf(name); list || n.fs.isOwn(name) && !strings.HasPrefix(name, n.fs.private+escape) {
			continue
		}
		value, err := low.Getxattr(as, name)
		if err == nil {
			err = to.Setxattr(as, name, value, 0)
		}
		if err != nil && err != unix.EOPNOTSUPP && err != unix.ENODATA {
			return err
		}
	}
	return err
}

func (n *node) copyData(as vfs.Ctx, temp string, size int64) error {
	to, err := vfs.Open(as, at(n.fs.work), temp, vfs.OpenHow{Flags: unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY, Mode: 0o600})
	if err != nil {
		return err
	}
	defer to.DecRef()
	from, err := vfs.OpenUnheard(as, n.lowers[0], unix.O_RDONLY|unix.O_NOATIME)
	if err != nil {
		return err
	}
	defer from.DecRef()
	buf := vfs.GetBuffer(1 << 20)
	defer buf.Free()
	for pos := int64(0); size == all || pos < size; {
		p := buf.B
		if size != all {
			p = p[:min(int64(len(p)), size-pos)]
		}
		dst := user.KernelBuf(p)
		got, err := from.Pread(as, &dst, pos)
		if err != nil || got == 0 {
			return err
		}
		for p = p[:got]; len(p) > 0; {
			src := user.KernelBuf(p)
			put, err := to.Pwrite(as, &src, pos)
			if err != nil {
				return err
			}
			p, pos = p[put:], pos+int64(put)
		}
	}
	return nil
}

// discard removes what is in the work directory by a name; of a directory the whiteouts in it too.
func (fs *FS) discard(ctx vfs.Ctx, temp string) error {
	p, err := fs.find(ctx, fs.work, temp)
	if err != nil {
		return err
	}
	return fs.removeAt(ctx, fs.work, temp, p)
}

// removeAt removes p from a directory of the upper layer, with the whiteouts in it.
func (fs *FS) removeAt(ctx vfs.Ctx, dir vfs.Path, name string, p vfs.Path) error {
	as := fs.as(ctx)
	if !p.Dentry.IsDir() {
		return vfs.Unlink(as, at(dir), name)
	}
	list, err := listLayer(as, p)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := vfs.Unlink(as, at(p), e.Name); err != nil {
			return err
		}
	}
	return vfs.Rmdir(as, at(dir), name)
}
