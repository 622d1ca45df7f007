// SPDX-License-Identifier: Apache-2.0

// This file makes, removes and links names. Checks come in the order that
// Linux has in fs/namei.c, since programs see which error comes first.

package vfs

import (
	"golang.org/x/sys/unix"
)

// entry is a name in a directory, found by a walk to its parent. Its
// directory's change lock is held.
type entry struct {
	dir   Path
	d     *Dentry // may be negative
	name  string
	slash bool
}

// unlock ends the use of the entry.
func (e *entry) unlock() { e.dir.Dentry.dir.change.Unlock() }

// last walks to the directory of a path's last name. "" stands for the root.
func last(ctx Ctx, at At, path string) (dir Path, name string, slash bool, err error) {
	w := walker{ctx: ctx, creds: ctx.Creds()}
	if err := w.start(at, path); err != nil {
		return Path{}, "", false, err
	}
	name, slash, err = w.parent(path)
	return w.cur, name, slash, err
}

// special tells whether a last name names no entry of its directory.
func special(name string) bool { return name == "" || name == "." || name == ".." }

// lockEntry locks the directory and looks the name up.
func lockEntry(ctx Ctx, dir Path, name string, slash bool) (entry, error) {
	dir.Dentry.dir.change.Lock()
	d, err := dir.Dentry.lookupChange(ctx, name)
	if err != nil {
		dir.Dentry.dir.change.Unlock()
		return entry{}, err
	}
	return entry{dir, d, name, slash}, nil
}

// FixedDir is a directory whose lookups fail for names that are not there, as
// all of proc's do: one who would make such a name gets ENOENT before
// permissions are looked at.
type FixedDir interface{ FixedNames() bool }

// lookupChange is lookupLocked for a name that is to change.
func (d *Dentry) lookupChange(ctx Ctx, name string) (*Dentry, error) {
	if d.IsUnlinked() { // it has no names any more (lookup_one_qstr_excl)
		return nil, unix.ENOENT
	}
	if len(name) > nameMax {
		return nil, unix.ENAMETOOLONG
	}
	c, err := d.lookupLocked(ctx, name)
	if err == nil && c.inode == nil {
		if f, ok := d.inode.(FixedDir); ok && f.FixedNames() {
			return nil, unix.ENOENT
		}
	}
	return c, err
}

// newEntry is a place for the name of a new file of mode's type, which is not there yet, in a directory that the caller may write to.
func newEntry(ctx Ctx, at At, path string, mode uint32) (entry, error) {
	e, err := newName(ctx, at, path, mode&unix.S_IFMT == unix.S_IFDIR)
	if err != nil {
		return entry{}, err
	}
	if err := restricted(ctx.Creds(), e.dir, rightToMake(mode)); err != nil {
		e.unlock()
		return entry{}, err
	}
	if err := mayCreate(ctx, e.dir.Dentry); err != nil {
		e.unlock()
		return entry{}, err
	}
	return e, nil
}

// newName is filename_create: the name alone is looked at, not what the caller may do in its directory.
func newName(ctx Ctx, at At, path string, isDir bool) (entry, error) {
	dir, name, slash, err := last(ctx, at, path)
	if err != nil {
		return entry{}, err
	}
	if special(name) {
		return entry{}, unix.EEXIST
	}
	e, err := lockEntry(ctx, dir, name, slash)
	if err != nil {
		return entry{}, err
	}
	switch {
	case e.d.inode != nil:
		err = unix.EEXIST
	case slash && !isDir:
		err = unix.ENOENT
	case dir.Mount.ReadOnly():
		err = unix.EROFS
	}
	if err != nil {
		e.unlock()
		return entry{}, err
	}
	return e, nil
}

// add makes the dentry of a new inode, in place of the negative one.
func (e *entry) add(ctx Ctx, inode Inode) *Dentry {
	d := newDentry(e.dir.Dentry, e.name, inode)
	e.dir.Dentry.insert(d)
	notifyName(ctx, e.dir, e.name, d, unix.IN_CREATE, 0)
	return d
}

