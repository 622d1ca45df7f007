// SPDX-License-Identifier: Apache-2.0

// This file is the events of a fanotify group: which of what happens is one, with what it is merged, and how its reader
// gets it (fs/notify/fanotify).

package anon

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// fanHead is the size of struct fanotify_event_metadata.
const fanHead = unix.FAN_EVENT_METADATA_LEN

// fanEvent is an event that waits for its reader.
type fanEvent struct {
	mask   uint32
	who    *task.ThreadGroup // nil: nobody
	thread *task.Task        // of FAN_REPORT_TID
	file   vfs.Path          // to be opened; the zero Path: not
	info   []fanInfo
	fsid   [2]int32
	key    fanKey
	perm   *fanPerm // of one that asks for permission
}

// fanInfo is one record that names a file.
type fanInfo struct {
	kind   uint8 // FAN_EVENT_INFO_TYPE_*; 0: it stands alone, and its event decides when it is read
	handle vfs.Handle
	name   string
	named  bool
}

// fanKey is what events have in common that are merged to one.
type fanKey struct {
	who    any
	file   vfs.Path
	text   string // of info
	onDir  bool
	rename bool
}

// applies tells whether a mark hears of events of directories, and of children, if it is one.
func applies(mask uint32, onDir bool, kind int) bool {
	return (!onDir || mask&unix.FAN_ONDIR != 0) && (kind != vfs.OnParent || mask&unix.FAN_EVENT_ON_CHILD != 0)
}

// ignored is fsnotify_effective_ignore_mask.
func ignored(m *vfs.GroupMark, onDir bool, kind int) uint32 {
	mask := m.Ignore
	if mask&fanEventOnly == 0 {
		return 0
	}
	if !m.IgnoreFlags {
		mask = mask&^unix.FAN_EVENT_ON_CHILD | unix.FAN_ONDIR | m.Mask&unix.FAN_EVENT_ON_CHILD
	}
	if !applies(mask, onDir, kind) {
		return 0
	}
	return mask & fanEventOnly
}

// wants is fanotify_group_event_mask: the events that the group hears of, and by which kinds of marks (bits).
func (g *Fanotify) wants(e *vfs.GroupEvent, marks *vfs.Matched) (mask uint32, by uint) {
	onDir := e.Mask&unix.FAN_ONDIR != 0
	reports := g.Reports()
	switch {
	case reports == 0:
		kind := e.File.Inode().Mode() & unix.S_IFMT
		if !e.ByMount || kind != unix.S_IFREG && kind != unix.S_IFDIR {
			return 0, 0
		}
	case reports&unix.FAN_REPORT_FID == 0 && e.Dir == nil && !onDir:
		return 0, 0
	}
	var hears, not uint32
	for kind := range marks {
		m := &marks[kind]
		if m.Group == nil {
			continue
		}
		not |= ignored(m, onDir, kind)
		if applies(m.Mask, onDir, kind) {
			hears |= m.Mask
			by |= 1 << kind
		}
	}
	mask = e.Mask & hears &^ not & (fanEvents | FanPerms | unix.FAN_ONDIR)
	if reports == 0 {
		mask &^= unix.FAN_ONDIR
	} else if mask&(fanEvents|FanPerms) == 0 {
		return 0, 0
	}
	return mask, by
}

// Happened implements vfs.MarkGroup.
func (g *Fanotify) Happened(h *vfs.GroupEvent, marks *vfs.Matched) {
	mask, by := g.wants(h, marks)
	if mask == 0 {
		return
	}
	e := &fanEvent{mask: mask}
	if t, ok := h.Ctx.(*task.Task); ok {
		e.who, e.key.who = t.Group(), t.Group()
		if g.flags&unix.FAN_REPORT_TID != 0 {
			e.thread, e.key.who = t, t
		}
	}
	e.key.onDir, e.key.rename = mask&unix.FAN_ONDIR != 0, mask&fanRename != 0
	if g.Reports() == 0 {
		e.file, e.key.file = h.File, h.File
	} else if !g.describe(e, h, by) {
		return
	}
	g.put(e)
}

