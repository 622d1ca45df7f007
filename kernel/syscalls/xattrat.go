// SPDX-License-Identifier: Apache-2.0

// This file is the calls on extended attributes that take a directory
// (fs/xattr.c, since Linux 6.13).

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// xattrArgs is struct xattr_args.
type xattrArgs struct {
	Value       uint64
	Size, Flags uint32
}

const xattrArgsSize = 16 // XATTR_ARGS_SIZE_VER0

func xattrArgsIn(t *task.Task, addr user.Addr, size uint64) (a xattrArgs, err error) {
	switch {
	case size < xattrArgsSize:
		return a, unix.EINVAL
	case size > abi.PageSize:
		return a, unix.E2BIG
	}
	return a, getStruct(t, addr, size, &a)
}

// byAt finds a file by dirfd and path; without a path it is what open finds, an
// open file that must not be one of O_PATH.
func byAt(dirfd vfs.FD, path user.Path, flags uint32, open func(vfs.FD) finder) (finder, error) {
	if flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return nil, unix.EINVAL
	}
	return func(t *task.Task) (vfs.Path, error) {
		name := ""
		if path != 0 || flags&unix.AT_EMPTY_PATH == 0 {
			var err error
			if name, err = pathInFlags(t, path, flags); err != nil {
				return vfs.Path{}, err
			}
		}
		if name == "" {
			return open(dirfd)(t)
		}
		at, err := startAt(t, dirfd, name)
		if err != nil {
			return vfs.Path{}, err
		}
		return vfs.Lookup(t, at, name, walkHow(flags))
	}, nil
}

//ditto:syscall setxattrat full
func setxattrat(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32, name user.String, uargs user.Addr, usize uint64) error {
	a, err := xattrArgsIn(t, uargs, usize)
	if err != nil {
		return err
	}
	find, err := byAt(dirfd, path, flags, byFDOrCwd)
	if err != nil {
		return err
	}
	return setxattrAt(t, find, name, user.Bytes{Addr: user.Addr(a.Value), Len: uint64(a.Size)}, a.Flags)
}

//ditto:syscall getxattrat full
func getxattrat(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32, name user.String, uargs user.Addr, usize uint64) (int, error) {
	a, err := xattrArgsIn(t, uargs, usize)
	if err == nil && a.Flags != 0 {
		err = unix.EINVAL
	}
	if err != nil {
		return 0, err
	}
	find, err := byAt(dirfd, path, flags, byFDOrCwd)
	if err != nil {
		return 0, err
	}
	return getxattrAt(t, find, name, user.Bytes{Addr: user.Addr(a.Value), Len: uint64(a.Size)})
}

//ditto:syscall listxattrat full
func listxattrat(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32, list user.Bytes) (int, error) {
	find, err := byAt(dirfd, path, flags, byFD)
	if err != nil {
		return 0, err
	}
	return listxattrAt(t, find, list)
}

//ditto:syscall removexattrat full
func removexattrat(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32, name user.String) error {
	find, err := byAt(dirfd, path, flags, byFD)
	if err != nil {
		return err
	}
	return removexattrAt(t, find, name)
}
