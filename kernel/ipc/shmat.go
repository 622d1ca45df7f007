// SPDX-License-Identifier: Apache-2.0

// This file is shmat(2) and shmdt(2): segments in an address space.

package ipc

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/mm"
)

// Attacher is a Caller with an address space of its own.
type Attacher interface {
	Caller
	mm.Caller
	MM() *mm.MM
}

// Attach is shmat(2): EACCES, EIDRM, EINVAL, ENOMEM.
func (s *Segments) Attach(c Attacher, id int32, addr uint64, flags uint32) (uint64, error) {
	if id < 0 {
		return 0, unix.EINVAL
	}
	mapFlags := uint32(unix.MAP_SHARED)
	switch {
	case addr == 0 && flags&SHM_REMAP != 0:
		return 0, unix.EINVAL
	case addr%abi.PageSize != 0 && flags&SHM_RND == 0:
		return 0, unix.EINVAL
	case addr != 0:
		addr &^= abi.PageSize - 1
		if addr == 0 && flags&SHM_REMAP != 0 {
			return 0, unix.EINVAL
		}
		mapFlags |= unix.MAP_FIXED
		if flags&SHM_REMAP == 0 {
			mapFlags |= unix.MAP_FIXED_NOREPLACE
		}
	}
	prot, want := uint32(unix.PROT_READ|unix.PROT_WRITE), uint32(mayRead|mayWrite)
	if flags&SHM_RDONLY != 0 {
		prot, want = unix.PROT_READ, mayRead
	}
	if flags&SHM_EXEC != 0 {
		prot |= unix.PROT_EXEC
		want |= 0o111
	}
	o, err := s.begin(c, id, want)
	if err != nil {
		return 0, err
	}
	defer s.end(o)
	if addr != 0 && flags&SHM_REMAP == 0 && addr+o.size < addr {
		return 0, unix.EINVAL
	}
	file := mm.MapFile{
		Backing: o, Readable: true, Writable: flags&SHM_RDONLY == 0,
		HostFD: func(uint32, uint32) (int, error) { return o.hostFD() },
	}
	at, err := c.MM().Map(c, addr, o.size, prot, mapFlags, &file, 0)
	if err == unix.EEXIST {
		err = unix.EINVAL
	}
	if err == nil {
		o.Used(c.ProcessID())
	}
	return at, err
}

// begin finds a segment to be attached, and keeps it until end.
func (s *Segments) begin(c Caller, id int32, want uint32) (*Segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.table.byID(id)
	if err != nil {
		return nil, err
	}
	if err := o.check(c, want); err != nil {
		return nil, err
	}
	o.attached++
	return o, nil
}

func (s *Segments) end(o *Segment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.attached--
	o.destroyIfUnused()
}

// Detach is shmdt(2): EINVAL. What is left of an attachment, if parts of it
// have been unmapped or changed, goes whole.
func Detach(c Attacher, addr uint64) error {
	if addr%abi.PageSize != 0 {
		return unix.EINVAL
	}
	var seg *Segment
	var parts [][2]uint64
	c.MM().Maps(func(v *mm.VMA) bool {
		o, ok := v.File.(*Segment)
		if !ok || v.Start < addr || v.Start-addr != v.Off || seg != nil && o != seg {
			return true
		}
		seg = o
		parts = append(parts, [2]uint64{v.Start, v.End})
		return true
	})
	if seg == nil {
		return unix.EINVAL
	}
	seg.Used(c.ProcessID())
	for _, p := range parts {
		if err := c.MM().Unmap(c, p[0], p[1]-p[0]); err != nil {
			return err
		}
	}
	return nil
}

// Leave records the end of a process at the segments that it has attached.
func Leave(m *mm.MM, pid int32) {
	var segs []*Segment
	m.Maps(func(v *mm.VMA) bool {
		if o, ok := v.File.(*Segment); ok {
			segs = append(segs, o)
		}
		return true
	})
	for _, o := range segs {
		o.Used(pid)
	}
}
