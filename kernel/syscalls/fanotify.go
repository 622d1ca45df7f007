// SPDX-License-Identifier: Apache-2.0

// This file is fanotify(7): groups, and their marks (fs/notify/fanotify/fanotify_user.c).

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// What fanotify_init(2) knows.
const (
	fanFIDs    = unix.FAN_REPORT_FID | unix.FAN_REPORT_DIR_FID | unix.FAN_REPORT_NAME | unix.FAN_REPORT_TARGET_FID
	fanClasses = unix.FAN_CLASS_CONTENT | unix.FAN_CLASS_PRE_CONTENT
	// fanAdmin are for who rules the first user namespace.
	fanAdmin = fanClasses | unix.FAN_REPORT_TID | unix.FAN_REPORT_PIDFD | anon.FanReportFDError | unix.FAN_UNLIMITED_QUEUE | unix.FAN_UNLIMITED_MARKS
	fanInit  = fanAdmin | fanFIDs | anon.FanReportMnt | unix.FAN_CLOEXEC | unix.FAN_NONBLOCK | unix.FAN_ENABLE_AUDIT

	fanFileFlags = unix.O_ACCMODE | unix.O_APPEND | unix.O_NONBLOCK | unix.O_SYNC | unix.O_DSYNC | unix.O_CLOEXEC | largeFile | unix.O_NOATIME
)

//ditto:syscall fanotify_init partial no events of mounts (FAN_REPORT_MNT answers EINVAL)
func fanotifyInit(t *task.Task, flags, eventFlags uint32) (int, error) {
	admin := t.Creds().Capable(unix.CAP_SYS_ADMIN)
	if !admin && (flags&fanAdmin != 0 || flags&(fanFIDs|anon.FanReportMnt) == 0) {
		return 0, unix.EPERM
	}
	if err := checkFanotify(flags, eventFlags); err != nil {
		return 0, err
	}
	if flags&unix.FAN_ENABLE_AUDIT != 0 && !t.Creds().Capable(unix.CAP_AUDIT_WRITE) {
		return 0, unix.EPERM
	}
	f, err := anon.NewFanotify(t, flags, eventFlags, !admin)
	if err != nil {
		return 0, err
	}
	return install(t, f, 0, flags&unix.FAN_CLOEXEC != 0)
}

// checkFanotify refuses flags that don't go together.
func checkFanotify(flags, eventFlags uint32) error {
	fids := flags & fanFIDs
	switch {
	case flags&^fanInit != 0,
		flags&unix.FAN_REPORT_PIDFD != 0 && flags&unix.FAN_REPORT_TID != 0,
		flags&anon.FanReportMnt != 0,
		eventFlags&^fanFileFlags != 0, eventFlags&unix.O_ACCMODE == unix.O_ACCMODE,
		fids != 0 && flags&fanClasses != 0,
		fids&unix.FAN_REPORT_NAME != 0 && fids&unix.FAN_REPORT_DIR_FID == 0,
		fids&unix.FAN_REPORT_TARGET_FID != 0 && fids&(unix.FAN_REPORT_NAME|unix.FAN_REPORT_FID) != unix.FAN_REPORT_NAME|unix.FAN_REPORT_FID,
		flags&fanClasses == fanClasses:
		return unix.EINVAL
	}
	return nil
}

// What fanotify_mark(2) knows.
const (
	fanRename     = 0x10000000 // FAN_RENAME
	fanFSError    = 0x8000     // FAN_FS_ERROR
	fanPreAccess  = 0x100000   // FAN_PRE_ACCESS
	fanEventFlags = unix.FAN_ONDIR | unix.FAN_EVENT_ON_CHILD
	fanPathEvents = unix.FAN_ALL_EVENTS | unix.FAN_OPEN_EXEC | anon.FanPerms | fanPreAccess // those that come with a path (FANOTIFY_FD_EVENTS)
	fanEntries    = unix.FAN_MOVE | unix.FAN_CREATE | unix.FAN_DELETE | fanRename
	fanMounts     = 0x3000000 // FAN_MNT_ATTACH and FAN_MNT_DETACH
	fanEvents     = fanPathEvents | fanEntries | unix.FAN_ATTRIB | unix.FAN_DELETE_SELF | unix.FAN_MOVE_SELF | fanFSError

	fanMarkMntNS  = 0x110 // FAN_MARK_MNTNS
	fanMarkEvict  = 0x200 // FAN_MARK_EVICTABLE
	fanMarkIgnore = 0x400 // FAN_MARK_IGNORE
	fanMarkTypes  = unix.FAN_MARK_MOUNT | unix.FAN_MARK_FILESYSTEM
	fanMarkCmds   = unix.FAN_MARK_ADD | unix.FAN_MARK_REMOVE | unix.FAN_MARK_FLUSH
	fanIgnores    = unix.FAN_MARK_IGNORED_MASK | fanMarkIgnore
	fanMarkFlags  = fanMarkTypes | fanMarkCmds | fanIgnores | unix.FAN_MARK_DONT_FOLLOW | unix.FAN_MARK_ONLYDIR |
		unix.FAN_MARK_IGNORED_SURV_MODIFY | fanMarkEvict
)

