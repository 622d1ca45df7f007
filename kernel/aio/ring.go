// SPDX-License-Identifier: Apache-2.0

// This file is the ring of events, as the application sees it (struct aio_ring).

package aio

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/loader"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Where struct aio_ring has its words.
const (
	ringID       = 0
	ringNr       = 4
	ringHead     = 8
	ringTail     = 12
	ringMagic    = 16
	ringCompat   = 20
	ringIncompat = 24
	ringLength   = 28
	ringHeader   = 32
)

const magic = 0xa10a10a1

// ring is the memory of a context, and the file that maps show for it.
type ring struct {
	shared *hostio.Shared
	file   *vfs.File
	nr     uint32 // room for events
}

var ringFS = vfs.NewPseudoFS("aio", 0x69646165)

// newRing is a ring for at least events.
func newRing(events uint32) (*ring, error) {
	size := (ringHeader + int(events)*EventSize + pageSize - 1) &^ (pageSize - 1)
	s, err := hostio.NewShared("ditto-aio", size)
	if err != nil {
		return nil, err
	}
	r := &ring{shared: s, nr: uint32((size - ringHeader) / EventSize)}
	s.Store(ringID, ^uint32(0))
	s.Store(ringNr, r.nr)
	s.Store(ringMagic, magic)
	s.Store(ringCompat, 1)
	s.Store(ringIncompat, 0)
	s.Store(ringLength, ringHeader)
	return r, nil
}

// close gives the memory back, as far as the application does not have it mapped.
func (r *ring) close() {
	if r.file != nil {
		r.file.DecRef()
	}
	r.shared.Close()
}

// put writes the event in a place.
func (r *ring) put(place uint32, e Event) {
	b := make([]byte, 0, EventSize)
	b = binary.LittleEndian.AppendUint64(b, e.Data)
	b = binary.LittleEndian.AppendUint64(b, e.Obj)
	b = binary.LittleEndian.AppendUint64(b, uint64(e.Res))
	b = binary.LittleEndian.AppendUint64(b, uint64(e.Res2))
	r.shared.Put(ringHeader+int(place)*EventSize, b)
}

// append appends the event of a place.
func (r *ring) append(b []byte, place uint32) []byte {
	n := len(b)
	b = append(b, make([]byte, EventSize)...)
	r.shared.Get(ringHeader+int(place)*EventSize, b[n:])
	return b
}

// mapInto maps the ring of x where there is room.
func (r *ring) mapInto(c Caller, x *Context) (uint64, error) {
	inode := ringFS.NewInode(unix.S_IFREG|0o600, c.Creds().FSUID, c.Creds().FSGID)
	r.file = vfs.NewAnonFileInode("/[aio] (deleted)", &ringFile{x: x}, inode, unix.O_RDWR)
	file := mm.MapFile{
		Backing: loader.MappedFile{File: r.file}, Readable: true, Writable: true, DontExpand: true, NoExec: true,
		HostFD: func(uint32, uint32) (int, error) { return r.shared.FD(), nil },
	}
	return c.MM().Map(c, 0, uint64(r.shared.Size()), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED, &file, 0)
}

// ringFile is the file behind the mapping. Nobody has it open.
type ringFile struct {
	vfs.BaseFile
	x *Context
}

// Moved implements mm.Mover: the context has another name then.
func (f *ringFile) Moved(m *mm.MM, from, to uint64) {
	if s, _ := m.Extra(contextsKey{}, nil).(*Contexts); s != f.x.set {
		return // a copy that fork made
	}
	f.x.mu.Lock()
	defer f.x.mu.Unlock()
	if f.x.userID == from {
		f.x.userID = to
	}
}
