// SPDX-License-Identifier: Apache-2.0

// This file is access control lists, which are the host's: it checks nothing by them for us, but keeps them, gives new files what
// their directory has for them, and has the mode and the list agree.

package hostfs

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// What is known of a list that is not there: that it is not, and that the host's file system has no such thing.
var noList, noLists acl.List

// hostIDs are ids as the host has them.
type hostIDs struct{}

func (hostIDs) ToUID(n uint32) cred.UID            { return uid(n) }
func (hostIDs) ToGID(n uint32) cred.GID            { return gid(n) }
func (hostIDs) FromUID(id cred.UID) (uint32, bool) { return uint32(id), true }
func (hostIDs) FromGID(id cred.GID) (uint32, bool) { return uint32(id), true }

// NoACLFor implements vfs.ACLed.
func (i *inode) NoACLFor(uid cred.UID) bool {
	known := i.acls[acl.Access].Load()
	return known == &noList || known == &noLists || uid == cred.UID(i.owner.Load())
}

// ACL implements vfs.ACLed. What the host said counts until its file's ctime is another, which every change of a list moves.
func (i *inode) ACL(_ vfs.Ctx, kind acl.Kind) (acl.List, error) {
	known := i.acls[kind].Load()
	if known == nil {
		i.mu.Lock()
		turn, ctime := i.aclTurn, i.attr.Ctime
		i.mu.Unlock()
		var err error
		if known, err = i.askACL(kind); err != nil {
			return nil, err
		}
		i.mu.Lock()
		if i.aclTurn == turn && (i.fs.o.Cached || settled(ctime)) {
			i.acls[kind].Store(known)
		}
		i.mu.Unlock()
	}
	if known == &noLists {
		return nil, unix.EOPNOTSUPP
	}
	return *known, nil
}

// settled tells whether a change from now on will show in the ctime: it is of a clock that ticks a hundred times a second or more.
func settled(ctime vfs.Timestamp) bool {
	const tick = 20 * time.Millisecond
	now := vfs.Now()
	return time.Duration(now.Sec-ctime.Sec)*time.Second+time.Duration(now.Nsec)-time.Duration(ctime.Nsec) > tick
}

// forgetACLs has the host asked again. The caller holds i.mu.
func (i *inode) forgetACLs() {
	i.aclTurn++
	for kind := range i.acls {
		i.acls[kind].Store(nil)
	}
}

func (i *inode) askACL(kind acl.Kind) (*acl.List, error) {
	switch {
	case i.fs.lacksACLs(i.id.dev):
		return &noLists, nil
	case kind == acl.Default && !i.isDir():
		return &noList, nil
	}
	value, err := i.getxattr(kind.Name(), unix.ENODATA)
	switch err {
	case nil:
	case unix.EOPNOTSUPP:
		if i.canOpen() {
			i.fs.noACLsOn(i.id.dev)
		}
		return &noLists, nil
	case unix.ENODATA, unix.EACCES, unix.EPERM: // or this process can't get at it, nor at the file
		return &noList, nil
	default:
		return nil, err
	}
	list, err := acl.Parse(value, hostIDs{})
	return &list, err
}

// lacksACLs tells whether a file system of the host is known to have no lists.
func (fs *FS) lacksACLs(dev uint64) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.noACLs[dev]
}

func (fs *FS) noACLsOn(dev uint64) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.noACLs == nil {
		fs.noACLs = map[uint64]bool{}
	}
	fs.noACLs[dev] = true
}

// SetACL implements vfs.ACLed. As on most file systems of disks, a list that is taken away leaves the mode as it is.
func (i *inode) SetACL(ctx vfs.Ctx, kind acl.Kind, list acl.List) error {
	a, err := i.Attr(ctx)
	if err != nil {
		return err
	}
	defer i.changedACL(ctx)
	if list == nil {
		return i.dropACL(kind)
	}
	if err := i.putACL(kind, list); err != nil || kind == acl.Default {
		return err
	}
	if _, mode := a.WithACL(ctx.Creds(), list); (mode^a.Mode)&unix.S_ISGID != 0 { // which the host lets this process keep
		return i.changeOnHost(&vfs.SetAttr{Valid: vfs.AttrMode, Mode: mode & 0o7777})
	}
	return nil
}

func (i *inode) putACL(kind acl.Kind, list acl.List) error {
	name, value := kind.Name(), list.Format(hostIDs{})
	return i.onXattrs(func(fd int) error { return unix.Fsetxattr(fd, name, value, 0) },
		func(dir int, file string) error { return hostio.Setxattrat(dir, file, name, value, 0) }, unix.EOPNOTSUPP)
}

func (i *inode) dropACL(kind acl.Kind) error {
	name := kind.Name()
	err := i.onXattrs(func(fd int) error { return unix.Fremovexattr(fd, name) },
		func(dir int, file string) error { return hostio.Removexattrat(dir, file, name) }, nil)
	if err == unix.ENODATA {
		err = nil
	}
	return err
}

// changedACL notes that the lists are others, and the mode may be.
func (i *inode) changedACL(ctx vfs.Ctx) {
	i.mu.Lock()
	i.valid = false
	i.forgetACLs()
	i.mu.Unlock()
	_, _ = i.Attr(ctx) // Mode is asked without it
}
