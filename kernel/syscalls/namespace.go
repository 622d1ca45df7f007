// SPDX-License-Identifier: Apache-2.0

// This file has the calls that take a task apart from others, and into other
// namespaces (kernel/fork.c, kernel/nsproxy.c).

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const unshareKnown = unix.CLONE_THREAD | unix.CLONE_FS | unix.CLONE_SIGHAND | unix.CLONE_VM | unix.CLONE_FILES |
	unix.CLONE_SYSVSEM | unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWTIME

//ditto:syscall unshare full
func unshare(t *task.Task, flags uint64) error {
	// What can't be had without what.
	for _, implied := range [...]struct{ flag, more uint64 }{
		{unix.CLONE_NEWUSER, unix.CLONE_THREAD | unix.CLONE_FS},
		{unix.CLONE_VM, unix.CLONE_SIGHAND},
		{unix.CLONE_SIGHAND, unix.CLONE_THREAD},
		{unix.CLONE_NEWNS, unix.CLONE_FS},
	} {
		if flags&implied.flag != 0 {
			flags |= implied.more
		}
	}
	if flags&^unshareKnown != 0 {
		return unix.EINVAL
	}
	if flags&unix.CLONE_THREAD != 0 {
		threads, sighand, mm := t.Alone()
		if !threads || flags&unix.CLONE_SIGHAND != 0 && !sighand || flags&unix.CLONE_VM != 0 && !mm {
			return unix.EINVAL
		}
	}
	return t.Unshare(flags)
}

//ditto:syscall setns full
func setns(t *task.Task, fd vfs.FD, nstype int32) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return t.Setns(f, uint64(uint32(nstype)))
}