// describe gives an event the records that name its files. It is false if there is nothing to name.
func (g *Fanotify) describe(e *fanEvent, h *vfs.GroupEvent, by uint) bool {
	reports := g.Reports()
	ofEntry, onDir := e.mask&fanOfEntries != 0, e.mask&unix.FAN_ONDIR != 0
	e.fsid = h.File.Mount.Super().Fsid(h.Ctx)
	// Which directory there is to tell of, and whether its entry's own file comes besides.
	dir := h.Dir
	if !ofEntry && h.File.Dentry.IsDir() {
		dir = h.File.Dentry
	}
	id, child := h.File.Dentry, (*vfs.Dentry)(nil)
	if ofEntry && reports&unix.FAN_REPORT_TARGET_FID == 0 {
		id = h.Dir
	}
	name, named := "", false
	var newDir *vfs.Dentry
	if reports&unix.FAN_REPORT_DIR_FID != 0 && dir != nil {
		if ofEntry && reports&unix.FAN_REPORT_TARGET_FID != 0 || !ofEntry && reports&unix.FAN_REPORT_FID != 0 && !onDir {
			child = h.File.Dentry
		}
		id = dir
		named = child != nil
		if reports&unix.FAN_REPORT_NAME != 0 && (ofEntry || !onDir) {
			name, named = h.Name, true
		}
		if e.mask&fanRename != 0 {
			if by&(1<<vfs.OnSuper|1<<vfs.OnNewDir) != 0 {
				newDir = h.NewDir
			}
			if by&(1<<vfs.OnSuper|1<<vfs.OnInode) == 0 {
				dir, name = nil, ""
			}
		}
	}
	ok := true
	add := func(kind uint8, d *vfs.Dentry, name string, named bool) {
		handle, err := vfs.HandleOf(h.Ctx, vfs.Path{Mount: h.File.Mount, Dentry: d}, vfs.HandleAsID, fanHandleMax)
		ok = ok && err == nil
		e.info = append(e.info, fanInfo{kind, handle, name, named})
	}
	if !named {
		add(0, id, ".", g.loneKind(e.mask) == unix.FAN_EVENT_INFO_TYPE_DFID_NAME)
		return ok && e.setKey()
	}
	switch {
	case dir == nil:
	case e.mask&fanRename != 0:
		add(fanOldDirName, dir, name, true)
	case name != "":
		add(unix.FAN_EVENT_INFO_TYPE_DFID_NAME, dir, name, true)
	default:
		add(unix.FAN_EVENT_INFO_TYPE_DFID, dir, "", false)
	}
	if newDir != nil {
		add(fanNewDirName, newDir, h.NewName, true)
	}
	if child != nil {
		add(unix.FAN_EVENT_INFO_TYPE_FID, child, "", false)
	}
	return ok && e.setKey()
}

const (
	fanHandleMax  = 128
	fanOldDirName = 10 // FAN_EVENT_INFO_TYPE_OLD_DFID_NAME
	fanNewDirName = 12
)

// loneKind is the kind of a record that stands alone (copy_info_records_to_user).
func (g *Fanotify) loneKind(mask uint32) uint8 {
	reports, onDir := g.Reports(), mask&unix.FAN_ONDIR != 0
	switch {
	case reports == unix.FAN_REPORT_FID:
		return unix.FAN_EVENT_INFO_TYPE_FID
	case reports&unix.FAN_REPORT_NAME != 0 && onDir:
		return unix.FAN_EVENT_INFO_TYPE_DFID_NAME
	case mask&fanOfEntries != 0 || onDir:
		return unix.FAN_EVENT_INFO_TYPE_DFID
	}
	return unix.FAN_EVENT_INFO_TYPE_FID
}

func (e *fanEvent) setKey() bool {
	var b []byte
	for _, i := range e.info {
		b = i.append(b, i.kind, e.fsid)
	}
	e.key.text = string(b)
	return true
}

// put queues an event, or merges it with one that waits. It is false if the event is lost.
func (g *Fanotify) put(e *fanEvent) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	if old := g.byKey[e.key]; old != nil && e.perm == nil {
		old.mask |= e.mask
		return true
	}
	queued := true
	switch n := len(g.waiting); {
	case n > FanotifyMaxEvents && g.flags&unix.FAN_UNLIMITED_QUEUE == 0:
		return false
	case n == FanotifyMaxEvents && g.flags&unix.FAN_UNLIMITED_QUEUE == 0:
		e, queued = &fanEvent{mask: unix.FAN_Q_OVERFLOW}, false
	case e.perm != nil: // never merged
	default:
		g.byKey[e.key] = e
	}
	g.waiting = append(g.waiting, e)
	g.queue.Notify(wait.Readable)
	return queued
}

// take takes the first event, if it has at most room bytes: EAGAIN if there is none, EINVAL if it has more.
func (g *Fanotify) take(room int) (*fanEvent, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		return nil, unix.EAGAIN
	}
	e := g.waiting[0]
	if g.size(e) > room {
		return nil, unix.EINVAL
	}
	if g.waiting = g.waiting[1:]; len(g.waiting) == 0 {
		g.waiting = nil
	}
	if g.byKey[e.key] == e {
		delete(g.byKey, e.key)
	}
	return e, nil
}

// size is how many bytes the event has for its reader.
func (g *Fanotify) size(e *fanEvent) int {
	n := fanHead
	for _, i := range e.info {
		n += i.size()
	}
	if g.flags&unix.FAN_REPORT_PIDFD != 0 {
		n += fanPidfdSize
	}
	return n
}

