// SPDX-License-Identifier: Apache-2.0

// This file is access control lists: the extended attributes that show and set them, and what they are asked for (fs/posix_acl.c).

package vfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
)

// ACLed is an inode of a file system that may have access control lists. Both methods answer EOPNOTSUPP if it has none after all;
// symbolic links have none, and are never asked.
type ACLed interface {
	// ACL is one of the file's lists, as of when its attributes were asked for last; nil: it has none.
	ACL(ctx Ctx, kind acl.Kind) (acl.List, error)
	// NoACLFor tells whether the file is known to have no access list, or none that counts for uid: it may be the owner. As of when
	// the mode was seen last; quick.
	NoACLFor(uid cred.UID) bool
	// SetACL gives the file a sound list, or takes it away: nil. The mode goes with it (Attr.WithACL).
	SetACL(ctx Ctx, kind acl.Kind, list acl.List) error
}

// ACLOf is a list of a file; nil: none, and there may be no such thing.
func ACLOf(ctx Ctx, inode Inode, kind acl.Kind) (acl.List, error) {
	a, ok := inode.(ACLed)
	if !ok || inode.Mode()&unix.S_IFMT == unix.S_IFLNK {
		return nil, nil
	}
	list, err := a.ACL(ctx, kind)
	if err == unix.EOPNOTSUPP {
		err = nil
	}
	return list, err
}

// needsNoACL tells whether no access list keeps creds from what the mode lets everybody do in a directory: quick, and true unless
// somebody has to be asked.
func needsNoACL(creds *cred.Creds, dir Inode) bool {
	a, ok := dir.(ACLed)
	return !ok || a.NoACLFor(creds.FSUID) || creds.Capable(unix.CAP_DAC_OVERRIDE) || creds.Capable(unix.CAP_DAC_READ_SEARCH)
}

// WithACL is the mode of a file that gets a list as its access list, and the list that it keeps: none, if the mode says all
// (posix_acl_update_mode).
func (a *Attr) WithACL(creds *cred.Creds, list acl.List) (acl.List, uint32) {
	mode := a.Mode
	if list != nil {
		with, all := list.Mode(mode)
		if mode = with; all {
			list = nil
		}
	}
	if !creds.InGroup(a.GID) && !creds.CapableFor(a.UID, a.GID, unix.CAP_FSETID) {
		mode &^= unix.S_ISGID
	}
	return list, mode
}

// InheritACL is what a file that is made with a mode in dir starts with: its lists and its mode (posix_acl_create, without the
// umask, which newMode leaves out where it does not count).
func InheritACL(ctx Ctx, dir Inode, mode uint32) (lists [acl.Kinds]acl.List, with uint32, err error) {
	if mode&unix.S_IFMT == unix.S_IFLNK {
		return lists, mode, nil
	}
	given, err := ACLOf(ctx, dir, acl.Default)
	if err != nil || given == nil {
		return lists, mode, err
	}
	lists[acl.Access], mode = given.Create(mode)
	if mode&unix.S_IFMT == unix.S_IFDIR {
		lists[acl.Default] = given
	}
	return lists, mode, nil
}

// getACL is vfs_get_acl: whoever finds the file may read its lists.
func getACL(ctx Ctx, inode Inode, kind acl.Kind) ([]byte, error) {
	a, ok := inode.(ACLed)
	if !ok || inode.Mode()&unix.S_IFMT == unix.S_IFLNK {
		return nil, unix.EOPNOTSUPP
	}
	if _, err := inode.Attr(ctx); err != nil {
		return nil, err
	}
	list, err := a.ACL(ctx, kind)
	if err == nil && list == nil {
		err = unix.ENODATA
	}
	if err != nil {
		return nil, err
	}
	return list.Format(ctx.Creds().NS()), nil
}

// setACL is vfs_set_acl with what do_set_acl reads; no value takes the list away.
func setACL(ctx Ctx, inode Inode, kind acl.Kind, value []byte) error {
	list, err := acl.Parse(value, ctx.Creds().NS())
	if err != nil {
		return err
	}
	a, ok := inode.(ACLed)
	attr, err := inode.Attr(ctx)
	switch {
	case err != nil:
		return err
	case isFixed(inode):
		return unix.EPERM
	case !ok || attr.IsSymlink():
		return unix.EOPNOTSUPP
	}
	if _, err := a.ACL(ctx, acl.Access); err == unix.EOPNOTSUPP {
		return err
	}
	switch {
	case kind == acl.Default && !attr.IsDir() && list != nil:
		return unix.EACCES
	case kind == acl.Default && !attr.IsDir():
		return nil
	case !attr.OwnerOrCapable(ctx.Creds()):
		return unix.EPERM
	}
	if list != nil {
		if err := list.Check(); err != nil {
			return err
		}
	}
	return a.SetACL(ctx, kind, list)
}