// removed notes that the entry's name is gone.
func (e *entry) removed(ctx Ctx) {
	e.d.state.Or(dUnlinked)
	detachAll(e.d)
	e.dir.Dentry.insert(newDentry(e.dir.Dentry, e.name, nil))
	notifyRemoved(ctx, e.dir, e.d, e.name)
	e.dir.Mount.super.handles.removed(ctx, e.d)
}

// Mkdir is mkdirat(2).
func Mkdir(ctx Ctx, at At, path string, mode, umask uint32) error {
	e, err := newEntry(ctx, at, path, unix.S_IFDIR)
	if err != nil {
		return err
	}
	defer e.unlock()
	if mode, err = newMode(ctx, e.dir.Dentry.inode, mode&0o1777|unix.S_IFDIR, umask); err != nil {
		return err
	}
	inode, err := e.dir.Dentry.inode.Mkdir(ctx, e.name, mode)
	if err == nil {
		e.add(ctx, inode)
	}
	return err
}

// Mknod is mknodat(2); rdev is of unix.Mkdev's form.
func Mknod(ctx Ctx, at At, path string, mode, umask uint32, rdev uint64) error {
	_, err := MknodAt(ctx, at, path, mode, umask, rdev)
	return err
}

// MayMknod refuses types that mknod(2) does not make (may_mknod).
func MayMknod(mode uint32) error {
	switch mode & unix.S_IFMT {
	case 0, unix.S_IFREG, unix.S_IFCHR, unix.S_IFBLK, unix.S_IFIFO, unix.S_IFSOCK:
		return nil
	case unix.S_IFDIR:
		return unix.EPERM
	}
	return unix.EINVAL
}

// MknodAt is Mknod for one who needs the new file (bind(2) of a unix socket).
func MknodAt(ctx Ctx, at At, path string, mode, umask uint32, rdev uint64) (Path, error) {
	if err := MayMknod(mode); err != nil {
		return Path{}, err
	}
	if mode&unix.S_IFMT == 0 {
		mode |= unix.S_IFREG
	}
	e, err := newEntry(ctx, at, path, mode)
	if err != nil {
		return Path{}, err
	}
	defer e.unlock()
	kind := mode & unix.S_IFMT
	if (kind == unix.S_IFCHR && rdev != 0 || kind == unix.S_IFBLK) && !ctx.Creds().Capable(unix.CAP_MKNOD) {
		return Path{}, unix.EPERM
	}
	if mode, err = newMode(ctx, e.dir.Dentry.inode, mode, umask); err != nil {
		return Path{}, err
	}
	inode, err := e.dir.Dentry.inode.Create(ctx, e.name, mode, rdev)
	if err != nil {
		return Path{}, err
	}
	return Path{e.dir.Mount, e.add(ctx, inode)}, nil
}

// Symlink is symlinkat(2).
func Symlink(ctx Ctx, target string, at At, path string) error {
	if target == "" {
		return unix.ENOENT
	}
	e, err := newEntry(ctx, at, path, unix.S_IFLNK)
	if err != nil {
		return err
	}
	defer e.unlock()
	inode, err := e.dir.Dentry.inode.Symlink(ctx, e.name, target)
	if err == nil {
		e.add(ctx, inode)
	}
	return err
}

// Link is linkat(2): another name for the file at old.
func Link(ctx Ctx, old Path, at At, path string) error {
	e, err := newEntryForLink(ctx, old, at, path)
	if err != nil {
		return err
	}
	defer e.unlock()
	inode := old.Dentry.inode
	a, err := inode.Attr(ctx)
	if err != nil {
		return err
	}
	if err := mayLink(ctx, inode, &a); err != nil {
		return err
	}
	if r := restriction(ctx.Creds()); r != nil {
		if err := r.MayMove(&Move{Mount: old.Mount, From: old.Dentry.Parent(), To: e.dir.Dentry, Old: old.Dentry, New: e.d}); err != nil {
			return err
		}
	}
	if err := mayCreate(ctx, e.dir.Dentry); err != nil {
		return err
	}
	if a.IsDir() || isFixed(inode) {
		return unix.EPERM
	}
	if err := e.dir.Dentry.inode.Link(ctx, e.name, inode); err != nil {
		return err
	}
	notifyLinks(ctx, old)
	e.add(ctx, inode)
	return nil
}

