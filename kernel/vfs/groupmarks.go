// SPDX-License-Identifier: Apache-2.0

// This file is marks of groups that watch a file, a mount or a whole file system, and hear of an event once whichever of
// them it concerns: fanotify(7). markGroups.mu is a leaf; groups are told without it.

package vfs

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Events that inotify has not.
const (
	openExec     = 0x1000     // FS_OPEN_EXEC
	eventOnChild = 0x08000000 // FS_EVENT_ON_CHILD
	renamed      = 0x10000000 // FS_RENAME

	onChildEvents = unix.IN_ACCESS | unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_CLOSE_WRITE | unix.IN_CLOSE_NOWRITE | unix.IN_OPEN | openExec | allPerms
)

// MarkGroup is told of what happens to the objects that it has marks on.
type MarkGroup interface {
	// Happened is told of an event, and of the group's marks that may match it as they were then.
	Happened(e *GroupEvent, marks *Matched)
}

// What a mark is on, as Matched counts it.
const (
	OnSuper = iota
	OnMount
	OnInode
	OnParent // of the directory that the file stands in
	OnNewDir // of the directory that a renamed file goes to
	markKinds
)

// Matched are a group's marks by what they are on. One without a Group is none.
type Matched [markKinds]GroupMark

// GroupMark is a mark of a group on one object.
type GroupMark struct {
	Group        MarkGroup
	Mask, Ignore uint32
	IgnoreFlags  bool // flags of Ignore count (FAN_MARK_IGNORE)
	SurvModify   bool // Ignore stays when the file is modified
	Evictable    bool
}

// GroupEvent is something that happened to a file.
type GroupEvent struct {
	Mask uint32 // IN_* and kin, with IN_ISDIR
	Ctx  Ctx    // who did it; nil: nobody
	// File is the file, or the one that an entry of Dir led to.
	File Path
	// ByMount tells that the mount of File counts, and that the file can be opened by it.
	ByMount bool
	Dir     *Dentry // where File stands, if that is known
	Name    string
	NewDir  *Dentry // of a rename
	NewName string

	entry bool // it happened to the directory
}

// markGroups has the marks by object: an Inode, a *Mount, a *Super.
type markGroups struct {
	count atomic.Int32 // of objects; so that where nothing is watched nothing is locked

	mu sync.RWMutex
	on map[any]*groupMarked
}

// groupMarked are the marks of an object.
type groupMarked struct {
	path  Path // holds a file, so that it is found again as the same
	marks []*GroupMark
}

var groupMarks = markGroups{on: map[any]*groupMarked{}}

// object is what a mark of a kind at p is on.
func (p Path) object(kind int) any {
	switch kind {
	case OnSuper:
		return p.Mount.super
	case OnMount:
		return p.Mount
	}
	return p.Dentry.inode
}

func (t *markGroups) find(o any, g MarkGroup) *GroupMark {
	if m := t.on[o]; m != nil {
		for _, k := range m.marks {
			if k.Group == g {
				return k
			}
		}
	}
	return nil
}

// ChangeGroupMark changes the mark that g has on what is at p (kind: OnSuper, OnMount, OnInode), or makes one. change gets
// nil for what is new: it returns nil too if there is to be none.
func ChangeGroupMark(p Path, kind int, g MarkGroup, change func(*GroupMark) (*GroupMark, error)) error {
	t := &groupMarks
	t.mu.Lock()
	defer t.mu.Unlock()
	o := p.object(kind)
	old := t.find(o, g)
	m, err := change(old)
	switch {
	case err != nil:
		return err
	case m == nil && old != nil:
		t.drop(o, old)
	case m == nil || old != nil:
	default:
		if t.on[o] == nil {
			t.on[o] = &groupMarked{}
			if kind == OnInode {
				t.on[o].path = p
			}
			t.count.Add(1)
		}
		t.on[o].marks = append(t.on[o].marks, m)
	}
	return nil
}

// drop removes a mark. Caller holds t.mu.
func (t *markGroups) drop(o any, m *GroupMark) {
	on := t.on[o]
	on.marks = slices.DeleteFunc(slices.Clone(on.marks), func(k *GroupMark) bool { return k == m })
	if len(on.marks) == 0 {
		delete(t.on, o)
		t.count.Add(-1)
	}
}

// RemoveGroupMarks removes the marks that g has on objects of a kind; -1: of every kind. It returns how many there were.
func RemoveGroupMarks(g MarkGroup, kind int) (n int) {
	t := &groupMarks
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range slices.Collect(maps.Keys(t.on)) {
		if kind >= 0 && kindOf(o) != kind {
			continue
		}
		if m := t.find(o, g); m != nil {
			t.drop(o, m)
			n++
		}
	}
	return n
}

