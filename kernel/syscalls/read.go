// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall read full
func read(t *task.Task, fd vfs.FD, dst user.Bytes) (int, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if !f.Readable() {
		return 0, unix.EBADF
	}
	buf, err := t.Buf(dst)
	if err != nil {
		return 0, noOperationOr(f.MayRead(), err)
	}
	return t.CountRead(f.Read(t, buf))
}

//ditto:syscall pread64 full
func pread64(t *task.Task, fd vfs.FD, dst user.Bytes, pos int64) (int, error) {
	if pos < 0 {
		return 0, unix.EINVAL
	}
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if err := seekableAnd(readable)(f); err != nil {
		return 0, err
	}
	buf, err := t.Buf(dst)
	if err != nil {
		return 0, err
	}
	return t.CountRead(f.Pread(t, buf, pos))
}

//ditto:syscall write full
func write(t *task.Task, fd vfs.FD, src user.Bytes) (int, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if !f.Writable() {
		return 0, unix.EBADF
	}
	buf, err := t.Buf(src)
	if err != nil {
		return 0, noOperationOr(f.MayWrite(), err)
	}
	return t.CountWrite(f.Write(t, buf))
}

//ditto:syscall pwrite64 full
func pwrite64(t *task.Task, fd vfs.FD, src user.Bytes, pos int64) (int, error) {
	if pos < 0 {
		return 0, unix.EINVAL
	}
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if err := seekableAnd(writable)(f); err != nil {
		return 0, err
	}
	buf, err := t.Buf(src)
	if err != nil {
		return 0, err
	}
	return t.CountWrite(f.Pwrite(t, buf, pos))
}

// noOperationOr is the error of memory out of range, before which counts what the file refuses to do at all
// (FMODE_CAN_READ, FMODE_CAN_WRITE).
func noOperationOr(refused, fault error) error {
	if refused != nil {
		return refused
	}
	return fault
}
