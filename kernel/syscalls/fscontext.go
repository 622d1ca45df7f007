// SPDX-License-Identifier: Apache-2.0

// This file is the calls that describe a file system step by step and then mount it
// (fs/fsopen.c).

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	fsconfigCreateExcl = 8       // FSCONFIG_CMD_CREATE_EXCL
	fsParamMax         = 256     // of a key, and of a string
	fsBlobMax          = 1 << 20 // of a blob
)

//ditto:syscall fsopen full
func fsopen(t *task.Task, name user.String, flags uint32) (int, error) {
	if err := t.Mounts().MayMount(t); err != nil {
		return 0, err
	}
	if flags&^unix.FSOPEN_CLOEXEC != 0 {
		return 0, unix.EINVAL
	}
	s, err := dupString(t, user.Addr(name), abi.PageSize)
	if err != nil {
		return 0, err
	}
	ty := vfs.FindFS(s)
	if ty == nil {
		return 0, unix.ENODEV
	}
	c, err := vfs.NewFSContext(t, ty)
	if err != nil {
		return 0, err
	}
	return install(t, c.Open(), 0, flags&unix.FSOPEN_CLOEXEC != 0)
}

// dupString is strndup_user: EINVAL for a string that is too long.
func dupString(t *task.Task, addr user.Addr, limit int) (string, error) {
	s, err := user.CopyInString(t.Memory(), addr, limit)
	if err == unix.ENAMETOOLONG {
		err = unix.EINVAL
	}
	return s, err
}

//ditto:syscall fspick full
func fspick(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32) (int, error) {
	if err := t.Mounts().MayMount(t); err != nil {
		return 0, err
	}
	const known = unix.FSPICK_CLOEXEC | unix.FSPICK_SYMLINK_NOFOLLOW | unix.FSPICK_NO_AUTOMOUNT | unix.FSPICK_EMPTY_PATH
	if flags&^known != 0 {
		return 0, unix.EINVAL
	}
	at := uint32(0)
	if flags&unix.FSPICK_SYMLINK_NOFOLLOW != 0 {
		at |= unix.AT_SYMLINK_NOFOLLOW
	}
	if flags&unix.FSPICK_EMPTY_PATH != 0 {
		at |= unix.AT_EMPTY_PATH
	}
	p, err := lookupAt(t, dirfd, path, at)
	if err != nil {
		return 0, err
	}
	c, err := vfs.PickFS(t, p)
	if err != nil {
		return 0, err
	}
	return install(t, c.Open(), 0, flags&unix.FSPICK_CLOEXEC != 0)
}

// fsParam is the arguments of fsconfig(2) that describe one option.
type fsParam struct {
	cmd        uint32
	key, value user.Addr
	aux        int32
}

// check is EINVAL for arguments that don't go with the command.
func (p fsParam) check() error {
	bad := false
	switch p.cmd {
	case unix.FSCONFIG_SET_FLAG:
		bad = p.key == 0 || p.value != 0 || p.aux != 0
	case unix.FSCONFIG_SET_STRING:
		bad = p.key == 0 || p.value == 0 || p.aux != 0
	case unix.FSCONFIG_SET_BINARY:
		bad = p.key == 0 || p.value == 0 || p.aux <= 0 || p.aux > fsBlobMax
	case unix.FSCONFIG_SET_PATH, unix.FSCONFIG_SET_PATH_EMPTY:
		bad = p.key == 0 || p.value == 0 || p.aux != unix.AT_FDCWD && p.aux < 0
	case unix.FSCONFIG_SET_FD:
		bad = p.key == 0 || p.value != 0 || p.aux < 0
	case unix.FSCONFIG_CMD_CREATE, fsconfigCreateExcl, unix.FSCONFIG_CMD_RECONFIGURE:
		bad = p.key != 0 || p.value != 0 || p.aux != 0
	default:
		return unix.EOPNOTSUPP
	}
	if bad {
		return unix.EINVAL
	}
	return nil
}