func kindOf(o any) int {
	switch o.(type) {
	case *Super:
		return OnSuper
	case *Mount:
		return OnMount
	}
	return OnInode
}

// EachGroupMark calls f with each mark of g, and with what it is on: at is its Path, with a Mount only for one on a mount
// and of a Super neither.
func EachGroupMark(g MarkGroup, f func(kind int, at Path, s *Super, m GroupMark)) {
	t := &groupMarks
	t.mu.RLock()
	defer t.mu.RUnlock()
	for o, on := range t.on {
		m := t.find(o, g)
		if m == nil {
			continue
		}
		switch o := o.(type) {
		case *Super:
			f(OnSuper, Path{}, o, *m)
		case *Mount:
			f(OnMount, Path{Mount: o}, nil, *m)
		default:
			f(OnInode, on.path, nil, *m)
		}
	}
}

// tellOf is tell for an event of the file at p (fsnotify_parent).
func (t *markGroups) tellOf(ctx Ctx, p Path, mask uint32, byMount bool) {
	if t.count.Load() == 0 {
		return
	}
	at := p.Dentry.at.Load()
	t.tell(&GroupEvent{Mask: mask, Ctx: ctx, File: p, ByMount: byMount, Dir: at.parent, Name: at.name})
}

// heard is what one group is told.
type heard struct {
	group MarkGroup
	marks Matched
}

// tell tells each group whose marks an event concerns.
func (t *markGroups) tell(e *GroupEvent) {
	if t.count.Load() == 0 {
		return
	}
	for _, h := range t.concerned(e) {
		h.group.Happened(e, &h.marks)
	}
}

func (t *markGroups) concerned(e *GroupEvent) (list []heard) {
	modifies := e.Mask&unix.IN_MODIFY != 0
	if modifies {
		t.mu.Lock()
		defer t.mu.Unlock()
	} else {
		t.mu.RLock()
		defer t.mu.RUnlock()
	}
	add := func(o any, kind int) {
		on := t.on[o]
		if on == nil {
			return
		}
		for _, m := range on.marks {
			if modifies && !m.SurvModify {
				m.Ignore = 0
			}
			i := slices.IndexFunc(list, func(h heard) bool { return h.group == m.Group })
			if i < 0 {
				i = len(list)
				list = append(list, heard{group: m.Group})
			}
			list[i].marks[kind] = *m
		}
	}
	if m := e.File.Mount; m != nil {
		add(m.super, OnSuper)
		if e.ByMount {
			add(m, OnMount)
		}
	}
	switch {
	case e.entry:
		add(e.Dir.inode, OnInode)
		if e.NewDir != nil {
			add(e.NewDir.inode, OnNewDir)
		}
		return list
	case e.Dir != nil && e.Mask&onChildEvents != 0:
		add(e.Dir.inode, OnParent)
	}
	add(e.File.Dentry.inode, OnInode)
	return list
}

// freed tells of the end of the file at p, if it has no name any more.
func (t *markGroups) freed(ctx Ctx, p Path) {
	if t.count.Load() == 0 || !p.Dentry.IsUnlinked() {
		return
	}
	if !p.Dentry.IsDir() {
		if a, err := p.Dentry.inode.Attr(ctx); err != nil || a.Nlink != 0 {
			return
		}
	}
	t.tell(&GroupEvent{Mask: unix.IN_DELETE_SELF | isDirBit(p.Dentry), Ctx: ctx, File: p})
	t.forget(p.Dentry.inode)
}

// forget removes all marks on an object.
func (t *markGroups) forget(o any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if on := t.on[o]; on != nil {
		for _, m := range on.marks {
			t.drop(o, m)
			lost(m)
		}
	}
}

// lost tells a group that keeps count that a mark is gone.
func lost(m *GroupMark) {
	if c, ok := m.Group.(interface{ MarkLost() }); ok {
		c.MarkLost()
	}
}

// unmounted removes the marks on a mount that is gone, and with the last one of its file system those on that.
func (t *markGroups) unmounted(m *Mount, last bool) {
	if t.count.Load() == 0 {
		return
	}
	t.forget(m)
	if !last {
		return
	}
	t.forget(m.super)
	t.mu.Lock()
	defer t.mu.Unlock()
	for o, on := range t.on {
		if i, ok := o.(Inode); ok && i.FS() == m.FS {
			for _, k := range on.marks {
				t.drop(o, k)
				lost(k)
			}
		}
	}
}
