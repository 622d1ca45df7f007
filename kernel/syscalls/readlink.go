// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall readlink full
func readlink(t *task.Task, path user.Path, buf user.Addr, size int32) (int, error) {
	return readlinkat(t, vfs.AtFDCWD, path, buf, size)
}

//ditto:syscall readlinkat full
func readlinkat(t *task.Task, dirfd vfs.FD, path user.Path, buf user.Addr, size int32) (int, error) {
	if size <= 0 {
		return 0, unix.EINVAL
	}
	p, err := lookupAt(t, dirfd, path, unix.AT_EMPTY_PATH|unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return 0, err
	}
	inode := p.Inode()
	if inode.Mode()&unix.S_IFMT != unix.S_IFLNK {
		// An empty path means dirfd itself, which must then be a link.
		if empty, err := pathInFlags(t, path, unix.AT_EMPTY_PATH); err == nil && empty == "" {
			return 0, unix.ENOENT
		}
		return 0, unix.EINVAL
	}
	target, err := vfs.Readlink(t, p)
	if err != nil {
		return 0, err
	}
	return t.Memory().CopyOutLast(buf, []byte(target[:min(len(target), int(size))]), false)
}
