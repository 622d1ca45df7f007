// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	xattrNameMax = 255
	xattrSizeMax = 1 << 16
	xattrListMax = 1 << 16
)

// xattrName copies the name of an extended attribute in.
func xattrName(t *task.Task, addr user.String) (string, error) {
	name, err := user.CopyInString(t.Memory(), user.Addr(addr), xattrNameMax+1)
	if err == unix.ENAMETOOLONG || err == nil && name == "" {
		err = unix.ERANGE
	}
	return name, err
}

//ditto:syscall setxattr full
func setxattr(t *task.Task, path user.Path, name user.String, value user.Bytes, flags uint32) error {
	return setxattrAt(t, byPath(path, 0), name, value, flags)
}

//ditto:syscall lsetxattr full
func lsetxattr(t *task.Task, path user.Path, name user.String, value user.Bytes, flags uint32) error {
	return setxattrAt(t, byPath(path, unix.AT_SYMLINK_NOFOLLOW), name, value, flags)
}

//ditto:syscall fsetxattr full
func fsetxattr(t *task.Task, fd vfs.FD, name user.String, value user.Bytes, flags uint32) error {
	return setxattrAt(t, byFDOrCwd(fd), name, value, flags)
}

//ditto:syscall getxattr full
func getxattr(t *task.Task, path user.Path, name user.String, value user.Bytes) (int, error) {
	return getxattrAt(t, byPath(path, 0), name, value)
}

//ditto:syscall lgetxattr full
func lgetxattr(t *task.Task, path user.Path, name user.String, value user.Bytes) (int, error) {
	return getxattrAt(t, byPath(path, unix.AT_SYMLINK_NOFOLLOW), name, value)
}

//ditto:syscall fgetxattr full
func fgetxattr(t *task.Task, fd vfs.FD, name user.String, value user.Bytes) (int, error) {
	return getxattrAt(t, byFDOrCwd(fd), name, value)
}

//ditto:syscall listxattr full
func listxattr(t *task.Task, path user.Path, list user.Bytes) (int, error) {
	return listxattrAt(t, byPath(path, 0), list)
}

//ditto:syscall llistxattr full
func llistxattr(t *task.Task, path user.Path, list user.Bytes) (int, error) {
	return listxattrAt(t, byPath(path, unix.AT_SYMLINK_NOFOLLOW), list)
}

//ditto:syscall flistxattr full
func flistxattr(t *task.Task, fd vfs.FD, list user.Bytes) (int, error) {
	return listxattrAt(t, byFD(fd), list)
}

//ditto:syscall removexattr full
func removexattr(t *task.Task, path user.Path, name user.String) error {
	return removexattrAt(t, byPath(path, 0), name)
}

//ditto:syscall lremovexattr full
func lremovexattr(t *task.Task, path user.Path, name user.String) error {
	return removexattrAt(t, byPath(path, unix.AT_SYMLINK_NOFOLLOW), name)
}

//ditto:syscall fremovexattr full
func fremovexattr(t *task.Task, fd vfs.FD, name user.String) error {
	return removexattrAt(t, byFD(fd), name)
}

// finder finds the file that a call is about, once its other arguments are in.
type finder func(t *task.Task) (vfs.Path, error)

func byPath(path user.Path, flags uint32) finder {
	return func(t *task.Task) (vfs.Path, error) { return lookupAt(t, vfs.AtFDCWD, path, flags) }
}

// byFDOrCwd is byFD, and AT_FDCWD is the working directory: since Linux 6.13
// fgetxattr and fsetxattr are getxattrat(2) and setxattrat(2) without a path.
func byFDOrCwd(fd vfs.FD) finder {
	if fd != vfs.AtFDCWD {
		return byFD(fd)
	}
	return func(t *task.Task) (vfs.Path, error) { return t.FS().Cwd(), nil }
}

func byFD(fd vfs.FD) finder {
	return func(t *task.Task) (vfs.Path, error) {
		f, err := t.Files().Get(fd)
		if err != nil {
			return vfs.Path{}, err
		}
		defer f.DecRef()
		return f.Path, nil
	}
}

func setxattrAt(t *task.Task, find finder, name user.String, value user.Bytes, flags uint32) error {
	if flags&^(unix.XATTR_CREATE|unix.XATTR_REPLACE) != 0 {
		return unix.EINVAL
	}
	n, err := xattrName(t, name)
	if err != nil {
		return err
	}
	if value.Len > xattrSizeMax {
		return unix.E2BIG
	}
	v := make([]byte, value.Len)
	if _, err := t.Memory().CopyIn(value.Addr, v); err != nil {
		return err
	}
	p, err := find(t)
	if err != nil {
		return err
	}
	return vfs.Setxattr(t, p, n, v, flags)
}

func getxattrAt(t *task.Task, find finder, name user.String, value user.Bytes) (int, error) {
	n, err := xattrName(t, name)
	if err != nil {
		return 0, err
	}
	p, err := find(t)
	if err != nil {
		return 0, err
	}
	v, err := vfs.Getxattr(t, p, n)
	if err != nil {
		return 0, err
	}
	return sizedOut(t, value, v)
}

func listxattrAt(t *task.Task, find finder, list user.Bytes) (int, error) {
	p, err := find(t)
	if err != nil {
		return 0, err
	}
	names, err := vfs.Listxattr(t, p)
	if err != nil {
		return 0, err
	}
	if len(names) > xattrListMax && list.Len >= xattrListMax {
		return 0, unix.E2BIG // no room would be enough
	}
	return sizedOut(t, list, names)
}

// sizedOut copies v out, or only says how long it is if the length is zero.
func sizedOut(t *task.Task, out user.Bytes, v []byte) (int, error) {
	switch {
	case out.Len == 0:
		return len(v), nil
	case uint64(len(v)) > out.Len:
		return 0, unix.ERANGE
	}
	return t.Memory().CopyOutLast(out.Addr, v, false)
}

func removexattrAt(t *task.Task, find finder, name user.String) error {
	n, err := xattrName(t, name)
	if err != nil {
		return err
	}
	p, err := find(t)
	if err != nil {
		return err
	}
	return vfs.Removexattr(t, p, n)
}
