// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall inotify_init full
func inotifyInit(t *task.Task) (int, error) { return inotifyInit1(t, 0) }

//ditto:syscall inotify_init1 full
func inotifyInit1(t *task.Task, flags int32) (int, error) {
	if flags&^(unix.IN_CLOEXEC|unix.IN_NONBLOCK) != 0 {
		return 0, unix.EINVAL
	}
	f, err := anon.NewInotify(t.Creds().Account(), uint32(flags))
	if err != nil {
		return 0, err
	}
	return install(t, f, 0, flags&unix.IN_CLOEXEC != 0)
}

// inotifyBits are all that a mask may have (ALL_INOTIFY_BITS).
const inotifyBits = unix.IN_ALL_EVENTS | unix.IN_UNMOUNT | unix.IN_Q_OVERFLOW | unix.IN_IGNORED | unix.IN_ONLYDIR | unix.IN_DONT_FOLLOW |
	unix.IN_EXCL_UNLINK | unix.IN_MASK_CREATE | unix.IN_MASK_ADD | unix.IN_ISDIR | unix.IN_ONESHOT

//ditto:syscall inotify_add_watch partial of what others on the host do to a volume, nobody is told of who only reads, and of new attributes of a directory only who watches that itself
func inotifyAddWatch(t *task.Task, fd vfs.FD, path user.Path, mask uint32) (int, error) {
	if mask&^uint32(inotifyBits) != 0 || mask == 0 {
		return 0, unix.EINVAL
	}
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	in, ok := f.Ops.(*anon.Inotify)
	if mask&unix.IN_MASK_ADD != 0 && mask&unix.IN_MASK_CREATE != 0 || !ok {
		return 0, unix.EINVAL
	}
	at, name, err := pathAt(t, vfs.AtFDCWD, path)
	if err != nil {
		return 0, err
	}
	var how vfs.How
	if mask&unix.IN_DONT_FOLLOW == 0 {
		how = vfs.Follow
	}
	p, err := vfs.Lookup(t, at, name, how)
	if err != nil {
		return 0, err
	}
	if mask&unix.IN_ONLYDIR != 0 && !p.Dentry.IsDir() {
		return 0, unix.ENOTDIR
	}
	if err := vfs.Permission(t, p.Inode(), vfs.MayRead); err != nil {
		return 0, err
	}
	wd, err := in.Add(t, p, mask)
	return int(wd), err
}

//ditto:syscall inotify_rm_watch full
func inotifyRmWatch(t *task.Task, fd vfs.FD, wd int32) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	in, ok := f.Ops.(*anon.Inotify)
	if !ok {
		return unix.EINVAL
	}
	return in.Remove(wd)
}
