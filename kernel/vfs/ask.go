// SPDX-License-Identifier: Apache-2.0

// This file asks the groups that have a say in it whether a file may be opened or read (fanotify(7)'s permission events).

package vfs

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// Events that a group is asked about before they happen.
const (
	OpenPerm     = 0x10000 // FS_OPEN_PERM
	AccessPerm   = 0x20000
	OpenExecPerm = 0x40000

	allPerms = OpenPerm | AccessPerm | OpenExecPerm
)

// Asker is a MarkGroup that may refuse what is about to happen.
type Asker interface {
	MarkGroup
	// Asked is Happened for an event of OpenPerm and its kin. It waits until the group has decided.
	Asked(e *GroupEvent, marks *Matched) error
	// AskedAs is the group's class: the highest is asked first.
	AskedAs() uint32
}

// askers are the groups with marks that may be asked; so that where there is none nothing is looked for.
var askers atomic.Int32

// CountAskers notes n more groups that have marks and may be asked.
func CountAskers(n int32) { askers.Add(n) }

// mayBeAsked tells whether somebody may have a say in what is done with a file that is opened now; later ones have not
// (file_set_fsnotify_mode_from_watchers).
func mayBeAsked() bool { return askers.Load() != 0 }

// ask asks each group whose marks an event of the file at p concerns, until one refuses.
func ask(ctx Ctx, p Path, mask uint32) error {
	if !mayBeAsked() || p.Dentry == nil || p.Mount == nil {
		return nil
	}
	at := p.Dentry.at.Load()
	e := &GroupEvent{Mask: mask | isDirBit(p.Dentry), Ctx: ctx, File: p, ByMount: true, Dir: at.parent, Name: at.name}
	list := slices.DeleteFunc(groupMarks.concerned(e), func(h heard) bool {
		a, ok := h.group.(Asker)
		return !ok || a.AskedAs() == 0
	})
	slices.SortStableFunc(list, func(a, b heard) int { return cmp.Compare(b.group.(Asker).AskedAs(), a.group.(Asker).AskedAs()) })
	for _, h := range list {
		if err := h.group.(Asker).Asked(e, &h.marks); err != nil {
			return err
		}
	}
	return nil
}

// askOpen is fsnotify_open_perm.
func askOpen(ctx Ctx, p Path, kind openKind) error {
	if kind == openUnheard || !mayBeAsked() {
		return nil
	}
	if kind == openRun {
		if err := ask(ctx, p, OpenExecPerm); err != nil {
			return err
		}
	}
	return ask(ctx, p, OpenPerm)
}

// askRead is fsnotify_file_perm of who reads.
func (f *File) askRead(ctx Ctx) error {
	if !f.asks {
		return nil
	}
	return ask(ctx, f.Path, AccessPerm)
}