// marking is one fanotify_mark(2) in progress.
type marking struct {
	t     *task.Task
	g     *anon.Fanotify
	flags uint32
	mask  uint32
	keep  uint32 // bits that alone keep no mark alive
}

//ditto:syscall fanotify_mark partial of what others on the host do to a volume only inotify hears; no FAN_PRE_ACCESS (EOPNOTSUPP, as of file systems without it); FAN_FS_ERROR can be marked, but no file system tells of errors
func fanotifyMark(t *task.Task, fd vfs.FD, flags uint32, mask uint64, dirfd vfs.FD, path user.Path) error {
	m := marking{t: t, flags: flags, mask: uint32(mask)}
	if mask>>32 != 0 {
		return unix.EINVAL
	}
	if err := m.check(); err != nil {
		return err
	}
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	ok := false
	if m.g, ok = f.Ops.(*anon.Fanotify); !ok {
		return unix.EINVAL
	}
	if err := m.checkGroup(); err != nil {
		return err
	}
	if m.flags&unix.FAN_MARK_FLUSH != 0 {
		m.g.FlushMarks(m.kind())
		return nil
	}
	p, err := m.find(dirfd, path)
	if err != nil {
		return err
	}
	return m.mark(p)
}

// kind is what the mark is on.
func (m *marking) kind() int {
	switch m.flags & fanMarkTypes {
	case unix.FAN_MARK_MOUNT:
		return vfs.OnMount
	case unix.FAN_MARK_FILESYSTEM:
		return vfs.OnSuper
	}
	return vfs.OnInode
}

// check is what do_fanotify_mark checks before it looks for the group.
func (m *marking) check() error {
	if m.flags&^fanMarkFlags != 0 {
		return unix.EINVAL
	}
	switch m.flags & fanMarkCmds {
	case unix.FAN_MARK_ADD, unix.FAN_MARK_REMOVE:
		if m.mask == 0 {
			return unix.EINVAL
		}
	case unix.FAN_MARK_FLUSH:
		if m.flags&^(fanMarkTypes|unix.FAN_MARK_FLUSH) != 0 {
			return unix.EINVAL
		}
	default:
		return unix.EINVAL
	}
	switch ignore := m.flags & fanIgnores; {
	case m.mask&^(fanEvents|fanMounts|fanEventFlags) != 0, ignore == fanIgnores:
		return unix.EINVAL
	case ignore == unix.FAN_MARK_IGNORED_MASK:
		m.mask &^= fanEventFlags
		m.keep = fanEventFlags
	}
	return nil
}

// checkGroup is what the group can't have.
func (m *marking) checkGroup() error {
	reports, kind := m.g.Reports(), m.kind()
	switch {
	case m.flags&fanMarkTypes == fanMarkMntNS, m.mask&fanMounts != 0:
		return unix.EINVAL
	case kind != vfs.OnInode && !m.t.Creds().CapableIn(m.g.Owner(), unix.CAP_SYS_ADMIN):
		return unix.EPERM
	case m.mask&(anon.FanPerms|fanPreAccess) != 0 && m.g.AskedAs() == 0,
		m.mask&fanPreAccess != 0 && m.g.AskedAs() != unix.FAN_CLASS_PRE_CONTENT,
		m.mask&fanPreAccess != 0 && m.mask&unix.FAN_ONDIR != 0,
		m.mask&fanFSError != 0 && kind != vfs.OnSuper,
		m.flags&fanMarkEvict != 0 && kind != vfs.OnInode,
		m.mask&^(fanPathEvents|fanEventFlags) != 0 && (reports == 0 || kind == vfs.OnMount),
		m.mask&fanRename != 0 && reports&unix.FAN_REPORT_NAME == 0:
		return unix.EINVAL
	}
	return nil
}

