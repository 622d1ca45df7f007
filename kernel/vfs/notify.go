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
	Mask   uint32 // one of IN_ACCESS and its kin, and IN_ISDIR
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

// marked are the marks of a file.
type marked struct {
	path  Path // holds the file, so that it is found again as the same
	marks []Mark
	gone  bool // its last name was removed
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
	defer marks.mu.Unlock()
	f := marks.files[p.Inode()]
	if f == nil {
		f = &marked{path: p}
		marks.files[p.Inode()] = f
		marks.count.Add(1)
	}
	f.marks = append(f.marks, m)
}

// RemoveMark undoes AddMark; it tells whether the mark was still there.
func RemoveMark(inode Inode, m Mark) bool {
	marks.mu.Lock()
	defer marks.mu.Unlock()
	return marks.remove(inode, m)
}

func (t *markTable) remove(inode Inode, m Mark) bool {
	f := t.files[inode]
	if f == nil {
		return false
	}
	i := slices.Index(f.marks, m)
	if i < 0 {
		return false
	}
	f.marks = slices.Delete(f.marks, i, i+1)
	if len(f.marks) == 0 {
		delete(t.files, inode)
		t.count.Add(-1)
	}
	return true
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
func watched() bool { return marks.count.Load() != 0 }

// notify tells of an event of the file at d: who watches its directory first.
func notify(d *Dentry, mask uint32) {
	if !watched() || d == nil || d.inode == nil {
		return
	}
	if d.IsDir() {
		mask |= unix.IN_ISDIR
	}
	if at := d.at.Load(); at.parent != nil {
		marks.tell(at.parent.inode, Event{Mask: mask, Name: at.name, Gone: d.IsUnlinked()})
	}
	marks.tell(d.inode, Event{Mask: mask})
}

// notifyName tells who watches a directory of an event of its entry.
func notifyName(dir *Dentry, name string, mask uint32, isDir bool, cookie uint32) {
	if !watched() {
		return
	}
	if isDir {
		mask |= unix.IN_ISDIR
	}
	marks.tell(dir.inode, Event{Mask: mask, Name: name, Cookie: cookie})
}

// notifyLinks tells who watches a file that its number of links changed.
func notifyLinks(inode Inode) {
	if watched() {
		marks.tell(inode, Event{Mask: unix.IN_ATTRIB})
	}
}

// notifyRemoved is d_delete_notify: the entry d of dir is gone. If it was the
// last name of its file, and nobody has that open, the file is gone too.
func notifyRemoved(ctx Ctx, dir, d *Dentry, name string) {
	if !watched() {
		return
	}
	notifyGone(ctx, d)
	notifyName(dir, name, unix.IN_DELETE, d.IsDir(), 0)
}

// notifyGone ends the marks of the file at d, if its last name is gone: now,
// or when it is closed.
func notifyGone(ctx Ctx, d *Dentry) {
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
	notifyFreed(d)
}

// notifyFreed ends the marks of the file at d if it has no name any more and
// is not open.
func notifyFreed(d *Dentry) {
	if !watched() || d == nil || d.opens.Load() != 0 {
		return
	}
	marks.mu.Lock()
	f := marks.files[d.inode]
	if f == nil || !f.gone || f.path.Dentry.opens.Load() != 0 {
		marks.mu.Unlock()
		return
	}
	delete(marks.files, d.inode)
	marks.count.Add(-1)
	list := f.marks
	marks.mu.Unlock()
	for _, m := range list {
		m.Notify(Event{Mask: unix.IN_DELETE_SELF})
		m.Removed()
	}
}

var lastCookie atomic.Uint32

// notifyMoved is fsnotify_move: moved went from one name to another, where
// target stood (nil: nothing).
func notifyMoved(from, to *entry, moved, target *Dentry) {
	if !watched() {
		return
	}
	cookie := lastCookie.Add(1)
	notifyName(from.dir.Dentry, from.name, unix.IN_MOVED_FROM, moved.IsDir(), cookie)
	notifyName(to.dir.Dentry, to.name, unix.IN_MOVED_TO, moved.IsDir(), cookie)
	if target != nil && target.inode != nil {
		notifyLinks(target.inode)
	}
	marks.tell(moved.inode, Event{Mask: unix.IN_MOVE_SELF})
}

// notifyChange is fsnotify_change: what a SetAttr of the file at d is to who watches.
func notifyChange(d *Dentry, valid uint32) {
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
		notify(d, mask)
	}
}

// notifyIO notes that a call moved n bytes.
func (f *File) notifyIO(n int, mask uint32) {
	if n > 0 && watched() {
		notify(f.Path.Dentry, mask)
	}
}

// NotifyAllocate notes that fallocate(2) changed the file.
func (f *File) NotifyAllocate() { f.notifyIO(1, unix.IN_MODIFY) }

// notifyOpened counts and tells of an open; of O_PATH files neither.
func (f *File) notifyOpened() {
	f.Path.Dentry.opens.Add(1)
	f.counted = true
	notify(f.Path.Dentry, unix.IN_OPEN)
}

// notifyClosed undoes it.
func (f *File) notifyClosed() {
	if !f.counted {
		return
	}
	mask := uint32(unix.IN_CLOSE_NOWRITE)
	if f.Writable() {
		mask = unix.IN_CLOSE_WRITE
	}
	notify(f.Path.Dentry, mask)
}

// notifyReleased comes when the file's own end is done.
func (f *File) notifyReleased() {
	if f.counted {
		f.Path.Dentry.opens.Add(-1)
		notifyFreed(f.Path.Dentry)
	}
}

// notifyUnmount ends the marks of a file system that is mounted nowhere any more.
func notifyUnmount(m *Mount) {
	if !m.end() || !watched() {
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
		for _, w := range f.marks {
			w.Notify(Event{Mask: mask})
			w.Removed()
		}
	}
}
