// SPDX-License-Identifier: Apache-2.0

// This file is the calls and commands that show and set the flags of a file (fs/file_attr.c).

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// fileAttr is struct file_attr.
type fileAttr struct {
	XFlags                                uint64
	ExtSize, NExtents, ProjID, CowExtSize uint32
}

const fileAttrSize = 24 // FILE_ATTR_SIZE_VER0

// fsxattr is struct fsxattr.
type fsxattr struct {
	XFlags, ExtSize, NExtents, ProjID, CowExtSize uint32
	_                                             [8]byte
}

// fileAttrArgs checks what both calls have.
func fileAttrArgs(size uint64, flags uint32) error {
	switch {
	case flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0:
		return unix.EINVAL
	case size > abi.PageSize:
		return unix.E2BIG
	case size < fileAttrSize:
		return unix.EINVAL
	}
	return nil
}

// fileAttrPath finds the file: a descriptor by itself must not be one of O_PATH.
func fileAttrPath(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32) (vfs.Path, error) {
	if dirfd >= 0 && flags&unix.AT_EMPTY_PATH != 0 {
		name, err := "", error(nil)
		if path != 0 {
			name, err = pathInFlags(t, path, flags)
		}
		if err != nil {
			return vfs.Path{}, err
		}
		if name == "" {
			return byFD(dirfd)(t)
		}
	}
	return lookupStat(t, dirfd, path, flags)
}

//ditto:syscall file_getattr full
func fileGetattr(t *task.Task, dirfd vfs.FD, path user.Path, attr user.Addr, size uint64, flags uint32) error {
	if err := fileAttrArgs(size, flags); err != nil {
		return err
	}
	p, err := fileAttrPath(t, dirfd, path, flags)
	if err != nil {
		return err
	}
	fa, err := vfs.GetFileAttr(t, p.Inode())
	if err != nil {
		return noFileAttr(err)
	}
	b, err := binary.Append(nil, binary.LittleEndian, fileAttr{uint64(fa.XFlags), fa.ExtSize, fa.NExtents, fa.ProjID, fa.CowExtSize})
	if err != nil {
		panic(err)
	}
	b = append(b, make([]byte, int(size)-len(b))...)
	_, err = t.Memory().CopyOut(attr, b)
	return err
}

// noFileAttr is how the calls say that there are no flags.
func noFileAttr(err error) error {
	if err == unix.ENOTTY {
		return unix.EOPNOTSUPP
	}
	return err
}

//ditto:syscall file_setattr full
func fileSetattr(t *task.Task, dirfd vfs.FD, path user.Path, attr user.Addr, size uint64, flags uint32) error {
	if err := fileAttrArgs(size, flags); err != nil {
		return err
	}
	var a fileAttr
	if err := getStruct(t, attr, size, &a); err != nil {
		return err
	}
	if a.XFlags&^vfs.XFlagsKnown != 0 {
		return unix.EINVAL
	}
	p, err := fileAttrPath(t, dirfd, path, flags)
	if err != nil {
		return err
	}
	fa := vfs.FileAttr{XFlags: uint32(a.XFlags), ExtSize: a.ExtSize, NExtents: a.NExtents, ProjID: a.ProjID, CowExtSize: a.CowExtSize}
	return noFileAttr(vfs.SetFileAttr(t, p, fa.FromXFlags()))
}

// ioctlFileAttr is FS_IOC_GETFLAGS and its kin: ENOTTY for what has no flags.
func ioctlFileAttr(t *task.Task, f *vfs.File, cmd uint32, addr user.Addr) error {
	switch cmd {
	case fsGetFlags, fsGetXattr:
		fa, err := vfs.GetFileAttr(t, f.Inode)
		if err != nil {
			return err
		}
		if cmd == fsGetFlags {
			return put32(t, addr, fa.Flags)
		}
		return put(t, addr, fsxattr{XFlags: fa.XFlags, ExtSize: fa.ExtSize, NExtents: fa.NExtents, ProjID: fa.ProjID, CowExtSize: fa.CowExtSize})
	case fsSetFlags:
		var flags uint32
		if err := get(t, addr, &flags); err != nil {
			return err
		}
		return vfs.SetFileAttr(t, f.Path, vfs.FromFlags(flags))
	}
	var x fsxattr
	if err := get(t, addr, &x); err != nil {
		return err
	}
	if x.XFlags&^vfs.XFlagsKnown != 0 {
		return unix.EOPNOTSUPP
	}
	fa := vfs.FileAttr{XFlags: x.XFlags, ExtSize: x.ExtSize, NExtents: x.NExtents, ProjID: x.ProjID, CowExtSize: x.CowExtSize}
	return vfs.SetFileAttr(t, f.Path, fa.FromXFlags())
}
