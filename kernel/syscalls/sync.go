// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall sync full
func sync_(t *task.Task) error {
	vfs.SyncAll()
	return nil
}

//ditto:syscall syncfs full
func syncfs(t *task.Task, fd vfs.FD) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return vfs.SyncFS(f.Inode.FS())
}

//ditto:syscall fsync full
func fsync(t *task.Task, fd vfs.FD) error { return syncFD(t, fd, false) }

//ditto:syscall fdatasync full
func fdatasync(t *task.Task, fd vfs.FD) error { return syncFD(t, fd, true) }

func syncFD(t *task.Task, fd vfs.FD, dataOnly bool) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return f.Ops.Sync(t, f, dataOnly)
}

//ditto:syscall sync_file_range full
func syncFileRange(t *task.Task, fd vfs.FD, off, n int64, flags uint32) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return syncRange(t, f, off, n, flags)
}

func syncRange(t *task.Task, f *vfs.File, off, n int64, flags uint32) error {
	const known = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER
	if flags&^known != 0 || off < 0 || n < 0 || off > math.MaxInt64-n {
		return unix.EINVAL
	}
	switch f.Inode.Mode() & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFBLK, unix.S_IFDIR, unix.S_IFLNK:
	default:
		if !vfs.IsRegular(f.Inode) {
			return unix.ESPIPE
		}
	}
	if flags == 0 {
		return nil
	}
	// A file without a page cache, of which fsync(2) says EINVAL, has nothing to write.
	if err := f.Ops.Sync(t, f, true); err != unix.EINVAL {
		return err
	}
	return nil
}

//ditto:syscall fadvise64 full
func fadvise64(t *task.Task, fd vfs.FD, off int64, n uint64, advice int32) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return fadviseFile(f, n, advice)
}

func fadviseFile(f *vfs.File, n uint64, advice int32) error {
	switch {
	case f.Inode.Mode()&unix.S_IFMT == unix.S_IFIFO:
		return unix.ESPIPE
	case int64(n) < 0, advice < unix.FADV_NORMAL || advice > unix.FADV_NOREUSE:
		return unix.EINVAL
	}
	return nil // advice
}

//ditto:syscall readahead full
func readahead(t *task.Task, fd vfs.FD, off int64, n uint64) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if !f.Readable() {
		return unix.EBADF
	}
	if kind := f.Inode.Mode() & unix.S_IFMT; kind != unix.S_IFREG && kind != unix.S_IFBLK {
		return unix.EINVAL
	}
	if _, secret := f.Ops.(interface{ SecretMemory() }); secret { // IS_ANON_FILE
		return unix.EINVAL
	}
	return nil // advice
}
