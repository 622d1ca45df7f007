// SPDX-License-Identifier: Apache-2.0

// This file tells who watches files what happens to them (fsnotify): inotify(7).

package vfs

import (
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Event is something that happened to a watched file, or to an entry of a
// watched directory.
type Event struct {
	Mask   uint32 // one of IN_ACCESS and its kin, and IN_ISDIR; or IN_Q_OVERFLOW: some were lost
	Name   string // of the entry; empty: the watched file itself
	Cookie uint32 // joins the two halves of a rename
	Gone   bool   // the entry was unlinked before
}

// Mark watches one file. Its methods are called with locks of the vfs held, and must
// not call it.
type Mark interface {
	// Notify tells of an event. It returns whether the mark is done, and to
	// be removed.
	Notify(e Event) (done bool)
	// Removed is called once when the mark goes, unless RemoveMark took it.
	Removed()
}

// HostWatched is a file that others than the sandbox may change, and that can hear of it: they are told of by Changed until stop is called. stop is
// nil if nothing will be heard.
type HostWatched interface{ WatchHost() (stop func()) }

// marked are the marks of a file.
type marked struct {
	path  Path // holds the file, so that it is found again as the same
	marks []Mark
	gone  bool   // its last name was removed
	stop  func() // of HostWatched
}

// watchHost has the file hear of others, if it can.
func (f *marked) watchHost() {
	h, ok := f.path.Inode().(HostWatched)
	if !ok {
		return
	}
	stop := h.WatchHost()
	if stop == nil {
		return
	}
	marks.mu.Lock()
	still := marks.files[f.path.Inode()] == f
	if still {
		f.stop = stop
	}
	marks.mu.Unlock()
	if !still {
		stop()
	}
}

// ended comes when f is in the table no more, and its lock not held.
func (f *marked) ended() {
	if f != nil && f.stop != nil {
		f.stop()
	}
}

// markTable finds the marks of a file.
type markTable struct {
	count atomic.Int32 // of files; so that where nothing is watched nothing is locked

	mu    sync.RWMutex
	files map[Inode]*marked
}

var marks = markTable{files: map[Inode]*marked{}}

// AddMark has m told of what happens to the file at p, from now on.
func AddMark(p Path, m Mark) {
	marks.mu.Lock()
	f, known := marks.files[p.Inode()]
	if !known {
		f = &marked{path: p}
		marks.files[p.Inode()] = f
		marks.count.Add(1)
	}
	f.marks = append(f.marks, m)
	marks.mu.Unlock()
	if !known {
		f.watchHost()
	}
}

// RemoveMark undoes AddMark; it tells whether the mark was still there.
func RemoveMark(inode Inode, m Mark) bool {
	marks.mu.Lock()
	there, last := marks.remove(inode, m)
	marks.mu.Unlock()
	last.ended()
	return there
}

// remove takes m away; last is the file's entry if it was the last one.
func (t *markTable) remove(inode Inode, m Mark) (there bool, last *marked) {
	f := t.files[inode]
	if f == nil {
		return false, nil
	}
	i := slices.Index(f.marks, m)
	if i < 0 {
		return false, nil
	}
	f.marks = slices.Delete(f.marks, i, i+1)
	if len(f.marks) > 0 {
		return true, nil
	}
	delete(t.files, inode)
	t.count.Add(-1)
	return true, f
}

// tell passes an event to who watches inode.
func (t *markTable) tell(inode Inode, e Event) {
	t.mu.RLock()
	var done []Mark
	if f := t.files[inode]; f != nil {
		for _, m := range f.marks {
			if m.Notify(e) {
				done = append(done, m)
			}
		}
	}
	t.mu.RUnlock()
	for _, m := range done {
		if RemoveMark(inode, m) {
			m.Removed()
		}
	}
}

// watched tells whether anything is.
func watched() bool { return marks.count.Load() != 0 || groupMarks.count.Load() != 0 }

// notify tells of an event of the file at p: who watches its directory first. byMount says that it came about through p's mount.
func notify(ctx Ctx, p Path, mask uint32, byMount bool) {
	d := p.Dentry
	if !watched() || d == nil || d.inode == nil {
		return
	}
	if d.IsDir() {
		mask |= unix.IN_ISDIR
	}
	groupMarks.tellOf(ctx, p, mask, byMount)
	mask &^= openExec
	if at := d.at.Load(); at.parent != nil {
		marks.tell(at.parent.inode, Event{Mask: mask, Name: at.name, Gone: d.IsUnlinked()})
	}
	marks.tell(d.inode, Event{Mask: mask})
}

// notifyName tells who watches a directory of an event of its entry.
func notifyName(ctx Ctx, dir Path, name string, d *Dentry, mask, cookie uint32) {
	if !watched() {
		return
	}
	if d.IsDir() {
		mask |= unix.IN_ISDIR
	}
	groupMarks.tell(&GroupEvent{Mask: mask, Ctx: ctx, File: Path{dir.Mount, d}, Dir: dir.Dentry, Name: name, entry: true})
	marks.tell(dir.Dentry.inode, Event{Mask: mask, Name: name, Cookie: cookie})
}

// notifyLinks tells who watches a file that its number of links changed.
func notifyLinks(ctx Ctx, p Path) {
	if watched() {
		groupMarks.tell(&GroupEvent{Mask: unix.IN_ATTRIB | isDirBit(p.Dentry), Ctx: ctx, File: p})
		marks.tell(p.Dentry.inode, Event{Mask: unix.IN_ATTRIB})
	}
}

func isDirBit(d *Dentry) uint32 {
	if d.IsDir() {
		return unix.IN_ISDIR
	}
	return 0
}

// notifyRemoved is d_delete_notify: the entry d of dir is gone. If it was the
// last name of its file, and nobody has that open, the file is gone too.
func notifyRemoved(ctx Ctx, dir Path, d *Dentry, name string) {
	if !watched() {
		return
	}
	notifyGone(ctx, Path{dir.Mount, d})
	notifyName(ctx, dir, name, d, unix.IN_DELETE, 0)
}

// notifyGone ends the marks of the file at d, if its last name is gone: now,
// or when it is closed.
func notifyGone(ctx Ctx, p Path) {
	d := p.Dentry
	if !d.IsDir() {
		if a, err := d.inode.Attr(ctx); err == nil && a.Nlink != 0 {
			return
		}
	}
	marks.mu.Lock()
	if f := marks.files[d.inode]; f != nil {
		f.gone = true
	}
	marks.mu.Unlock()
	notifyFreed(ctx, p)
}

// notifyFreed ends the marks of the file at p if it has no name any more and
// is not open.
func notifyFreed(ctx Ctx, p Path) {
	d := p.Dentry
	if !watched() || d == nil || d.openCount().Load() != 0 {
		return
	}
	groupMarks.freed(ctx, p)
	marks.mu.Lock()
	f := marks.files[d.inode]
	if f == nil || !f.gone || f.path.Dentry.openCount().Load() != 0 {
		marks.mu.Unlock()
		return
	}
	delete(marks.files, d.inode)
	marks.count.Add(-1)
	marks.mu.Unlock()
	f.end(unix.IN_DELETE_SELF)
}

// end tells the marks of their file's end. It is in the table no more.
func (f *marked) end(mask uint32) {
	f.ended()
	for _, m := range f.marks {
		m.Notify(Event{Mask: mask})
		m.Removed()
	}
}

// Changed tells who watches inode what others than the sandbox did (HostWatched). With IN_DELETE_SELF the file is gone, and nobody has it open.
func Changed(inode Inode, e Event) {
	if e.Mask&unix.IN_DELETE_SELF == 0 {
		marks.tell(inode, e)
		return
	}
	marks.mu.Lock()
	f := marks.files[inode]
	if f != nil {
		delete(marks.files, inode)
		marks.count.Add(-1)
	}
	marks.mu.Unlock()
	if f != nil {
		f.end(e.Mask)
	}
}

var lastCookie atomic.Uint32

// NewCookie joins the two halves of a rename.
func NewCookie() uint32 { return lastCookie.Add(1) }

// notifyMoved is fsnotify_move: moved went from one name to another, where
// target stood (nil: nothing).
func notifyMoved(ctx Ctx, from, to *entry, moved, target *Dentry) {
	if !watched() {
		return
	}
	cookie := NewCookie()
	at := Path{to.dir.Mount, moved}
	groupMarks.tell(&GroupEvent{
		Mask: renamed | isDirBit(moved), Ctx: ctx, File: at, entry: true,
		Dir: from.dir.Dentry, Name: from.name, NewDir: to.dir.Dentry, NewName: to.name,
	})
	notifyName(ctx, from.dir, from.name, moved, unix.IN_MOVED_FROM, cookie)
	notifyName(ctx, to.dir, to.name, moved, unix.IN_MOVED_TO, cookie)
	if target != nil && target.inode != nil {
		notifyLinks(ctx, Path{to.dir.Mount, target})
	}
	groupMarks.tell(&GroupEvent{Mask: unix.IN_MOVE_SELF | isDirBit(moved), Ctx: ctx, File: at})
	marks.tell(moved.inode, Event{Mask: unix.IN_MOVE_SELF})
}

// notifyChange is fsnotify_change: what a SetAttr of the file at p is to who watches.
func notifyChange(ctx Ctx, p Path, valid uint32) {
	mask := uint32(0)
	if valid&(AttrUID|AttrGID|AttrMode) != 0 {
		mask |= unix.IN_ATTRIB
	}
	if valid&AttrSize != 0 {
		mask |= unix.IN_MODIFY
	}
	switch valid & (AttrAtime | AttrMtime) {
	case AttrAtime | AttrMtime:
		mask |= unix.IN_ATTRIB
	case AttrAtime:
		mask |= unix.IN_ACCESS
	case AttrMtime:
		mask |= unix.IN_MODIFY
	}
	if mask != 0 {
		notify(ctx, p, mask, false)
	}
}

// notifyIO notes that a call moved n bytes.
func (f *File) notifyIO(ctx Ctx, n int, mask uint32) {
	if n > 0 && watched() && !f.unheard {
		notify(ctx, f.Path, mask, true)
	}
}

// NotifyAllocate notes that fallocate(2) changed the file.
func (f *File) NotifyAllocate(ctx Ctx) { f.notifyIO(ctx, 1, unix.IN_MODIFY) }

// notifyOpened counts and tells of an open; of O_PATH files neither.
func (f *File) notifyOpened(ctx Ctx, toRun bool) {
	f.Path.Dentry.openCount().Add(1)
	f.counted = true
	mask := uint32(unix.IN_OPEN)
	if toRun {
		mask |= openExec
	}
	if !f.unheard {
		notify(ctx, f.Path, mask, true)
	}
}

// closedBy notes who is about to drop what may be the last reference.
func (f *File) closedBy(ctx Ctx) {
	if groupMarks.count.Load() != 0 && f.counted && !f.unheard {
		f.closer.Store(&ctx)
	}
}

func (f *File) closing() Ctx {
	if c := f.closer.Load(); c != nil {
		return *c
	}
	return nil
}

// notifyClosed undoes it.
func (f *File) notifyClosed() {
	if !f.counted || f.unheard {
		return
	}
	mask := uint32(unix.IN_CLOSE_NOWRITE)
	if f.Writable() {
		mask = unix.IN_CLOSE_WRITE
	}
	notify(f.closing(), f.Path, mask, true)
}

// notifyReleased comes when the file's own end is done.
func (f *File) notifyReleased() {
	if f.counted {
		f.Path.Dentry.openCount().Add(-1)
		notifyFreed(f.closing(), f.Path)
	}
}

// notifyUnmount ends the marks of a file system that is mounted nowhere any more.
func notifyUnmount(m *Mount) {
	last := m.end()
	groupMarks.unmounted(m, last)
	if !last || !watched() {
		return
	}
	marks.mu.Lock()
	var gone []*marked
	for inode, f := range marks.files {
		if inode.FS() == m.FS {
			delete(marks.files, inode)
			marks.count.Add(-1)
			gone = append(gone, f)
		}
	}
	marks.mu.Unlock()
	for _, f := range gone {
		mask := uint32(unix.IN_UNMOUNT)
		if f.path.Dentry.IsDir() {
			mask |= unix.IN_ISDIR
		}
		f.end(mask)
	}
}

// NotifyModified tells who watches a file by inotify(7), or the directory that it stands in, that what it says has changed
// though nobody has written to it.
func NotifyModified(dir, file Inode, name string) {
	if marks.count.Load() == 0 {
		return
	}
	marks.tell(dir, Event{Mask: unix.IN_MODIFY, Name: name})
	marks.tell(file, Event{Mask: unix.IN_MODIFY})
}
