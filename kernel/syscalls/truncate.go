// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall truncate full
func truncate(t *task.Task, path user.Path, size int64) error {
	if size < 0 {
		return unix.EINVAL
	}
	p, err := lookupAt(t, vfs.AtFDCWD, path, 0)
	if err != nil {
		return err
	}
	return vfs.Truncate(t, p, size)
}

//ditto:syscall ftruncate full
func ftruncate(t *task.Task, fd vfs.FD, size int64) error {
	if size < 0 {
		return unix.EINVAL
	}
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return vfs.Ftruncate(t, f, size)
}

const fallocFlags = unix.FALLOC_FL_KEEP_SIZE | unix.FALLOC_FL_PUNCH_HOLE | unix.FALLOC_FL_COLLAPSE_RANGE |
	unix.FALLOC_FL_ZERO_RANGE | unix.FALLOC_FL_INSERT_RANGE | unix.FALLOC_FL_UNSHARE_RANGE | fallocWriteZeroes

const fallocWriteZeroes = 0x80 // FALLOC_FL_WRITE_ZEROES, since Linux 6.17: of block devices

//ditto:syscall fallocate full
func fallocate(t *task.Task, fd vfs.FD, mode uint32, off, length int64) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return fallocateFile(t, f, mode, off, length)
}

// fallocateFile is vfs_fallocate.
func fallocateFile(t *task.Task, f *vfs.File, mode uint32, off, length int64) error {
	if err := checkFallocate(mode, off, length); err != nil {
		return err
	}
	if !f.Writable() {
		return unix.EBADF
	}
	if err := vfs.MayAllocate(f.Inode, mode); err != nil {
		return err
	}
	kind := f.Inode.Mode() & unix.S_IFMT
	switch {
	case vfs.IsRegular(f.Inode), kind == unix.S_IFBLK:
	case kind == unix.S_IFIFO:
		return unix.ESPIPE
	case kind == unix.S_IFDIR:
		return unix.EISDIR
	default:
		return unix.ENODEV
	}
	if off > math.MaxInt64-length {
		return unix.EFBIG
	}
	if kind == 0 { // a pidfd, which has no such operation
		return unix.EOPNOTSUPP
	}
	if err := f.Ops.Allocate(t, f, mode, off, length); err != nil {
		return err
	}
	f.NotifyAllocate(t)
	return nil
}

// checkFallocate is vfs_fallocate's look at its arguments.
func checkFallocate(mode uint32, off, length int64) error {
	const keep = unix.FALLOC_FL_KEEP_SIZE
	switch {
	case off < 0 || length <= 0:
		return unix.EINVAL
	case mode&^fallocFlags != 0:
		return unix.EOPNOTSUPP
	}
	switch mode &^ keep {
	case 0, unix.FALLOC_FL_UNSHARE_RANGE, unix.FALLOC_FL_ZERO_RANGE:
		return nil
	case unix.FALLOC_FL_PUNCH_HOLE:
		if mode&keep == 0 {
			return unix.EOPNOTSUPP
		}
		return nil
	case unix.FALLOC_FL_COLLAPSE_RANGE, unix.FALLOC_FL_INSERT_RANGE, fallocWriteZeroes:
		if mode&keep != 0 {
			return unix.EOPNOTSUPP
		}
		return nil
	}
	return unix.EOPNOTSUPP
}
