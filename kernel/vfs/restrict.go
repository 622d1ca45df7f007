// SPDX-License-Identifier: Apache-2.0

// This file is what the virtual file system asks of a restriction: of what confines credentials to a part of the tree beyond permissions (package landlock).

package vfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Rights are what is done with a file or in a directory, as landlock(7) divides and numbers it.
type Rights uint32

// Those of a directory hold for what is in it.
const (
	RightExecute Rights = 1 << iota
	RightWriteFile
	RightReadFile
	RightReadDir
	RightRemoveDir
	RightRemoveFile
	RightMakeChar
	RightMakeDir
	RightMakeReg
	RightMakeSock
	RightMakeFIFO
	RightMakeBlock
	RightMakeSym
	RightRefer // to give a file another directory
	RightTruncate
	RightIoctlDev

	RightsAll = RightIoctlDev<<1 - 1
	// RightsOfFiles are those that make sense for what is no directory.
	RightsOfFiles = RightExecute | RightWriteFile | RightReadFile | RightTruncate | RightIoctlDev
)

// Restriction is a cred.Domain that restricts what is done with places. It is safe for concurrent use.
type Restriction interface {
	// Allowed are those of the wanted rights that are had at a place.
	Allowed(p Path, want Rights) Rights
	// MayMove tells whether a file may get another name: EACCES, or EXDEV if it might do so within its directory.
	MayMove(m *Move) error
	// FixesMounts tells whether the tree of mounts must stay as it is.
	FixesMounts() bool
}

// Move is a rename or, if the old name stays, a link within a mount.
type Move struct {
	Mount    *Mount
	From, To *Dentry // directories
	Old, New *Dentry // New may be negative, or nil
	Removes  bool    // the old name goes
	Exchange bool
}

func restriction(c *cred.Creds) Restriction {
	if c.Domain == nil {
		return nil
	}
	r, _ := c.Domain.(Restriction)
	return r
}

// restricted checks that a place may be used so: EACCES.
func restricted(c *cred.Creds, p Path, want Rights) error {
	if r := restriction(c); r != nil && r.Allowed(p, want) != want {
		return unix.EACCES
	}
	return nil
}

// MountsFixed tells whether whoever has the credentials must leave the tree of mounts as it is: EPERM.
func MountsFixed(c *cred.Creds) error {
	if r := restriction(c); r != nil && r.FixesMounts() {
		return unix.EPERM
	}
	return nil
}

// rightToMake is what it takes to make a file of this type.
func rightToMake(mode uint32) Rights {
	switch mode & unix.S_IFMT {
	case unix.S_IFLNK:
		return RightMakeSym
	case unix.S_IFDIR:
		return RightMakeDir
	case unix.S_IFCHR:
		return RightMakeChar
	case unix.S_IFBLK:
		return RightMakeBlock
	case unix.S_IFIFO:
		return RightMakeFIFO
	case unix.S_IFSOCK:
		return RightMakeSock
	}
	return RightMakeReg
}

// RightToMake is what it takes in a directory to give it an entry like this one.
func (d *Dentry) RightToMake() Rights { return rightToMake(d.inode.Mode()) }

// RightToRemove is what it takes in a directory to take an entry out of it: none if there is none.
func (d *Dentry) RightToRemove() Rights {
	switch {
	case d == nil || d.inode == nil:
		return 0
	case d.IsDir():
		return RightRemoveDir
	}
	return RightRemoveFile
}

// rightsToOpen tells what it takes to open a file, and what the open file may do later by the rights of who opened it.
func rightsToOpen(inode Inode, flags uint32, kind openKind) (now, later Rights) {
	later = RightTruncate
	switch inode.Mode() & unix.S_IFMT {
	case unix.S_IFCHR, unix.S_IFBLK:
		later |= RightIoctlDev
	}
	access := flags & unix.O_ACCMODE
	if access == unix.O_RDONLY || access == unix.O_RDWR {
		if inode.Mode()&unix.S_IFMT == unix.S_IFDIR {
			return RightReadDir, later
		}
		now |= RightReadFile
	}
	if access == unix.O_WRONLY || access == unix.O_RDWR {
		now |= RightWriteFile
	}
	if kind == openRun {
		now |= RightExecute
	}
	return now, later
}

// restrictOpen checks that the file may be opened, and tells which rights the open file lacks: EACCES.
func restrictOpen(c *cred.Creds, p Path, flags uint32, kind openKind) (lacks Rights, err error) {
	r := restriction(c)
	if r == nil {
		return 0, nil
	}
	now, later := rightsToOpen(p.Dentry.inode, flags, kind)
	has := r.Allowed(p, now|later)
	if has&now != now {
		return 0, unix.EACCES
	}
	return later &^ has, nil
}

// MayIoctlDevice tells whether the commands of the device are for this open file (LANDLOCK_ACCESS_FS_IOCTL_DEV). Of what is no device they always are.
func (f *File) MayIoctlDevice() bool { return f.lacks&RightIoctlDev == 0 }

// mayTruncate tells whether its length may be set: EACCES.
func (f *File) mayTruncate() error {
	if f.lacks&RightTruncate != 0 {
		return unix.EACCES
	}
	return nil
}

// InternalPlace tells whether a place is in no tree that one can mount: a pipe, a socket, memory.
func (p Path) InternalPlace() bool { return p.Mount == nil || p.Mount.root == nil }

// Ascend calls f for the place and for each above it, up to the root of the first mount, until it says stop. What a mount covers
// is not among them.
func (p Path) Ascend(f func(*Dentry) (stop bool)) {
	for {
		if f(p.Dentry) {
			return
		}
		for p.Dentry == p.Mount.root {
			at := p.Mount.point.Load()
			if at == nil {
				return
			}
			p = *at
		}
		if p.Dentry = p.Dentry.Parent(); p.Dentry == nil {
			return
		}
	}
}
