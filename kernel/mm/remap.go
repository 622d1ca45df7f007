// SPDX-License-Identifier: Apache-2.0

// This file is mremap(2).

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

const mremapFlags = unix.MREMAP_MAYMOVE | unix.MREMAP_FIXED | unix.MREMAP_DONTUNMAP

// Remap is mremap(2). The host moves the pages; where to is chosen here.
func (m *MM) Remap(c Caller, addr, oldLen, newLen uint64, flags uint32, newAddr uint64) (uint64, error) {
	moves := flags&(unix.MREMAP_FIXED|unix.MREMAP_DONTUNMAP) != 0
	switch {
	case flags&^uint32(mremapFlags) != 0,
		moves && flags&unix.MREMAP_MAYMOVE == 0,
		addr%abi.PageSize != 0:
		return 0, unix.EINVAL
	}
	oldLen, _ = pageUp(oldLen)
	newLen, _ = pageUp(newLen)
	if newLen == 0 || newLen > taskSize || flags&unix.MREMAP_DONTUNMAP != 0 && oldLen != newLen {
		return 0, unix.EINVAL
	}
	if flags&unix.MREMAP_FIXED != 0 {
		if newAddr > taskSize-newLen || newAddr%abi.PageSize != 0 ||
			addr+oldLen > newAddr && newAddr+newLen > addr {
			return 0, unix.EINVAL
		}
	}
	m.mu.Lock()
	defer m.unlock()
	v := m.find(addr)
	switch {
	case v == nil:
		return 0, unix.EFAULT
	case m.sealedIn(addr, addr+max(oldLen, 1)):
		return 0, unix.EPERM
	case m.touchesReserved(addr, addr+oldLen), oldLen > taskSize-addr:
		return 0, unix.EFAULT
	case !moves && oldLen >= newLen && oldLen != 0:
		return addr, m.shrink(c, addr, oldLen, newLen)
	case v.End < addr+oldLen && (oldLen != newLen || !moves):
		return 0, unix.EFAULT
	case oldLen == 0 && v.Flags&Shared == 0:
		return 0, unix.EINVAL
	case newLen > oldLen && v.Flags&DontExpand != 0:
		return 0, unix.EFAULT
	}
	if err := m.roomToGrow(c, v, oldLen, newLen, flags); err != nil {
		return 0, err
	}
	if !moves && oldLen != 0 && addr+oldLen == v.End && m.free(v.End, newLen-oldLen) && addr+newLen <= taskSize {
		return addr, m.expand(c, v, addr, oldLen, newLen)
	}
	if flags&unix.MREMAP_MAYMOVE == 0 {
		return 0, unix.ENOMEM
	}
	return m.move(c, v, addr, oldLen, newLen, flags, newAddr)
}

// roomToGrow checks the limits for what newLen is more than oldLen.
func (m *MM) roomToGrow(c Caller, v *VMA, oldLen, newLen uint64, flags uint32) error {
	grow := newLen - min(oldLen, newLen)
	if flags&unix.MREMAP_DONTUNMAP != 0 || oldLen == 0 {
		grow = newLen
	}
	if grow == 0 {
		return nil
	}
	n := *v
	n.Start, n.End = 0, grow
	return m.roomFor(c, &n)
}

func (m *MM) shrink(c Caller, addr, oldLen, newLen uint64) error {
	if oldLen == newLen {
		return nil
	}
	return m.unmap(c, addr+newLen, oldLen-newLen)
}

func (m *MM) expand(c Caller, v *VMA, addr, oldLen, newLen uint64) error {
	if _, err := m.host(c.Thread(), unix.SYS_MREMAP, addr, oldLen, newLen, 0, 0); err != nil {
		return err
	}
	m.count(v, -1)
	v.End = addr + newLen
	m.count(v, 1)
	m.mergeRange(addr, addr+newLen)
	return nil
}

func (m *MM) move(c Caller, v *VMA, addr, oldLen, newLen uint64, flags uint32, newAddr uint64) (uint64, error) {
	if flags&unix.MREMAP_FIXED == 0 {
		hint := uint64(0)
		if flags&unix.MREMAP_DONTUNMAP != 0 {
			hint = newAddr
		}
		var err error
		if newAddr, err = m.unmappedArea(hint, newLen, 0, v.File == nil); err != nil {
			return 0, err
		}
	} else if newAddr < max(minAddr, m.layout.Min) {
		return 0, unix.EPERM
	} else if m.touchesReserved(newAddr, newAddr+newLen) {
		return 0, unix.ENOMEM
	} else if m.sealedIn(newAddr, newAddr+newLen) {
		return 0, unix.EPERM
	}
	_, err := m.host(c.Thread(), unix.SYS_MREMAP, addr, oldLen, newLen,
		uint64(flags|unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED), newAddr)
	if err != nil {
		return 0, err
	}
	m.moved(addr, oldLen, newLen, flags, newAddr)
	return newAddr, nil
}

