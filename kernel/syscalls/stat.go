// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall stat full
func stat(t *task.Task, path user.Path, out user.Addr) error {
	return statAt(t, vfs.AtFDCWD, path, out, 0)
}

//ditto:syscall lstat full
func lstat(t *task.Task, path user.Path, out user.Addr) error {
	return statAt(t, vfs.AtFDCWD, path, out, unix.AT_SYMLINK_NOFOLLOW)
}

//ditto:syscall fstat full
func fstat(t *task.Task, fd vfs.FD, out user.Addr) error {
	f, err := t.Files().GetPath(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	a, err := f.Inode.Attr(t)
	if err != nil {
		return err
	}
	return statOut(t, out, &a)
}

//ditto:syscall newfstatat full
func newfstatat(t *task.Task, dirfd vfs.FD, path user.Path, out user.Addr, flags uint32) error {
	if flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT|unix.AT_EMPTY_PATH|statxSyncType) == 0 {
		return statAt(t, dirfd, path, out, flags)
	}
	if flags&unix.AT_EMPTY_PATH == 0 || dirfd < 0 {
		return unix.EINVAL
	}
	// Without a path it is fstat, which has no flags.
	if path != 0 {
		if s, err := pathInFlags(t, path, unix.AT_EMPTY_PATH); err != nil || s != "" {
			return unix.EINVAL
		}
	}
	return statAt(t, dirfd, path, out, unix.AT_EMPTY_PATH)
}

func statAt(t *task.Task, dirfd vfs.FD, path user.Path, out user.Addr, flags uint32) error {
	a, _, err := attrAt(t, dirfd, path, flags)
	if err != nil {
		return err
	}
	return statOut(t, out, &a)
}

// attrAt are the attributes of the file that dirfd, a path and AT_* flags name, and where it is: see vfs.StatAt.
func attrAt(t *task.Task, dirfd vfs.FD, addr user.Path, flags uint32) (vfs.Attr, vfs.Path, error) {
	at, path, err := pathStat(t, dirfd, addr, flags)
	if err != nil {
		return vfs.Attr{}, vfs.Path{}, err
	}
	if path == "" {
		a, err := vfs.Stat(t, at.Dir)
		return a, at.Dir, err
	}
	return vfs.StatAt(t, at, path, walkHow(flags))
}

// statOut copies a struct stat out.
func statOut(t *task.Task, addr user.Addr, a *vfs.Attr) error {
	room := user.GetSmall()
	defer room.Free()
	st := room[:144]
	clear(st)
	le := binary.LittleEndian
	le.PutUint64(st[0:], a.Dev)
	le.PutUint64(st[8:], a.Ino)
	le.PutUint64(st[16:], uint64(a.Nlink))
	le.PutUint32(st[24:], a.Mode)
	ns := t.Creds().NS()
	le.PutUint32(st[28:], ns.ShowUID(a.UID))
	le.PutUint32(st[32:], ns.ShowGID(a.GID))
	le.PutUint64(st[40:], a.Rdev)
	le.PutUint64(st[48:], uint64(a.Size))
	le.PutUint64(st[56:], uint64(a.Blksize))
	le.PutUint64(st[64:], uint64(a.Blocks))
	for i, ts := range [...]vfs.Timestamp{a.Atime, a.Mtime, a.Ctime} {
		le.PutUint64(st[72+16*i:], uint64(ts.Sec))
		le.PutUint64(st[80+16*i:], uint64(ts.Nsec))
	}
	_, err := t.Memory().CopyOutLast(addr, st, false)
	return err
}

const (
	statxSyncType = unix.AT_STATX_FORCE_SYNC | unix.AT_STATX_DONT_SYNC
	statxReserved = 0x80000000 // STATX__RESERVED
	statxMntID    = 0x1000     // STATX_MNT_ID
	statxChanged  = unix.STATX_MTIME | unix.STATX_CTIME
	statxKnown    = unix.STATX_ATTR_AUTOMOUNT | unix.STATX_ATTR_MOUNT_ROOT | unix.STATX_ATTR_DAX // of any file system
)

