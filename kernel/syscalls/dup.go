// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall dup full
func dup(t *task.Task, fd vfs.FD) (int, error) {
	f, err := t.Files().GetPath(fd)
	if err != nil {
		return 0, err
	}
	return install(t, f, 0, false)
}

//ditto:syscall dup2 full
func dup2(t *task.Task, old, new vfs.FD) (int, error) {
	if old == new {
		f, err := t.Files().GetPath(old)
		if err != nil {
			return 0, err
		}
		f.DecRef()
		return int(new), nil
	}
	return dupTo(t, old, new, false)
}

//ditto:syscall dup3 full
func dup3(t *task.Task, old, new vfs.FD, flags uint32) (int, error) {
	if flags&^unix.O_CLOEXEC != 0 || old == new {
		return 0, unix.EINVAL
	}
	return dupTo(t, old, new, flags&unix.O_CLOEXEC != 0)
}

func dupTo(t *task.Task, old, new vfs.FD, cloexec bool) (int, error) {
	f, err := t.Files().GetPath(old)
	if err != nil {
		return 0, err
	}
	was, err := t.Files().Replace(new, f, cloexec, t.RLimit(unix.RLIMIT_NOFILE))
	if err != nil {
		f.DecRef()
		return 0, err
	}
	if was != nil {
		_ = t.Files().Finish(t, was) // dup2 has no room for the error of a close
	}
	return int(new), nil
}
