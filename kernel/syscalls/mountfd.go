// SPDX-License-Identifier: Apache-2.0

// This file is the newer calls on mounts, which take descriptors
// (fs/namespace.c).

package syscalls

import (
	"math/bits"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall open_tree full
func openTree(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32) (int, error) {
	f, err := openTreeFile(t, dirfd, path, flags)
	if err != nil {
		return 0, err
	}
	return install(t, f, 0, flags&unix.OPEN_TREE_CLOEXEC != 0)
}

func openTreeFile(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32) (*vfs.File, error) {
	const known = unix.AT_EMPTY_PATH | unix.AT_NO_AUTOMOUNT | unix.AT_RECURSIVE | unix.AT_SYMLINK_NOFOLLOW |
		unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC
	if flags&^known != 0 || flags&(unix.AT_RECURSIVE|unix.OPEN_TREE_CLONE) == unix.AT_RECURSIVE {
		return nil, unix.EINVAL
	}
	clones := flags&unix.OPEN_TREE_CLONE != 0
	if clones {
		if err := t.Mounts().MayMount(t); err != nil {
			return nil, err
		}
	}
	p, err := lookupAt(t, dirfd, path, flags)
	if err != nil {
		return nil, err
	}
	if clones {
		return t.Mounts().Detach(t, p, flags&unix.AT_RECURSIVE != 0)
	}
	return vfs.OpenPathOnly(t, p), nil
}

//ditto:syscall open_tree_attr partial no idmapped mounts: MOUNT_ATTR_IDMAP answers EINVAL
func openTreeAttr(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32, uattr user.Addr, usize uint64) (int, error) {
	if uattr == 0 && usize != 0 {
		return 0, unix.EINVAL
	}
	f, err := openTreeFile(t, dirfd, path, flags)
	if err != nil {
		return 0, err
	}
	if uattr != 0 {
		c, err := mountAttrIn(t, uattr, usize)
		if err == nil && c != nil {
			c.Recurse = flags&unix.AT_RECURSIVE != 0
			err = t.Mounts().SetAttr(f.Path, c)
		}
		if err != nil {
			f.DecRef()
			return 0, err
		}
	}
	return install(t, f, 0, flags&unix.OPEN_TREE_CLOEXEC != 0)
}

const (
	moveMountMask     = 0x377
	moveMountSetGroup = 0x100
	moveMountBeneath  = 0x200
)

//ditto:syscall move_mount full
func moveMount(t *task.Task, fromFD vfs.FD, fromPath user.Path, toFD vfs.FD, toPath user.Path, flags uint32) error {
	ns := t.Mounts()
	if err := ns.MayMount(t); err != nil {
		return err
	}
	const either = moveMountSetGroup | moveMountBeneath
	if flags&^moveMountMask != 0 || flags&either == either {
		return unix.EINVAL
	}
	to, err := lookupStat(t, toFD, toPath, moveMountAt(flags>>4))
	if err != nil {
		return err
	}
	from, err := lookupStat(t, fromFD, fromPath, moveMountAt(flags))
	if err != nil {
		return err
	}
	if err := vfs.MountsFixed(t.Creds()); err != nil {
		return err
	}
	switch {
	case flags&moveMountSetGroup != 0:
		return ns.SetGroup(t, from, to)
	case flags&moveMountBeneath != 0:
		return ns.MoveBeneath(from, to, t.FS().Root())
	}
	return ns.MoveTo(from, to)
}

// moveMountAt makes AT_* flags of MOVE_MOUNT_F_*.
func moveMountAt(flags uint32) (at uint32) {
	if flags&unix.MOVE_MOUNT_F_SYMLINKS == 0 {
		at |= unix.AT_SYMLINK_NOFOLLOW
	}
	if flags&unix.MOVE_MOUNT_F_EMPTY_PATH != 0 {
		at |= unix.AT_EMPTY_PATH
	}
	return at
}

// mountAttr is struct mount_attr.
type mountAttr struct{ Set, Clear, Propagation, UserNS uint64 }

const (
	mountAttrSize  = 32 // MOUNT_ATTR_SIZE_VER0
	mountAttrAtime = unix.MOUNT_ATTR__ATIME
)

//ditto:syscall mount_setattr partial no idmapped mounts: MOUNT_ATTR_IDMAP answers EINVAL
func mountSetattr(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32, uattr user.Addr, usize uint64) error {
	if flags&^(unix.AT_EMPTY_PATH|unix.AT_RECURSIVE|unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT) != 0 {
		return unix.EINVAL
	}
	c, err := mountAttrIn(t, uattr, usize)
	if err != nil || c == nil {
		return err
	}
	c.Recurse = flags&unix.AT_RECURSIVE != 0
	p, err := lookupAt(t, dirfd, path, flags)
	if err != nil {
		return err
	}
	return t.Mounts().SetAttr(p, c)
}

// mountAttrIn is wants_mount_setattr: nil if there is nothing to change.
func mountAttrIn(t *task.Task, addr user.Addr, size uint64) (*vfs.AttrChange, error) {
	if size > abi.PageSize {
		return nil, unix.E2BIG
	}
	if size < mountAttrSize {
		return nil, unix.EINVAL
	}
	if err := t.Mounts().MayMount(t); err != nil {
		return nil, err
	}
	var a mountAttr
	if err := getStruct(t, addr, size, &a); err != nil {
		return nil, err
	}
	if a.Set == 0 && a.Clear == 0 && a.Propagation == 0 {
		return nil, nil
	}
	return a.change()
}

// mountAttrFlags are the flags of MOUNT_ATTR_* that are one of MS_* each.
var mountAttrFlags = []struct {
	attr uint64
	ms   uint32
}{
	{unix.MOUNT_ATTR_RDONLY, unix.MS_RDONLY}, {unix.MOUNT_ATTR_NOSUID, unix.MS_NOSUID}, {unix.MOUNT_ATTR_NODEV, unix.MS_NODEV},
	{unix.MOUNT_ATTR_NOEXEC, unix.MS_NOEXEC}, {unix.MOUNT_ATTR_NODIRATIME, unix.MS_NODIRATIME},
	{unix.MOUNT_ATTR_NOSYMFOLLOW, unix.MS_NOSYMFOLLOW},
}

// change is build_mount_kattr.
func (a *mountAttr) change() (*vfs.AttrChange, error) {
	valid := uint64(mountAttrAtime)
	c := &vfs.AttrChange{Propagation: uint32(a.Propagation)}
	for _, f := range mountAttrFlags {
		valid |= f.attr
		if a.Set&f.attr != 0 {
			c.Set |= f.ms
		}
		if a.Clear&f.attr != 0 {
			c.Clear |= f.ms
		}
	}
	if a.Propagation&^propagations != 0 || bits.OnesCount64(a.Propagation) > 1 || (a.Set|a.Clear)&^valid != 0 {
		return nil, unix.EINVAL
	}
	switch a.Clear & mountAttrAtime {
	case 0:
		if a.Set&mountAttrAtime != 0 {
			return nil, unix.EINVAL
		}
		return c, nil
	case mountAttrAtime:
	default:
		return nil, unix.EINVAL
	}
	c.Clear |= unix.MS_RELATIME | unix.MS_NOATIME
	switch a.Set & mountAttrAtime {
	case unix.MOUNT_ATTR_RELATIME:
		c.Set |= unix.MS_RELATIME
	case unix.MOUNT_ATTR_NOATIME:
		c.Set |= unix.MS_NOATIME
	case unix.MOUNT_ATTR_STRICTATIME:
	default:
		return nil, unix.EINVAL
	}
	return c, nil
}
