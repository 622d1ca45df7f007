// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall lseek full
func lseek(t *task.Task, fd vfs.FD, off int64, whence uint32) (int, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if whence > unix.SEEK_HOLE {
		return 0, unix.EINVAL
	}
	pos, err := f.Seek(t, off, int(whence))
	return int(pos), err
}