const (
	fanInfoHead  = 4 + 8 + 8 // struct fanotify_event_info_fid with that of its handle
	fanPidfdSize = 8         // struct fanotify_event_info_pidfd
	fanPidfd     = 4         // FAN_EVENT_INFO_TYPE_PIDFD
	fanNoPidfd   = -1
	fanNoFD      = -1
)

func (i *fanInfo) size() int {
	n := fanInfoHead + len(i.handle.ID)
	if i.named {
		n += len(i.name) + 1
	}
	return (n + 3) &^ 3
}

// append adds the record as struct fanotify_event_info_fid.
func (i *fanInfo) append(b []byte, kind uint8, fsid [2]int32) []byte {
	le, end := binary.LittleEndian, len(b)+i.size()
	b = append(b, kind, 0)
	b = le.AppendUint16(b, uint16(i.size()))
	b = le.AppendUint32(le.AppendUint32(b, uint32(fsid[0])), uint32(fsid[1]))
	b = le.AppendUint32(le.AppendUint32(b, uint32(len(i.handle.ID))), uint32(i.handle.Type))
	b = append(b, i.handle.ID...)
	if i.named {
		b = append(b, i.name...)
	}
	return append(b, make([]byte, end-len(b))...)
}

// deliver opens what the event comes with for its reader, and copies it out.
func (g *Fanotify) deliver(ctx vfs.Ctx, e *fanEvent, dst *user.Buf) (int, error) {
	t, ok := ctx.(*task.Task)
	if !ok {
		return 0, unix.EINVAL
	}
	pid, leader := g.pidOf(t, e)
	fd, err := g.open(t, e)
	if err != nil {
		if e.perm != nil {
			g.delivered(e, fanNoFD)
		}
		return 0, err
	}
	pidfd := int32(fanNoPidfd)
	if leader != nil && pid != 0 && !leader.Reaped() && g.flags&unix.FAN_REPORT_PIDFD != 0 {
		if n, err := t.Files().Install(leader.NewPidFD(nil, 0), 0, true, t.RLimit(unix.RLIMIT_NOFILE)); err == nil {
			pidfd = int32(n)
		}
	}
	le := binary.LittleEndian
	b := le.AppendUint32(nil, uint32(g.size(e)))
	b = append(b, unix.FANOTIFY_METADATA_VERSION, 0)
	b = le.AppendUint16(b, fanHead)
	b = le.AppendUint64(b, uint64(e.mask))
	b = le.AppendUint32(le.AppendUint32(b, uint32(fd)), uint32(pid))
	for _, i := range e.info {
		kind := i.kind
		if kind == 0 {
			kind = g.loneKind(e.mask)
		}
		b = i.append(b, kind, e.fsid)
	}
	if g.flags&unix.FAN_REPORT_PIDFD != 0 {
		b = append(b, fanPidfd, 0)
		b = le.AppendUint32(le.AppendUint16(b, fanPidfdSize), uint32(pidfd))
	}
	n, err := dst.CopyOut(b)
	if e.perm != nil && err != nil {
		g.delivered(e, fanNoFD)
	} else if e.perm != nil {
		g.delivered(e, fd)
	}
	if err != nil {
		for _, fd := range slices.DeleteFunc([]int32{fd, pidfd}, func(fd int32) bool { return fd < 0 }) {
			if f, err := t.Files().Remove(vfs.FD(fd)); err == nil {
				_ = t.Files().Finish(t, f)
			}
		}
		return 0, err
	}
	return n, nil
}

// pidOf is who did it as the reader's pid namespace has him, and the process if it is there still.
func (g *Fanotify) pidOf(t *task.Task, e *fanEvent) (int32, *task.ThreadGroup) {
	switch {
	case e.who == nil, g.unpriv && e.who != t.Group():
		return 0, nil
	case e.thread != nil:
		return t.ShowPid(e.thread.Pid()), nil
	}
	return t.ShowPid(e.who.ID()), e.who
}

// open opens the event's file for its reader. What goes wrong ends the read, or with FAN_REPORT_FD_ERROR stands for the
// descriptor.
func (g *Fanotify) open(t *task.Task, e *fanEvent) (int32, error) {
	if e.file.Dentry == nil || g.unpriv {
		return fanNoFD, nil
	}
	f, err := vfs.OpenUnheard(t, e.file, g.events|largeFile)
	if err == nil {
		f.SetFlags(unix.O_CLOEXEC, g.events) // that flag shows too
		var fd vfs.FD
		if fd, err = t.Files().Install(f, 0, g.events&unix.O_CLOEXEC != 0, t.RLimit(unix.RLIMIT_NOFILE)); err == nil {
			return int32(fd), nil
		}
		f.DecRef()
	}
	if errno, ok := err.(unix.Errno); ok && g.flags&FanReportFDError != 0 {
		return -int32(errno), nil
	}
	return fanNoFD, err
}
