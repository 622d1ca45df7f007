// SPDX-License-Identifier: Apache-2.0

// This file takes paths in, and finds where they start.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// pathIn copies a path in. An empty one is ENOENT.
func pathIn(t *task.Task, addr user.Path) (string, error) {
	s, err := user.CopyInPath(t.Memory(), addr)
	if err == nil && s == "" {
		return "", unix.ENOENT
	}
	return s, err
}

// startAt is where a path starts: an absolute one does not look at dirfd.
func startAt(t *task.Task, dirfd vfs.FD, path string) (vfs.At, error) {
	at := t.FS().At()
	if dirfd == vfs.AtFDCWD || path != "" && path[0] == '/' {
		return at, nil
	}
	f, err := t.Files().GetPath(dirfd)
	if err != nil {
		return at, err
	}
	at.Dir = f.Path
	f.DecRef()
	return at, nil
}

// pathAt copies a path in, and finds where it starts.
func pathAt(t *task.Task, dirfd vfs.FD, addr user.Path) (vfs.At, string, error) {
	path, err := pathIn(t, addr)
	if err != nil {
		return vfs.At{}, "", err
	}
	at, err := startAt(t, dirfd, path)
	return at, path, err
}

// lookupAt finds the file that dirfd, a path and AT_* flags name. The caller
// has checked which flags are known.
func lookupAt(t *task.Task, dirfd vfs.FD, addr user.Path, flags uint32) (vfs.Path, error) {
	at, path, err := pathAtFlags(t, dirfd, addr, flags)
	if err != nil {
		return vfs.Path{}, err
	}
	return lookupFrom(t, at, path, flags)
}

// lookupStat is lookupAt for the stat calls and their kin: see pathStat.
func lookupStat(t *task.Task, dirfd vfs.FD, addr user.Path, flags uint32) (vfs.Path, error) {
	at, path, err := pathStat(t, dirfd, addr, flags)
	if err != nil {
		return vfs.Path{}, err
	}
	return lookupFrom(t, at, path, flags)
}

// lookupFrom finds the file at a path, which may be empty.
func lookupFrom(t *task.Task, at vfs.At, path string, flags uint32) (vfs.Path, error) {
	if path == "" {
		return at.Dir, nil
	}
	return vfs.Lookup(t, at, path, walkHow(flags))
}

// pathAtFlags is pathAt, but with AT_EMPTY_PATH the path may be empty.
func pathAtFlags(t *task.Task, dirfd vfs.FD, addr user.Path, flags uint32) (vfs.At, string, error) {
	path, err := pathInFlags(t, addr, flags)
	if err != nil {
		return vfs.At{}, "", err
	}
	at, err := startAt(t, dirfd, path)
	return at, path, err
}

// pathStat is pathAtFlags for the stat calls: since Linux 6.11 AT_EMPTY_PATH
// lets them, and no others, do without a path.
func pathStat(t *task.Task, dirfd vfs.FD, addr user.Path, flags uint32) (vfs.At, string, error) {
	if addr != 0 || flags&unix.AT_EMPTY_PATH == 0 {
		return pathAtFlags(t, dirfd, addr, flags)
	}
	at, err := startAt(t, dirfd, "")
	return at, "", err
}

// pathInFlags is pathIn, which with AT_EMPTY_PATH may be empty.
func pathInFlags(t *task.Task, addr user.Path, flags uint32) (string, error) {
	if flags&unix.AT_EMPTY_PATH == 0 {
		return pathIn(t, addr)
	}
	path, err := pathIn(t, addr)
	if err == unix.ENOENT {
		return "", nil
	}
	return path, err
}

// walkHow is how a walk goes under AT_* flags.
func walkHow(flags uint32) vfs.How {
	if flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
		return 0
	}
	return vfs.Follow
}