//ditto:syscall statx full
func statx(t *task.Task, dirfd vfs.FD, path user.Path, flags, mask uint32, out user.Addr) error {
	const known = unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT | unix.AT_EMPTY_PATH | statxSyncType
	switch {
	case mask&statxReserved != 0, flags&statxSyncType == statxSyncType:
		return unix.EINVAL
	case flags&^known != 0 && !ofDescriptor(t, dirfd, path, flags):
		return unix.EINVAL
	}
	a, p, err := attrAt(t, dirfd, path, flags)
	if err != nil {
		return err
	}
	return statxOut(t, out, &a, p, mask)
}

// ofDescriptor tells whether a look-up is of a descriptor itself: flags that are none don't matter then (do_statx_fd).
func ofDescriptor(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32) bool {
	if flags&unix.AT_EMPTY_PATH == 0 || dirfd < 0 {
		return false
	}
	s, err := user.CopyInPath(t.Memory(), path)
	return path == 0 || err == nil && s == ""
}

// statxOut copies a struct statx out.
func statxOut(t *task.Task, addr user.Addr, a *vfs.Attr, p vfs.Path, mask uint32) error {
	st := user.GetSmall()
	defer st.Free()
	clear(st[:])
	le := binary.LittleEndian
	valid := uint32(unix.STATX_BASIC_STATS)
	attributes := a.Attributes
	times := [...]vfs.Timestamp{a.Atime, {}, a.Ctime, a.Mtime}
	if a.Btime != (vfs.Timestamp{}) {
		// The file systems that keep it give it to who asks, and have multigrain times (fill_mg_cmtime).
		if mask&unix.STATX_BTIME != 0 {
			valid |= unix.STATX_BTIME
			times[1] = a.Btime
		}
		if mask&statxChanged == 0 {
			valid &^= statxChanged
			times[2], times[3] = vfs.Timestamp{}, vfs.Timestamp{}
		}
	}
	switch {
	case p.Mount == nil:
	case mask&unix.STATX_MNT_ID_UNIQUE != 0:
		valid |= unix.STATX_MNT_ID_UNIQUE
		le.PutUint64(st[144:], p.Mount.Unique)
	default: // whether asked for or not
		valid |= statxMntID
		le.PutUint64(st[144:], uint64(p.Mount.ID))
	}
	if p.Mount != nil && p.Dentry == p.Mount.Root() {
		attributes |= unix.STATX_ATTR_MOUNT_ROOT
	}
	le.PutUint32(st[0:], valid)
	le.PutUint32(st[4:], a.Blksize)
	le.PutUint64(st[8:], attributes)
	le.PutUint32(st[16:], a.Nlink)
	ns := t.Creds().NS()
	le.PutUint32(st[20:], ns.ShowUID(a.UID))
	le.PutUint32(st[24:], ns.ShowGID(a.GID))
	le.PutUint16(st[28:], uint16(a.Mode))
	le.PutUint64(st[32:], a.Ino)
	le.PutUint64(st[40:], uint64(a.Size))
	le.PutUint64(st[48:], uint64(a.Blocks))
	le.PutUint64(st[56:], a.Knows|statxKnown)
	for i, ts := range times {
		le.PutUint64(st[64+16*i:], uint64(ts.Sec))
		le.PutUint32(st[72+16*i:], ts.Nsec)
	}
	le.PutUint32(st[128:], unix.Major(a.Rdev))
	le.PutUint32(st[132:], unix.Minor(a.Rdev))
	le.PutUint32(st[136:], unix.Major(a.Dev))
	le.PutUint32(st[140:], unix.Minor(a.Dev))
	_, err := t.Memory().CopyOutLast(addr, st[:], false)
	return err
}