// newEntryForLink leaves the right to write to Link: whether the file may get another name is asked before.
func newEntryForLink(ctx Ctx, old Path, at At, path string) (entry, error) {
	e, err := newName(ctx, at, path, false)
	if err == nil && e.dir.Mount != old.Mount {
		e.unlock()
		return entry{}, unix.EXDEV
	}
	return e, err
}

// mayLink is fs.protected_hardlinks (proc_sys_fs(5)): a file of someone else
// must be one that the caller could write, without set-ID bits.
func mayLink(ctx Ctx, inode Inode, a *Attr) error {
	creds := ctx.Creds()
	if protection().Hardlinks == 0 || a.OwnerOrCapable(creds) {
		return nil
	}
	if !a.IsRegular() || a.Mode&unix.S_ISUID != 0 || a.Mode&(unix.S_ISGID|0o010) == unix.S_ISGID|0o010 ||
		permission(ctx, creds, inode, MayRead|MayWrite) != nil {
		return unix.EPERM
	}
	return nil
}

// Unlink is unlinkat(2) without AT_REMOVEDIR.
func Unlink(ctx Ctx, at At, path string) error {
	dir, name, slash, err := last(ctx, at, path)
	if err != nil {
		return err
	}
	if special(name) {
		return unix.EISDIR
	}
	if dir.Mount.ReadOnly() {
		return unix.EROFS
	}
	e, err := lockEntry(ctx, dir, name, slash)
	if err != nil {
		return err
	}
	defer e.unlock()
	switch {
	case e.d.inode == nil:
		return unix.ENOENT
	case slash && e.d.IsDir():
		return unix.EISDIR
	case slash:
		return unix.ENOTDIR
	}
	if err := restricted(ctx.Creds(), dir, RightRemoveFile); err != nil {
		return err
	}
	if err := mayDelete(ctx, dir.Dentry, e.d, false); err != nil {
		return err
	}
	if mounted(Path{dir.Mount, e.d}) {
		return unix.EBUSY
	}
	if err := dir.Dentry.inode.Unlink(ctx, name, e.d.inode); err != nil {
		return err
	}
	notifyLinks(ctx, Path{dir.Mount, e.d})
	e.removed(ctx)
	return nil
}

// Rmdir is rmdir(2).
func Rmdir(ctx Ctx, at At, path string) error {
	dir, name, slash, err := last(ctx, at, path)
	if err != nil {
		return err
	}
	switch name {
	case "..":
		return unix.ENOTEMPTY
	case ".":
		return unix.EINVAL
	case "":
		return unix.EBUSY
	}
	if dir.Mount.ReadOnly() {
		return unix.EROFS
	}
	e, err := lockEntry(ctx, dir, name, slash)
	if err != nil {
		return err
	}
	defer e.unlock()
	if e.d.inode == nil {
		return unix.ENOENT
	}
	if err := restricted(ctx.Creds(), dir, RightRemoveDir); err != nil {
		return err
	}
	if err := mayDelete(ctx, dir.Dentry, e.d, true); err != nil {
		return err
	}
	if mounted(Path{dir.Mount, e.d}) {
		return unix.EBUSY
	}
	e.d.dir.change.Lock() // no new name while it goes
	defer e.d.dir.change.Unlock()
	if err := dir.Dentry.inode.Rmdir(ctx, name, e.d.inode); err != nil {
		return err
	}
	e.removed(ctx)
	return nil
}
