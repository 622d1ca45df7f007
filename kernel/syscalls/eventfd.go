// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall eventfd full
func eventfd(t *task.Task, count uint32) (int, error) { return eventfd2(t, count, 0) }

//ditto:syscall eventfd2 full
func eventfd2(t *task.Task, count uint32, flags int32) (int, error) {
	if flags&^(unix.EFD_CLOEXEC|unix.EFD_NONBLOCK|unix.EFD_SEMAPHORE) != 0 {
		return 0, unix.EINVAL
	}
	return install(t, anon.NewEventfd(count, uint32(flags)), 0, flags&unix.EFD_CLOEXEC != 0)
}

//ditto:syscall signalfd full
func signalfd(t *task.Task, ufd vfs.FD, umask user.Addr, size uint64) (int, error) {
	return signalfd4(t, ufd, umask, size, 0)
}

//ditto:syscall signalfd4 full
func signalfd4(t *task.Task, ufd vfs.FD, umask user.Addr, size uint64, flags int32) (int, error) {
	if size != sigsetSize {
		return 0, unix.EINVAL
	}
	set, err := get64(t, umask)
	if err != nil {
		return 0, err
	}
	if flags&^(unix.SFD_CLOEXEC|unix.SFD_NONBLOCK) != 0 {
		return 0, unix.EINVAL
	}
	if ufd == -1 {
		f := anon.NewSignalfd(t, task.SigSet(set), uint32(flags))
		return install(t, f, 0, flags&unix.SFD_CLOEXEC != 0)
	}
	f, err := t.Files().Get(ufd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	s, ok := f.Ops.(*anon.Signalfd)
	if !ok {
		return 0, unix.EINVAL
	}
	s.SetMask(t, task.SigSet(set))
	return int(ufd), nil
}
