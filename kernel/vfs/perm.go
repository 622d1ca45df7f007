// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
)

// What is wanted of a file, as access(2) has it.
const (
	MayExec  = 1
	MayWrite = 2
	MayRead  = 4
)

// permission checks that creds may do mask with the inode (path_resolution(7),
// capabilities(7)).
func permission(ctx Ctx, creds *cred.Creds, inode Inode, mask uint32) error {
	if mask&MayWrite != 0 && inode.FS().ReadOnly() {
		switch inode.Mode() & unix.S_IFMT {
		case unix.S_IFREG, unix.S_IFDIR, unix.S_IFLNK:
			return unix.EROFS
		}
	}
	if mask&MayWrite != 0 && IsImmutable(inode) {
		return unix.EPERM
	}
	a, err := inode.Attr(ctx)
	if err != nil {
		return err
	}
	// The owner's permissions are those of the mode, and a mode that gives the group none lets no list give any (acl_permission_check).
	// Nor does a list matter to who may do it anyway, and whom a host is not to be asked for it.
	if creds.FSUID == a.UID || a.Mode&0o070 == 0 || a.overrides(creds, mask) {
		return a.permission(creds, mask)
	}
	list, err := ACLOf(ctx, inode, acl.Access)
	switch {
	case err != nil:
		return err
	case list == nil:
		return a.permission(creds, mask)
	case !list.Permits(creds, a.UID, a.GID, mask):
		return unix.EACCES
	}
	return nil
}

// Permission is the check of mask with a task's own credentials.
func Permission(ctx Ctx, inode Inode, mask uint32) error {
	return permission(ctx, ctx.Creds(), inode, mask)
}

func (a *Attr) permission(creds *cred.Creds, mask uint32) error {
	mode := a.Mode
	switch {
	case creds.FSUID == a.UID:
		mode >>= 6
	case creds.InGroup(a.GID):
		mode >>= 3
	}
	if mask&^mode&7 == 0 || a.overrides(creds, mask) {
		return nil
	}
	return unix.EACCES
}

// overrides tells whether capabilities let creds do mask, whatever the permissions.
func (a *Attr) overrides(creds *cred.Creds, mask uint32) bool {
	if creds.Effective&(1<<unix.CAP_DAC_OVERRIDE|1<<unix.CAP_DAC_READ_SEARCH) == 0 {
		return false
	}
	override := creds.CapableFor(a.UID, a.GID, unix.CAP_DAC_OVERRIDE)
	search := creds.CapableFor(a.UID, a.GID, unix.CAP_DAC_READ_SEARCH)
	if a.IsDir() {
		return override || search && mask&MayWrite == 0
	}
	return search && mask == MayRead || override && (mask&MayExec == 0 || a.Mode&0o111 != 0)
}

// OwnerOrCapable tells whether creds own the file, or may act as if.
func (a *Attr) OwnerOrCapable(creds *cred.Creds) bool {
	if creds.FSUID == a.UID {
		return true
	}
	_, named := creds.NS().FromUID(a.UID)
	return named && creds.CapableHere(unix.CAP_FOWNER)
}

// NewOwner is whom a new file in directory dir belongs to, and its mode with
// what a set-group-ID directory changes (inode(7)).
func NewOwner(creds *cred.Creds, dir *Attr, mode uint32) (cred.UID, cred.GID, uint32) {
	if dir.Mode&unix.S_ISGID == 0 {
		return creds.FSUID, creds.FSGID, mode
	}
	if mode&unix.S_IFMT == unix.S_IFDIR {
		mode |= unix.S_ISGID
	}
	return creds.FSUID, dir.GID, stripSgid(creds, dir, mode)
}

