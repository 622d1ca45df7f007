// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"golang.org/x/sys/unix"
)

// renaming is one rename(2) in progress.
type renaming struct {
	ctx      Ctx
	flags    uint32
	from, to entry
}

// Rename is renameat2(2).
func Rename(ctx Ctx, oldAt At, oldPath string, newAt At, newPath string, flags uint32) error {
	if flags&^(unix.RENAME_NOREPLACE|unix.RENAME_EXCHANGE|unix.RENAME_WHITEOUT) != 0 ||
		flags&unix.RENAME_EXCHANGE != 0 && flags&(unix.RENAME_NOREPLACE|unix.RENAME_WHITEOUT) != 0 {
		return unix.EINVAL
	}
	r := renaming{ctx: ctx, flags: flags}
	var err error
	if r.from.dir, r.from.name, r.from.slash, err = last(ctx, oldAt, oldPath); err != nil {
		return err
	}
	if r.to.dir, r.to.name, r.to.slash, err = last(ctx, newAt, newPath); err != nil {
		return err
	}
	switch {
	case r.from.dir.Mount != r.to.dir.Mount:
		return unix.EXDEV
	case special(r.from.name):
		return unix.EBUSY
	case special(r.to.name) && flags&unix.RENAME_NOREPLACE != 0:
		return unix.EEXIST
	case special(r.to.name):
		return unix.EBUSY
	case r.from.dir.Mount.ReadOnly():
		return unix.EROFS
	}
	unlock := r.from.dir.Mount.super.lockTwo(r.from.dir.Dentry, r.to.dir.Dentry)
	defer unlock()
	return r.locked()
}

// ParentOf answers what goes wrong on the way to the directory that path is in.
func ParentOf(ctx Ctx, at At, path string) error {
	_, _, _, err := last(ctx, at, path)
	return err
}

// lockTwo locks two directories of the file system against changes.
func (s *Super) lockTwo(a, b *Dentry) (unlock func()) {
	if a == b {
		a.dir.change.Lock()
		return a.dir.change.Unlock
	}
	s.renameMu.Lock()
	if above(b, a) || !above(a, b) && a.dir.id > b.dir.id {
		a, b = b, a
	}
	a.dir.change.Lock()
	b.dir.change.Lock()
	return func() {
		b.dir.change.Unlock()
		a.dir.change.Unlock()
		s.renameMu.Unlock()
	}
}

// above tells whether a is d, or an ancestor of it.
func above(a, d *Dentry) bool {
	for ; d != nil; d = d.Parent() {
		if d == a {
			return true
		}
	}
	return false
}

// locked looks both names up and checks what do_renameat2 checks.
func (r *renaming) locked() (err error) {
	from, to := &r.from, &r.to
	if from.d, err = from.dir.Dentry.lookupChange(r.ctx, from.name); err != nil {
		return err
	}
	if from.d.inode == nil {
		return unix.ENOENT
	}
	if to.d, err = to.dir.Dentry.lookupChange(r.ctx, to.name); err != nil {
		return err
	}
	exchange := r.flags&unix.RENAME_EXCHANGE != 0
	switch {
	case r.flags&unix.RENAME_NOREPLACE != 0 && to.d.inode != nil:
		return unix.EEXIST
	case exchange && to.d.inode == nil:
		return unix.ENOENT
	case exchange && to.slash && !to.d.IsDir():
		return unix.ENOTDIR
	case !from.d.IsDir() && (from.slash || !exchange && to.slash):
		return unix.ENOTDIR
	case above(from.d, to.dir.Dentry):
		return unix.EINVAL
	case above(to.d, from.dir.Dentry) && exchange:
		return unix.EINVAL
	case above(to.d, from.dir.Dentry):
		return unix.ENOTEMPTY
	}
	if restrict := restriction(r.ctx.Creds()); restrict != nil {
		if err := restrict.MayMove(&Move{from.dir.Mount, from.dir.Dentry, to.dir.Dentry, from.d, to.d, true, exchange}); err != nil {
			return err
		}
	}
	return r.move()
}

// move is vfs_rename: permissions, then the file system, then the dentries.
func (r *renaming) move() error {
	from, to := &r.from, &r.to
	if from.d.inode == to.d.inode {
		return nil
	}
	if err := r.mayMove(); err != nil {
		return err
	}
	if mounted(Path{from.dir.Mount, from.d}) || to.d.inode != nil && mounted(Path{to.dir.Mount, to.d}) {
		return unix.EBUSY
	}
	if to.d.dir != nil && r.flags&unix.RENAME_EXCHANGE == 0 {
		to.d.dir.change.Lock() // no new name while it is replaced
		defer to.d.dir.change.Unlock()
	}
	err := from.dir.Dentry.inode.Rename(r.ctx, from.name, from.d.inode, to.dir.Dentry.inode, to.name, to.d.inode, r.flags)
	if err != nil {
		return err
	}
	r.settle()
	r.notify()
	return nil
}

func (r *renaming) mayMove() error {
	from, to := &r.from, &r.to
	isDir := from.d.IsDir()
	if err := mayDelete(r.ctx, from.dir.Dentry, from.d, isDir); err != nil {
		return err
	}
	var err error
	switch {
	case to.d.inode == nil:
		err = mayCreate(r.ctx, to.dir.Dentry)
	case r.flags&unix.RENAME_EXCHANGE != 0:
		err = mayDelete(r.ctx, to.dir.Dentry, to.d, to.d.IsDir())
	default:
		err = mayDelete(r.ctx, to.dir.Dentry, to.d, isDir)
	}
	if err != nil || from.dir.Dentry == to.dir.Dentry {
		return err
	}
	// A directory that gets another parent has its ".." written.
	if isDir {
		if err := permission(r.ctx, r.ctx.Creds(), from.d.inode, MayWrite); err != nil {
			return err
		}
	}
	if r.flags&unix.RENAME_EXCHANGE != 0 && to.d.IsDir() {
		return permission(r.ctx, r.ctx.Creds(), to.d.inode, MayWrite)
	}
	return nil
}

// settle gives the dentries their new places.
func (r *renaming) settle() {
	from, to := &r.from, &r.to
	oldPlace := &place{from.dir.Dentry, from.name}
	from.d.at.Store(&place{to.dir.Dentry, to.name})
	to.dir.Dentry.insert(from.d)
	if r.flags&unix.RENAME_EXCHANGE != 0 {
		to.d.at.Store(oldPlace)
		from.dir.Dentry.insert(to.d)
		return
	}
	if to.d.inode != nil {
		to.d.state.Or(dUnlinked)
		detachAll(to.d)
	}
	if r.flags&unix.RENAME_WHITEOUT != 0 {
		from.dir.Dentry.forget(from.name)
		return
	}
	from.dir.Dentry.insert(newDentry(from.dir.Dentry, from.name, nil))
}

// notify tells who watches.
func (r *renaming) notify() {
	if r.flags&unix.RENAME_EXCHANGE != 0 {
		notifyMoved(r.ctx, &r.from, &r.to, r.from.d, nil)
		notifyMoved(r.ctx, &r.to, &r.from, r.to.d, nil)
		return
	}
	notifyMoved(r.ctx, &r.from, &r.to, r.from.d, r.to.d)
	if r.to.d.inode == nil {
		return
	}
	if watched() {
		notifyGone(r.ctx, Path{r.to.dir.Mount, r.to.d})
	}
	r.to.dir.Mount.super.handles.removed(r.ctx, r.to.d)
}
