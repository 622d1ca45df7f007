// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"encoding/binary"
	"strings"
)

// Listing is the names of a directory as they were at one time, but "." and "..". It keeps them as getdents64(2) of the host
// tells them, which is one piece of memory for all of them.
type Listing struct {
	entries strings.Builder // struct linux_dirent64, one behind the other
	at      []uint32        // where each of them begins
}

// Lister is a directory that lists itself without being opened.
type Lister interface {
	List(ctx Ctx) (*Listing, error)
}

// Sizes of struct linux_dirent64: what is before the name, and with the shortest name.
const (
	direntHead = 19
	direntMin  = 24
)

// Add adds the entries of a buffer that getdents64(2) filled. Of those whose type it does not tell kind is asked for that.
func (l *Listing) Add(p []byte, kind func(name string) uint8) {
	if l.at == nil {
		l.at = make([]uint32, 0, len(p)/direntMin)
	}
	start := uint32(l.entries.Len())
	for off := 0; len(p)-off > direntHead; {
		size := int(binary.LittleEndian.Uint16(p[off+16:]))
		if size <= direntHead || size > len(p)-off {
			p = p[:off] // what is no entry
			break
		}
		e := p[off : off+size]
		if name := e[direntHead:]; !isDots(name) {
			l.at = append(l.at, start+uint32(off))
			if e[18] == 0 {
				e[18] = kind(string(name[:clen(name)]))
			}
		}
		off += size
	}
	l.entries.Write(p)
}

// isDots tells whether the name, with what follows it, is "." or "..".
func isDots(p []byte) bool {
	return p[0] == '.' && (len(p) < 2 || p[1] == 0 || p[1] == '.' && (len(p) < 3 || p[2] == 0))
}

// clen is how long a name is that a zero ends.
func clen(p []byte) int {
	for i, c := range p {
		if c == 0 {
			return i
		}
	}
	return len(p)
}

// Len is how many names there are. There may be no listing.
func (l *Listing) Len() int {
	if l == nil {
		return 0
	}
	return len(l.at)
}

// Entry is the name at i, without a cookie.
func (l *Listing) Entry(i int) DirEntry {
	all := l.entries.String()
	p := all[l.at[i]:]
	name := p[direntHead : int(p[16])|int(p[17])<<8]
	if end := strings.IndexByte(name, 0); end >= 0 {
		name = name[:end]
	}
	return DirEntry{Name: name, Ino: le64(p), Type: p[18]}
}

// le64 is the number at the start of p.
func le64(p string) uint64 {
	_ = p[7]
	return uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 |
		uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56
}
