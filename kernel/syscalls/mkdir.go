// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall mkdir full
func mkdir(t *task.Task, path user.Path, mode uint16) error {
	return mkdirat(t, vfs.AtFDCWD, path, mode)
}

//ditto:syscall mkdirat full
func mkdirat(t *task.Task, dirfd vfs.FD, path user.Path, mode uint16) error {
	at, p, err := pathAt(t, dirfd, path)
	if err != nil {
		return err
	}
	return vfs.Mkdir(t, at, p, uint32(mode), t.FS().Umask())
}

//ditto:syscall mknod full
func mknod(t *task.Task, path user.Path, mode uint16, dev uint32) error {
	return mknodat(t, vfs.AtFDCWD, path, mode, dev)
}

//ditto:syscall mknodat full
func mknodat(t *task.Task, dirfd vfs.FD, path user.Path, mode uint16, dev uint32) error {
	if err := vfs.MayMknod(uint32(mode)); err != nil {
		return err // before the path, be it as bad
	}
	at, p, err := pathAt(t, dirfd, path)
	if err != nil {
		return err
	}
	rdev := uint64(0)
	if kind := mode & unix.S_IFMT; kind == unix.S_IFCHR || kind == unix.S_IFBLK {
		rdev = unix.Mkdev(dev>>8&0xfff, dev&0xff|dev>>12&0xfff00) // new_decode_dev
	}
	return vfs.Mknod(t, at, p, uint32(mode), t.FS().Umask(), rdev)
}

//ditto:syscall rmdir full
func rmdir(t *task.Task, path user.Path) error {
	return unlinkat(t, vfs.AtFDCWD, path, unix.AT_REMOVEDIR)
}

//ditto:syscall unlink full
func unlink(t *task.Task, path user.Path) error {
	return unlinkat(t, vfs.AtFDCWD, path, 0)
}

//ditto:syscall unlinkat full
func unlinkat(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32) error {
	if flags&^unix.AT_REMOVEDIR != 0 {
		return unix.EINVAL
	}
	at, p, err := pathAt(t, dirfd, path)
	if err != nil {
		return err
	}
	if flags&unix.AT_REMOVEDIR != 0 {
		return vfs.Rmdir(t, at, p)
	}
	return vfs.Unlink(t, at, p)
}
