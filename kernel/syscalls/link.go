// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall link full
func link(t *task.Task, old, new user.Path) error {
	return linkat(t, vfs.AtFDCWD, old, vfs.AtFDCWD, new, 0)
}

//ditto:syscall linkat full
func linkat(t *task.Task, oldfd vfs.FD, old user.Path, newfd vfs.FD, new user.Path, flags uint32) error {
	if flags&^(unix.AT_SYMLINK_FOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return unix.EINVAL
	}
	how := uint32(unix.AT_SYMLINK_NOFOLLOW)
	if flags&unix.AT_SYMLINK_FOLLOW != 0 {
		how = 0
	}
	if flags&unix.AT_EMPTY_PATH != 0 {
		if err := mayLinkDescriptor(t, oldfd, old); err != nil {
			return err
		}
	}
	p, err := lookupAt(t, oldfd, old, how|flags&unix.AT_EMPTY_PATH)
	if err != nil {
		return err
	}
	at, path, err := pathAt(t, newfd, new)
	if err != nil {
		return err
	}
	return vfs.Link(t, p, at, path)
}

// mayLinkDescriptor is LOOKUP_LINKAT_EMPTY: a walk that may end at its
// descriptor starts there only under the credentials that it was opened with,
// or with CAP_DAC_READ_SEARCH, whether there is a path or not. ENOENT.
func mayLinkDescriptor(t *task.Task, fd vfs.FD, path user.Path) error {
	s, err := pathInFlags(t, path, unix.AT_EMPTY_PATH)
	if err != nil || fd == vfs.AtFDCWD || s != "" && s[0] == '/' {
		return err
	}
	f, err := t.Files().GetPath(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if f.Creds == nil || f.Creds == t.Creds() || t.Creds().CapableIn(f.Creds.NS(), unix.CAP_DAC_READ_SEARCH) {
		return nil
	}
	return unix.ENOENT
}

//ditto:syscall symlink full
func symlink(t *task.Task, target, path user.Path) error {
	return symlinkat(t, target, vfs.AtFDCWD, path)
}

//ditto:syscall symlinkat full
func symlinkat(t *task.Task, target user.Path, dirfd vfs.FD, path user.Path) error {
	to, err := pathIn(t, target)
	if err != nil {
		return err
	}
	at, p, err := pathAt(t, dirfd, path)
	if err != nil {
		return err
	}
	return vfs.Symlink(t, to, at, p)
}

//ditto:syscall rename full
func rename(t *task.Task, old, new user.Path) error {
	return renameat2(t, vfs.AtFDCWD, old, vfs.AtFDCWD, new, 0)
}

//ditto:syscall renameat full
func renameat(t *task.Task, oldfd vfs.FD, old user.Path, newfd vfs.FD, new user.Path) error {
	return renameat2(t, oldfd, old, newfd, new, 0)
}

//ditto:syscall renameat2 full
func renameat2(t *task.Task, oldfd vfs.FD, old user.Path, newfd vfs.FD, new user.Path, flags uint32) error {
	// Before the paths, whose errors Linux looks at later.
	switch {
	case flags&^(unix.RENAME_NOREPLACE|unix.RENAME_EXCHANGE|unix.RENAME_WHITEOUT) != 0,
		flags&unix.RENAME_EXCHANGE != 0 && flags != unix.RENAME_EXCHANGE:
		return unix.EINVAL
	}
	from, oldPath, err := pathAt(t, oldfd, old)
	if err != nil {
		return err
	}
	to, newPath, err := pathAt(t, newfd, new)
	if err != nil {
		// Linux goes the old name's way before it looks at the new one.
		if before := vfs.ParentOf(t, from, oldPath); before != nil {
			return before
		}
		return err
	}
	return vfs.Rename(t, from, oldPath, to, newPath, flags)
}
