// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/pipe"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// uninstall closes a descriptor that nobody was told of.
func uninstall(t *task.Task, fd int) {
	if f, err := t.Files().Remove(vfs.FD(fd)); err == nil {
		f.DecRef()
	}
}

//ditto:syscall pipe full
func pipe_(t *task.Task, fildes user.Addr) error { return pipe2(t, fildes, 0) }

//ditto:syscall pipe2 full
func pipe2(t *task.Task, fildes user.Addr, flags int32) error {
	const notification = unix.O_EXCL // O_NOTIFICATION_PIPE
	f := uint32(flags)
	if f&^(unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_DIRECT|notification) != 0 {
		return unix.EINVAL
	}
	if f&notification != 0 {
		return unix.ENOPKG
	}
	r, w := pipe.New(t.Creds(), f)
	rfd, err := install(t, r, 0, f&unix.O_CLOEXEC != 0)
	if err != nil {
		w.DecRef()
		return err
	}
	wfd, err := install(t, w, 0, f&unix.O_CLOEXEC != 0)
	if err == nil {
		var b [8]byte
		binary.LittleEndian.PutUint32(b[:], uint32(rfd))
		binary.LittleEndian.PutUint32(b[4:], uint32(wfd))
		if _, err = t.Memory().CopyOut(fildes, b[:]); err != nil {
			uninstall(t, wfd)
		}
	}
	if err != nil {
		uninstall(t, rfd)
	}
	return err
}