// find is fanotify_find_path: the place, which the caller must be able to read.
func (m *marking) find(dirfd vfs.FD, path user.Path) (p vfs.Path, err error) {
	onlyDir := m.flags&unix.FAN_MARK_ONLYDIR != 0
	if path == 0 {
		f, err := m.t.Files().Get(dirfd)
		if err != nil {
			return p, err
		}
		p = f.Path
		f.DecRef()
	} else {
		look := uint32(0)
		if m.flags&unix.FAN_MARK_DONT_FOLLOW != 0 {
			look = unix.AT_SYMLINK_NOFOLLOW
		}
		if p, err = lookupAt(m.t, dirfd, path, look); err != nil {
			return p, err
		}
	}
	if onlyDir && !p.Dentry.IsDir() {
		return p, unix.ENOTDIR
	}
	return p, vfs.Permission(m.t, p.Inode(), vfs.MayRead)
}

// mark checks what the place can't have, and makes or changes the mark.
func (m *marking) mark(p vfs.Path) error {
	add := m.flags&unix.FAN_MARK_ADD != 0
	if add {
		if err := m.supported(p); err != nil {
			return err
		}
	}
	kind, isDir := m.kind(), p.Dentry.IsDir()
	switch {
	case kind == vfs.OnSuper && !m.t.Creds().CapableIn(p.Mount.Super().Owner(), unix.CAP_SYS_ADMIN):
		return unix.EPERM
	case kind == vfs.OnMount && p.Mount.Namespace() != nil && !m.t.Creds().CapableIn(p.Mount.Namespace().Owner(), unix.CAP_SYS_ADMIN):
		return unix.EPERM
	}
	if ignore := m.flags & fanIgnores; add && ignore != 0 && m.flags&unix.FAN_MARK_IGNORED_SURV_MODIFY == 0 {
		switch {
		case ignore == fanMarkIgnore && kind != vfs.OnInode:
			return unix.EINVAL
		case ignore == fanMarkIgnore && isDir:
			return unix.EISDIR
		case kind == vfs.OnInode && vfs.IsWritten(p.Inode()):
			return nil // it would not last
		}
	}
	if kind != vfs.OnInode || !isDir {
		m.mask &^= unix.FAN_EVENT_ON_CHILD
		m.keep |= unix.FAN_EVENT_ON_CHILD
		if m.g.Reports()&unix.FAN_REPORT_DIR_FID != 0 && add && m.flags&fanIgnores == 0 {
			m.mask |= unix.FAN_EVENT_ON_CHILD
		}
	}
	f := anon.FanMark{Kind: kind, Mask: m.mask, Flags: m.flags, Keep: m.keep}
	if add {
		return m.g.Add(p, f)
	}
	return m.g.Remove(p, f)
}

// supported is fanotify_events_supported, and whether files there have names that events can bear.
func (m *marking) supported(p vfs.Path) error {
	kind, reports := m.kind(), m.g.Reports()
	if m.mask&fanPreAccess != 0 {
		return unix.EOPNOTSUPP // as of all file systems that have not opted in
	}
	if m.mask&anon.FanPerms != 0 && p.Mount.FS.Name() == "proc" {
		return unix.EINVAL // FS_DISALLOW_NOTIFY_PERM
	}
	strict := reports&unix.FAN_REPORT_TARGET_FID != 0 || m.mask&fanRename != 0 || m.flags&fanMarkIgnore != 0
	switch {
	case kind != vfs.OnInode && p.Mount.Namespace() == nil && p.Mount.Root() == nil:
		return unix.EINVAL
	case strict && kind == vfs.OnInode && !p.Dentry.IsDir() && m.mask&(fanEntries|fanEventFlags) != 0:
		return unix.ENOTDIR
	case reports == 0:
		return nil
	case kind != vfs.OnInode && !vfs.HasHandles(p, vfs.HandleToOpen):
		return unix.EOPNOTSUPP
	}
	return nil
}