//ditto:syscall fsconfig full
func fsconfig(t *task.Task, fd vfs.FD, cmd uint32, key user.String, value user.Addr, aux int32) error {
	if fd < 0 {
		return unix.EINVAL
	}
	p := fsParam{cmd, user.Addr(key), value, aux}
	if err := p.check(); err != nil {
		return err
	}
	c, err := fsContext(t, fd)
	if err != nil {
		return err
	}
	switch cmd {
	case unix.FSCONFIG_CMD_CREATE, fsconfigCreateExcl:
		return c.Create(t, cmd == fsconfigCreateExcl)
	case unix.FSCONFIG_CMD_RECONFIGURE:
		return c.Reconfigure(t)
	}
	o, err := p.option(t)
	if err != nil {
		return err
	}
	return c.Set(t, o)
}

// fsContext is the context that a descriptor is: EBADF, EINVAL.
func fsContext(t *task.Task, fd vfs.FD) (*vfs.FSContext, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return nil, err
	}
	defer f.DecRef()
	c, ok := f.Ops.(*vfs.FSContext)
	if !ok {
		return nil, unix.EINVAL
	}
	return c, nil
}

// option takes the option in.
func (p fsParam) option(t *task.Task) (o vfs.Option, err error) {
	if o.Key, err = dupString(t, p.key, fsParamMax); err != nil {
		return o, err
	}
	switch p.cmd {
	case unix.FSCONFIG_SET_FLAG:
		o.Flag = true
	case unix.FSCONFIG_SET_STRING:
		o.Value, err = dupString(t, p.value, fsParamMax)
	case unix.FSCONFIG_SET_BINARY:
		_, err = t.Memory().CopyIn(p.value, make([]byte, p.aux))
		o.Other = true
	case unix.FSCONFIG_SET_PATH, unix.FSCONFIG_SET_PATH_EMPTY:
		flags := uint32(0)
		if p.cmd == unix.FSCONFIG_SET_PATH_EMPTY {
			flags = unix.AT_EMPTY_PATH
		}
		_, err = pathInFlags(t, user.Path(p.value), flags)
		o.Other = true
	case unix.FSCONFIG_SET_FD:
		var f *vfs.File
		if f, err = t.Files().GetPath(vfs.FD(p.aux)); err == nil {
			o.Place = &f.Path
			f.DecRef()
		}
	}
	return o, err
}

//ditto:syscall fsmount full
func fsmount(t *task.Task, fd vfs.FD, flags, attr uint32) (int, error) {
	if err := t.Mounts().MayMount(t); err != nil {
		return 0, err
	}
	if flags&^unix.FSMOUNT_CLOEXEC != 0 {
		return 0, unix.EINVAL
	}
	ms, err := fsmountFlags(attr)
	if err != nil {
		return 0, err
	}
	c, err := fsContext(t, fd)
	if err != nil {
		return 0, err
	}
	f, err := c.Mount(t, t.Mounts(), ms)
	if err != nil {
		return 0, err
	}
	return install(t, f, 0, flags&unix.FSMOUNT_CLOEXEC != 0)
}

// fsmountFlags are MS_* flags of MOUNT_ATTR_*.
func fsmountFlags(attr uint32) (ms uint32, err error) {
	known := uint32(mountAttrAtime)
	for _, f := range mountAttrFlags {
		known |= uint32(f.attr)
		if attr&uint32(f.attr) != 0 {
			ms |= f.ms
		}
	}
	if attr&^known != 0 {
		return 0, unix.EINVAL
	}
	switch attr & mountAttrAtime {
	case unix.MOUNT_ATTR_RELATIME:
		ms |= unix.MS_RELATIME
	case unix.MOUNT_ATTR_NOATIME:
		ms |= unix.MS_NOATIME
	case unix.MOUNT_ATTR_STRICTATIME:
	default:
		return 0, unix.EINVAL
	}
	return ms, nil
}