// stripSgid is mode_strip_sgid: who is not in the group of a set-group-ID directory makes no program of that group.
func stripSgid(creds *cred.Creds, dir *Attr, mode uint32) uint32 {
	if dir.Mode&unix.S_ISGID == 0 || mode&unix.S_IFMT == unix.S_IFDIR || mode&(unix.S_ISGID|0o010) != unix.S_ISGID|0o010 ||
		creds.InGroup(dir.GID) || creds.CapableFor(dir.UID, dir.GID, unix.CAP_FSETID) {
		return mode
	}
	return mode &^ unix.S_ISGID
}

// newMode is the mode that a new file is made with (vfs_prepare_mode): whether its group could execute it is asked before the
// umask counts, and that does not where the directory has a list for what is made in it.
func newMode(ctx Ctx, dir Inode, mode, umask uint32) (uint32, error) {
	if mode&unix.S_ISGID != 0 && dir.Mode()&unix.S_ISGID != 0 {
		a, err := dir.Attr(ctx)
		if err != nil {
			return 0, err
		}
		mode = stripSgid(ctx.Creds(), &a, mode)
	}
	if umask&mode&0o777 == 0 {
		return mode, nil
	}
	given, err := ACLOf(ctx, dir, acl.Default)
	if given != nil {
		return mode, err
	}
	return mode &^ (umask & 0o777), err
}

// KillPriv is the mode that a regular file has after data of it was changed:
// set-user-ID and set-group-ID go, unless the writer has CAP_FSETID.
func KillPriv(creds *cred.Creds, a *Attr) uint32 {
	if a.Mode&(unix.S_ISUID|unix.S_ISGID) == 0 || creds.Capable(unix.CAP_FSETID) {
		return a.Mode
	}
	return a.dropSetid(creds)
}

// dropSetid is the mode without set-ID bits. Set-group-ID of a file that its group can't execute stays for those who are in the group,
// or may set the bit (setattr_should_drop_sgid).
func (a *Attr) dropSetid(creds *cred.Creds) uint32 {
	mode := a.Mode &^ unix.S_ISUID
	if mode&0o010 != 0 || !creds.InGroup(a.GID) && !creds.CapableFor(a.UID, a.GID, unix.CAP_FSETID) {
		mode &^= unix.S_ISGID
	}
	return mode
}

// mayCreate checks that a name can be added to the directory.
func mayCreate(ctx Ctx, dir *Dentry) error {
	if dir.IsUnlinked() {
		return unix.ENOENT
	}
	return permission(ctx, ctx.Creds(), dir.inode, MayWrite|MayExec)
}

// mayDelete checks that the victim's name can be taken out of the directory.
func mayDelete(ctx Ctx, dir, victim *Dentry, isDir bool) error {
	if victim.inode == nil {
		return unix.ENOENT
	}
	creds := ctx.Creds()
	if err := permission(ctx, creds, dir.inode, MayWrite|MayExec); err != nil {
		return err
	}
	if IsAppendOnly(dir.inode) || isFixed(victim.inode) {
		return unix.EPERM
	}
	if err := checkSticky(ctx, creds, dir.inode, victim.inode); err != nil {
		return err
	}
	switch {
	case isDir && !victim.IsDir():
		return unix.ENOTDIR
	case !isDir && victim.IsDir():
		return unix.EISDIR
	case dir.IsUnlinked():
		return unix.ENOENT
	}
	return nil
}

// checkSticky: in a sticky directory only the owner of a file, or of the
// directory, may remove its name.
func checkSticky(ctx Ctx, creds *cred.Creds, dir, victim Inode) error {
	if dir.Mode()&unix.S_ISVTX == 0 || creds.Capable(unix.CAP_FOWNER) {
		return nil
	}
	va, err := victim.Attr(ctx)
	if err != nil {
		return err
	}
	da, err := dir.Attr(ctx)
	if err != nil {
		return err
	}
	if va.UID == creds.FSUID || da.UID == creds.FSUID || creds.CapableFor(va.UID, va.GID, unix.CAP_FOWNER) {
		return nil
	}
	return unix.EPERM
}
