// SPDX-License-Identifier: Apache-2.0

package vfs

import "golang.org/x/sys/unix"

// AtimeRule is what reading a file does to the time of its last access
// (touch_atime): the mount's flags and O_NOATIME decide.
type AtimeRule int

const (
	AtimeNever    AtimeRule = iota // O_NOATIME, MS_NOATIME, MS_NODIRATIME
	AtimeRelative                  // moves if it is not after the last change, or a day old
	AtimeAlways                    // MS_STRICTATIME
)

// Due tells whether a read now moves the time of access of a file with these times (relatime_need_update).
func (r AtimeRule) Due(a, m, c, now Timestamp) bool {
	switch r {
	case AtimeNever:
		return false
	case AtimeRelative:
		return !a.After(m) || !a.After(c) || now.Sec-a.Sec >= 24*60*60
	}
	return true
}

// After tells whether t is later than u.
func (t Timestamp) After(u Timestamp) bool { return t.Sec > u.Sec || t.Sec == u.Sec && t.Nsec > u.Nsec }

// Toucher is an inode that keeps the time of access of what vfs itself reads:
// the target of a symbolic link.
type Toucher interface{ Touch(AtimeRule) }

// Modified is an inode that keeps the times of what is written to it and lies elsewhere: of a FIFO.
type Modified interface{ Modify() }

// Access is file_accessed, and Modify file_update_time, for a file whose data are not its file system's: a FIFO.
func (f *File) Access() {
	if t, ok := f.Inode.(Toucher); ok {
		t.Touch(f.AtimeRule())
	}
}

// Mapped are the operations of a file for which making a mapping of it is an access (file_accessed in its mmap), and that
// does not get to see the mapping.
type Mapped interface{ Mapped(*File) }

// NoteMapping tells a file that it was mapped.
func (f *File) NoteMapping() {
	if m, ok := f.Ops.(Mapped); ok {
		m.Mapped(f)
	}
}

// Modify: see Access. A mount or file system that is read-only keeps its times.
func (f *File) Modify() {
	if m, ok := f.Inode.(Modified); ok && !f.Path.Mount.ReadOnly() {
		m.Modify()
	}
}

// AtimeRule is the rule for reads through f.
func (f *File) AtimeRule() AtimeRule {
	if f.Flags()&unix.O_NOATIME != 0 {
		return AtimeNever
	}
	return atimeRule(f.Path)
}

func atimeRule(p Path) AtimeRule {
	if p.Mount == nil {
		return AtimeRelative
	}
	flags := p.Mount.Flags()
	switch {
	case flags&(unix.MS_NOATIME|unix.MS_RDONLY) != 0,
		flags&unix.MS_NODIRATIME != 0 && p.Dentry.inode.Mode()&unix.S_IFMT == unix.S_IFDIR:
		return AtimeNever
	case flags&unix.MS_RELATIME != 0:
		return AtimeRelative
	}
	return AtimeAlways
}

// Readlink is the target of the symbolic link at p.
func Readlink(ctx Ctx, p Path) (string, error) {
	inode := p.Dentry.inode
	if t, ok := inode.(Toucher); ok {
		t.Touch(atimeRule(p))
	}
	return inode.Readlink(ctx)
}