// moved enters a move that the host has made into the account.
func (m *MM) moved(addr, oldLen, newLen uint64, flags uint32, newAddr uint64) {
	if oldLen != newLen {
		m.remove(newAddr, newAddr+newLen)
	}
	var parts []*VMA
	switch {
	case oldLen == 0:
		parts = m.copies(addr, min(newLen, abi.PageSize))
	case flags&unix.MREMAP_DONTUNMAP != 0:
		parts = m.copies(addr, oldLen)
		m.change(addr, addr+oldLen, func(o *VMA) { o.Flags &^= Locked | LockOnFault })
	default:
		parts = m.cut(addr, addr+oldLen)
		for _, p := range parts { // who counts sees a new mapping come and the old one go
			hold(p.File)
			m.drop(p.File)
		}
	}
	for i, p := range parts {
		if p.Start-addr >= newLen {
			m.drop(p.File) // a fixed move to a shorter length leaves the rest behind
			continue
		}
		length := p.End - p.Start
		p.Start = newAddr + (p.Start - addr)
		p.End = min(p.Start+length, newAddr+newLen)
		if newLen > oldLen && i == len(parts)-1 {
			p.End = newAddr + newLen
		}
		m.remove(p.Start, p.End) // the hole between two moved mappings leaves what was there
		if f, ok := p.File.(Mover); ok {
			f.Moved(m, addr+(p.Start-newAddr), p.Start)
		}
		m.place(p)
	}
}

// copies are copies of the mappings in [addr, addr+length), cut to it.
func (m *MM) copies(addr, length uint64) []*VMA {
	var out []*VMA
	for i := m.index(addr); i < len(m.vmas) && m.vmas[i].Start < addr+length; i++ {
		v := *m.vmas[i]
		if v.Start < addr {
			v.Off, v.Start = v.offset(addr), addr
		}
		v.End = min(v.End, addr+length)
		hold(v.File)
		out = append(out, &v)
	}
	return out
}

// RemapFilePages is remap_file_pages(2). The pages come from where the object
// is mapped now: a mapping of old length 0 is doubled. What is mapped nowhere
// comes from the file, if hostFD gives one.
func (m *MM) RemapFilePages(c Caller, start, size, pgoff uint64, hostFD func(Backing) (int, error)) error {
	start, size = pageDown(start), pageDown(size)
	if start+size <= start || pgoff+size/abi.PageSize < pgoff || pgoff > 1<<51 {
		return unix.EINVAL
	}
	m.mu.Lock()
	defer m.unlock()
	v := m.find(start)
	if v == nil || v.Flags&Shared == 0 || !m.alike(v, start+size) {
		return unix.EINVAL
	}
	from, ok := m.objectAt(v, pgoff*abi.PageSize)
	switch {
	case m.sealedIn(start, start+size):
		return unix.EPERM
	case !ok:
		if s, ok := v.File.(*sharedMemory); ok {
			if s.fd == noFile {
				return unix.EINVAL
			}
			hostFD = func(Backing) (int, error) { return s.fd, nil }
		}
		fd, err := hostFD(v.File)
		if err != nil {
			return err
		}
		n := *v
		n.Start, n.End, n.Off = start, start+size, pgoff*abi.PageSize
		return m.mapAt(c, &n, fd, v.Prot, unix.MAP_SHARED|unix.MAP_FIXED)
	case from == start:
		return nil
	case from > start && from < start+size:
		return m.remapThrough(c, from, start, size)
	}
	_, err := m.move(c, v, from, 0, size, unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED, start)
	return err
}

// remapThrough doubles pages onto a range that they lie in themselves.
func (m *MM) remapThrough(c Caller, from, start, size uint64) error {
	tmp, err := m.move(c, m.find(from), from, 0, size, unix.MREMAP_MAYMOVE, 0)
	if err != nil {
		return err
	}
	_, err = m.move(c, m.find(tmp), tmp, size, size, unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED, start)
	return err
}

// alike tells whether everything from v's part on to end is of v's object with
// v's protection.
func (m *MM) alike(v *VMA, end uint64) bool {
	at := v.Start
	for i := m.index(at); at < end; i++ {
		if i == len(m.vmas) {
			return false
		}
		w := m.vmas[i]
		if w.Start > at || w.File != v.File || w.Prot != v.Prot || w.Flags != v.Flags {
			return false
		}
		at = w.End
	}
	return true
}

// objectAt is where the byte at off of v's object is mapped, as v is.
func (m *MM) objectAt(v *VMA, off uint64) (uint64, bool) {
	for _, w := range m.vmas {
		if w.File == v.File && w.Prot == v.Prot && w.Flags == v.Flags && w.Off <= off && off-w.Off < w.End-w.Start {
			return w.Start + (off - w.Off), true
		}
	}
	return 0, false
}
