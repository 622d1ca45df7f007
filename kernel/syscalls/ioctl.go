// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Commands that any file knows.
const (
	fioNClex = 0x5450
	fioClex  = 0x5451
	fioNBIO  = 0x5421
	fioAsync = 0x5452
	fioRead  = 0x541b // FIONREAD
	fiGetBsz = 2      // FIGETBSZ
	fioQSize = 0x5460 // FIOQSIZE

	fioSetOwn = 0x8901 // FIOSETOWN
	fioGetOwn = 0x8903 // FIOGETOWN
)

//ditto:syscall ioctl full
func ioctl(t *task.Task, fd vfs.FD, cmd uint32, arg uint64) (uint64, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if !f.MayIoctlDevice() && !ofEveryFile(cmd) {
		return 0, unix.EACCES
	}
	switch cmd {
	case fioClex, fioNClex:
		return 0, t.Files().SetCloseOnExec(fd, cmd == fioClex)
	case fioNBIO:
		return 0, ioctlFlag(t, f, fd, user.Addr(arg), unix.O_NONBLOCK)
	case fioAsync:
		return 0, ioctlFlag(t, f, fd, user.Addr(arg), unix.O_ASYNC)
	case fioRead:
		if isSecret(f) {
			return 0, unix.ENOTTY
		}
		if f.Inode.Mode()&unix.S_IFMT == unix.S_IFREG {
			return 0, bytesLeft(t, f, user.Addr(arg))
		}
	case fioQSize:
		if isSecret(f) {
			return 0, unix.ENOTTY
		}
		switch f.Inode.Mode() & unix.S_IFMT {
		case unix.S_IFREG, unix.S_IFDIR, unix.S_IFLNK:
			a, err := f.Inode.Attr(t)
			if err != nil {
				return 0, err
			}
			return 0, put64(t, user.Addr(arg), uint64(a.Blocks)*512)
		}
		return 0, unix.ENOTTY
	case fioSetOwn, unix.SIOCSPGRP, fioGetOwn, unix.SIOCGPGRP:
		if isSocket(f) {
			return 0, ioctlOwner(t, f, cmd, user.Addr(arg))
		}
	case fiGetBsz:
		size, err := blockSize(t, f)
		if err != nil {
			return 0, err
		}
		return 0, put32(t, user.Addr(arg), size)
	default:
		if err := ioctlOfFile(t, f, cmd, arg); err != unix.ENOTTY {
			return 0, err
		}
	}
	return f.Ops.Ioctl(t, f, cmd, arg)
}

// isSecret tells whether f is of memfd_secret(2): it is regular, but anonymous (IS_ANON_FILE).
func isSecret(f *vfs.File) bool {
	_, secret := f.Ops.(interface{ SecretMemory() })
	return secret
}

// ofEveryFile tells whether a command never gets to a device's driver, so that no right is needed for it.
func ofEveryFile(cmd uint32) bool {
	switch cmd {
	case fioClex, fioNClex, fioNBIO, fioAsync, fioQSize, fiFreeze, fiThaw, fsFiemap, fiGetBsz, fiClone, fiCloneRange, fiDedupe, fsGetUUID, fsGetSysfsPath:
		return true
	}
	return false
}

// blockSize is s_blocksize of the file's file system.
func blockSize(t *task.Task, f *vfs.File) (uint32, error) {
	if f.Inode.FS().Name() == "proc" {
		return 1024, nil
	}
	s, err := f.Inode.FS().Statfs(t)
	return uint32(s.Bsize), err
}

// ioctlOwner is F_SETOWN and F_GETOWN as a socket's commands.
func ioctlOwner(t *task.Task, f *vfs.File, cmd uint32, addr user.Addr) error {
	if cmd == fioGetOwn || cmd == unix.SIOCGPGRP {
		id, err := fcntlOwner(t, f, unix.F_GETOWN, 0)
		if err != nil {
			return err
		}
		return put32(t, addr, uint32(id))
	}
	var id int32
	if err := get(t, addr, &id); err != nil {
		return err
	}
	_, err := fcntlOwner(t, f, unix.F_SETOWN, uint64(uint32(id)))
	return err
}

// ioctlFlag sets or clears a status flag, as the int at addr says.
func ioctlFlag(t *task.Task, f *vfs.File, fd vfs.FD, addr user.Addr, flag uint32) error {
	var on int32
	if err := get(t, addr, &on); err != nil {
		return err
	}
	if flag == unix.O_ASYNC && (on != 0) != (f.Flags()&flag != 0) && !canAsync(t, f) {
		return unix.ENOTTY
	}
	if on != 0 {
		f.SetFlags(flag, flag)
	} else {
		f.SetFlags(flag, 0)
	}
	if flag == unix.O_ASYNC {
		setAsync(t, f, fd, on != 0)
	}
	return nil
}

func bytesLeft(t *task.Task, f *vfs.File, addr user.Addr) error {
	a, err := f.Inode.Attr(t)
	if err != nil {
		return err
	}
	pos, err := f.Seek(t, 0, unix.SEEK_CUR)
	if err != nil {
		return err
	}
	return put32(t, addr, uint32(a.Size-pos))
}
