// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall chmod full
func chmod(t *task.Task, path user.Path, mode uint16) error {
	return fchmodat2(t, vfs.AtFDCWD, path, mode, 0)
}

//ditto:syscall fchmodat full
func fchmodat(t *task.Task, dirfd vfs.FD, path user.Path, mode uint16) error {
	return fchmodat2(t, dirfd, path, mode, 0)
}

//ditto:syscall fchmodat2 full
func fchmodat2(t *task.Task, dirfd vfs.FD, path user.Path, mode uint16, flags uint32) error {
	if flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return unix.EINVAL
	}
	p, err := lookupAt(t, dirfd, path, flags)
	if err != nil {
		return err
	}
	return vfs.Chmod(t, p, uint32(mode))
}

//ditto:syscall fchmod full
func fchmod(t *task.Task, fd vfs.FD, mode uint16) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return vfs.Chmod(t, f.Path, uint32(mode))
}

//ditto:syscall chown full
func chown(t *task.Task, path user.Path, uid, gid uint32) error {
	return fchownat(t, vfs.AtFDCWD, path, uid, gid, 0)
}

//ditto:syscall lchown full
func lchown(t *task.Task, path user.Path, uid, gid uint32) error {
	return fchownat(t, vfs.AtFDCWD, path, uid, gid, unix.AT_SYMLINK_NOFOLLOW)
}

//ditto:syscall fchownat full
func fchownat(t *task.Task, dirfd vfs.FD, path user.Path, uid, gid, flags uint32) error {
	if flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return unix.EINVAL
	}
	p, err := lookupAt(t, dirfd, path, flags)
	if err != nil {
		return err
	}
	return vfs.Chown(t, p, uid, gid)
}

//ditto:syscall fchown full
func fchown(t *task.Task, fd vfs.FD, uid, gid uint32) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return vfs.Chown(t, f.Path, uid, gid)
}
