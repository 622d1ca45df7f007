// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall getcwd full
func getcwd(t *task.Task, buf user.Addr, size uint64) (int, error) {
	cwd := t.FS().Cwd()
	if cwd.Dentry.IsUnlinked() {
		return 0, unix.ENOENT
	}
	path := vfs.DentryPath(t.FS().Root(), cwd) + "\x00"
	switch {
	case len(path) > user.PathMax:
		return 0, unix.ENAMETOOLONG
	case uint64(len(path)) > size:
		return 0, unix.ERANGE
	}
	return t.Memory().CopyOutLast(buf, []byte(path), false)
}

//ditto:syscall chdir full
func chdir(t *task.Task, path user.Path) error {
	p, err := directory(t, path)
	if err != nil {
		return err
	}
	t.FS().SetCwd(p)
	return nil
}

//ditto:syscall fchdir full
func fchdir(t *task.Task, fd vfs.FD) error {
	f, err := t.Files().GetPath(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if !f.Path.Dentry.IsDir() {
		return unix.ENOTDIR
	}
	if err := vfs.Permission(t, f.Inode, vfs.MayExec); err != nil {
		return err
	}
	t.FS().SetCwd(f.Path)
	return nil
}

//ditto:syscall chroot full
func chroot(t *task.Task, path user.Path) error {
	p, err := directory(t, path)
	if err != nil {
		return err
	}
	if !t.Creds().CapableHere(unix.CAP_SYS_CHROOT) {
		return unix.EPERM
	}
	t.FS().SetRoot(p)
	return nil
}

// directory finds a directory that may be searched.
func directory(t *task.Task, path user.Path) (vfs.Path, error) {
	p, err := lookupAt(t, vfs.AtFDCWD, path, 0)
	if err != nil {
		return p, err
	}
	if !p.Dentry.IsDir() {
		return p, unix.ENOTDIR
	}
	return p, vfs.Permission(t, p.Inode(), vfs.MayExec)
}

//ditto:syscall umask full
func umask(t *task.Task, mask int32) (int, error) {
	return int(t.FS().SetUmask(uint32(mask))), nil
}
