// SPDX-License-Identifier: Apache-2.0

// Package acl is the access control lists of files (acl(5)): their form as an extended attribute, which of them are sound, whom they
// let do what, and how they go with the permissions of a mode (fs/posix_acl.c). A List is never changed once a file has it.
package acl

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Kind is which of a file's two lists it is.
type Kind int

// Access says who may do what, and Default what is made in a directory starts with.
const (
	Access Kind = iota
	Default
	Kinds
)

var names = [Kinds]string{"system.posix_acl_access", "system.posix_acl_default"}

// Name is the extended attribute that shows the list.
func (k Kind) Name() string { return names[k] }

// KindOf is the list that an extended attribute shows, if it shows one.
func KindOf(name string) (Kind, bool) {
	for k, n := range names {
		if n == name {
			return Kind(k), true
		}
	}
	return 0, false
}

// Tags of entries.
const (
	UserObj  = 0x01 // the file's owner
	User     = 0x02
	GroupObj = 0x04 // the file's group
	Group    = 0x08
	Mask     = 0x10 // the most that User, GroupObj and Group get
	Other    = 0x20
)

// Entry says what permissions someone has.
type Entry struct {
	Tag, Perm uint16
	ID        uint32 // of User and Group: a cred.UID or a cred.GID
}

// List is the entries in the order of their tags. One without any is no list.
type List []Entry

// Check refuses what is no sound list (posix_acl_valid).
func (l List) Check() error {
	state, needsMask := uint16(UserObj), false
	for _, e := range l {
		next := follows(state, e.Tag, needsMask)
		if next < 0 || e.Perm&^7 != 0 {
			return unix.EINVAL
		}
		if e.Tag == User || e.Tag == Group {
			if e.ID == noID {
				return unix.EINVAL
			}
			needsMask = true
		}
		state = uint16(next)
	}
	if state != 0 {
		return unix.EINVAL
	}
	return nil
}

// follows is what tag may come after tag, which has to be state or what may stand in its place; 0: none, -1: it may not be there.
func follows(state, tag uint16, needsMask bool) int {
	switch {
	case state == UserObj && tag == UserObj:
		return User
	case state == User && tag == User:
		return User
	case state == User && tag == GroupObj:
		return Group
	case state == Group && tag == Group:
		return Group
	case state == Group && tag == Mask:
		return Other
	case tag == Other && (state == Other || state == Group && !needsMask):
		return 0
	}
	return -1
}

// find is the entry with a tag of which there is one at most; nil: none.
func (l List) find(tag uint16) *Entry {
	for i := range l {
		if l[i].Tag == tag {
			return &l[i]
		}
	}
	return nil
}

// groupClass is the entry that the group's permissions of a mode stand for.
func (l List) groupClass() *Entry {
	if m := l.find(Mask); m != nil {
		return m
	}
	return l.find(GroupObj)
}

// Mode is a mode with the permissions of the list, and whether they are all that it says (posix_acl_equiv_mode).
func (l List) Mode(mode uint32) (with uint32, all bool) {
	mode = mode&^0o777 | l.perm(l.find(UserObj))<<6 | l.perm(l.groupClass())<<3 | l.perm(l.find(Other))
	for _, e := range l {
		if e.Tag&(User|Group|Mask) != 0 {
			return mode, false
		}
	}
	return mode, true
}

// perm and give are for an entry that a list from elsewhere may lack.
func (List) perm(e *Entry) uint32 {
	if e == nil {
		return 0
	}
	return uint32(e.Perm)
}

func (List) give(e *Entry, perm uint32) {
	if e != nil {
		e.Perm = uint16(perm & 7)
	}
}

// FromMode is the list that says what the permissions of a mode do (posix_acl_from_mode).
func FromMode(mode uint32) List {
	return List{
		{Tag: UserObj, Perm: uint16(mode >> 6 & 7), ID: noID},
		{Tag: GroupObj, Perm: uint16(mode >> 3 & 7), ID: noID},
		{Tag: Other, Perm: uint16(mode & 7), ID: noID},
	}
}

// Chmod is the list of a file whose mode was changed (__posix_acl_chmod).
func (l List) Chmod(mode uint32) List {
	if l == nil {
		return nil
	}
	l = append(List(nil), l...)
	l.give(l.find(UserObj), mode>>6)
	l.give(l.groupClass(), mode>>3)
	l.give(l.find(Other), mode)
	return l
}

// Create is the list and the mode of a file that is made with a mode in a directory that has l by default: nobody gets more than
// either gives (posix_acl_create_masq). No list: the mode says all.
func (l List) Create(mode uint32) (List, uint32) {
	given, all := l.Mode(mode)
	mode &= given
	if all {
		return nil, mode
	}
	return l.Chmod(mode), mode
}

// Permits tells whether someone may do want with a file of these owners (posix_acl_permission).
func (l List) Permits(creds *cred.Creds, uid cred.UID, gid cred.GID, want uint32) bool {
	inGroup := false
	for _, e := range l {
		enough := want&^uint32(e.Perm) == 0
		switch e.Tag {
		case UserObj:
			if creds.FSUID == uid {
				return enough
			}
		case User:
			if creds.FSUID == cred.UID(e.ID) {
				return enough && l.unmasked(want)
			}
		case GroupObj, Group:
			if e.Tag == GroupObj && !creds.InGroup(gid) || e.Tag == Group && !creds.InGroup(cred.GID(e.ID)) {
				continue
			}
			inGroup = true
			if enough { // of the groups any will do
				return l.unmasked(want)
			}
		case Other:
			return enough && !inGroup
		}
	}
	return false
}

// unmasked tells whether the mask lets want through.
func (l List) unmasked(want uint32) bool {
	m := l.find(Mask)
	return m == nil || want&^uint32(m.Perm) == 0
}
