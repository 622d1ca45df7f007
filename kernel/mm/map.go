// SPDX-License-Identifier: Apache-2.0

// This file is mmap(2) and munmap(2).

package mm

import (
	"cmp"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Flags of mmap(2) that x/sys/unix has not.
const (
	mapDroppable     = 0x8
	mapAbove4G       = 0x80
	mapUninitialized = 0x4000000
	maxMapCount      = 65530 // vm.max_map_count
	minAddr          = 65536 // vm.mmap_min_addr
)

const allProt = unix.PROT_READ | unix.PROT_WRITE | unix.PROT_EXEC

// MapFile is the file of a Map: what stands behind it, and what its opening
// allows.
type MapFile struct {
	Backing            Backing
	Readable, Writable bool
	NoExec             bool // its mount does not let programs be run
	// Zeros says that it is /dev/zero: its pages are fresh memory.
	Zeros bool
	// Secret says that it is memory of memfd_secret(2).
	Secret bool
	// DontExpand says that mremap(2) does not let the mapping grow (VM_DONTEXPAND).
	DontExpand bool
	// HostFD is asked for a host descriptor that maps the file: ENODEV.
	HostFD func(prot, flags uint32) (int, error)
	// Late says that HostFD's error counts last, when what was at the place is unmapped, and stays so.
	Late bool

	refusal error // that one
}

// Map is mmap(2), with addr, length and flags as the application gave them.
// file is nil with MAP_ANONYMOUS. It holds the backing for as long as it is
// mapped; the caller keeps its own reference.
func (m *MM) Map(c Caller, addr, length uint64, prot, flags uint32, file *MapFile, off uint64) (uint64, error) {
	if flags&unix.MAP_HUGETLB != 0 {
		return 0, noHugePages(flags, file)
	}
	if length == 0 {
		return 0, unix.EINVAL
	}
	length, ok := pageUp(length)
	if !ok || length == 0 {
		return 0, unix.ENOMEM
	}
	m.mu.Lock()
	defer m.unlock()
	if len(m.vmas) > maxMapCount {
		return 0, unix.ENOMEM
	}
	addr, err := m.placeFor(c, addr, length, flags, file != nil)
	if err != nil {
		return 0, err
	}
	v, fd, err := m.describe(prot, flags, file, off)
	if err != nil {
		return 0, err
	}
	v.Start, v.End = addr, addr+length
	if m.deniesExec(v.Prot, v.Prot) {
		return 0, unix.EACCES
	}
	if m.sealedIn(v.Start, v.End) {
		return 0, unix.EPERM
	}
	if err := m.roomFor(c, v); err != nil {
		if v.Flags&Secret == 0 || flags&unix.MAP_LOCKED != 0 || err != unix.EAGAIN {
			return 0, err
		}
		file.refusal = err
	}
	if file != nil && file.refusal != nil {
		return 0, m.refuse(c, v, file.refusal)
	}
	hostFlags := flags&^(unix.MAP_FIXED|unix.MAP_32BIT) | unix.MAP_FIXED_NOREPLACE
	if flags&unix.MAP_FIXED != 0 && flags&unix.MAP_FIXED_NOREPLACE == 0 {
		hostFlags = flags &^ unix.MAP_32BIT
	}
	if s, ok := v.File.(*sharedMemory); ok {
		s.Hold() // until it is mapped, or not
		defer m.drop(s)
		fd = s.open(length)
	}
	hostFlags &^= unix.MAP_ANONYMOUS
	if fd < 0 {
		hostFlags |= unix.MAP_ANONYMOUS
	}
	if hostFlags&unix.MAP_TYPE == unix.MAP_SHARED_VALIDATE {
		hostFlags ^= unix.MAP_SHARED_VALIDATE ^ unix.MAP_SHARED // validated, and MAP_FIXED_NOREPLACE would not be
	}
	if err = m.mapAt(c, v, fd, prot, hostFlags); err != nil && file != nil && file.Late {
		return 0, m.refuse(c, v, err)
	}
	return addr, err
}

// refuse is what becomes of a mapping that the file did not want: a hole is left at its place.
func (m *MM) refuse(c Caller, v *VMA, refusal error) error {
	if m.hole(v.Start, v.End) {
		return refusal
	}
	return cmp.Or(m.unmap(c, v.Start, v.End-v.Start), refusal)
}

// noHugePages is the answer of a system that has none set aside.
func noHugePages(flags uint32, file *MapFile) error {
	size := flags >> unix.MAP_HUGE_SHIFT & unix.MAP_HUGE_MASK
	if file != nil || size != 0 && size != 21 {
		return unix.EINVAL
	}
	return unix.ENOMEM
}

// mapAt has the host make v, and enters it into the account.
func (m *MM) mapAt(c Caller, v *VMA, fd int, prot, hostFlags uint32) error {
	_, err := m.hostFD(c.Thread(), fd, unix.SYS_MMAP, v.Start, v.End-v.Start, uint64(prot),
		uint64(hostFlags), ^uint64(0), v.Off)
	if err != nil {
		return err
	}
	if m.modes.mergeAny && v.mayMerge() {
		v.Flags |= Mergeable
	}
	m.remove(v.Start, v.End)
	hold(v.File)
	m.place(v)
	return nil
}

// placeFor is the address of a new mapping (get_unmapped_area).
func (m *MM) placeFor(c Caller, addr, length uint64, flags uint32, file bool) (uint64, error) {
	if length > taskSize {
		return 0, unix.ENOMEM
	}
	if flags&(unix.MAP_FIXED|unix.MAP_FIXED_NOREPLACE) == 0 {
		return m.unmappedArea(addr, length, flags, !file)
	}
	switch {
	case addr > taskSize-length:
		return 0, unix.ENOMEM
	case addr%abi.PageSize != 0:
		return 0, unix.EINVAL
	case addr < max(minAddr, m.layout.Min) && m.touchesReserved(addr, addr+length):
		return 0, unix.EPERM
	case flags&unix.MAP_FIXED_NOREPLACE != 0 && !m.hole(addr, addr+length):
		return 0, unix.EEXIST
	case m.touchesReserved(addr, addr+length):
		return 0, unix.ENOMEM
	}
	return addr, nil
}

// hole tells whether no mapping is in [start, end).
func (m *MM) hole(start, end uint64) bool {
	i := m.index(start)
	return i == len(m.vmas) || m.vmas[i].Start >= end
}

// describe is the mapping that a request asks for, checked as do_mmap does.
func (m *MM) describe(prot, flags uint32, file *MapFile, off uint64) (v *VMA, fd int, err error) {
	v = &VMA{Prot: prot & allProt, Off: off, Flags: MayRead | MayWrite | MayExec | m.future}
	if flags&unix.MAP_LOCKED != 0 {
		v.Flags |= Locked
	}
	fd = -1
	if file != nil {
		fd, err = v.describeFile(prot, flags, file)
	} else {
		err = v.describeAnonymous(flags)
	}
	if err != nil {
		return nil, -1, err
	}
	if flags&unix.MAP_NORESERVE != 0 {
		v.Flags |= NoReserve
	}
	if v.Prot&unix.PROT_WRITE != 0 && v.Flags&(Shared|NoReserve) == 0 {
		v.Flags |= Account
	}
	return v, fd, nil
}

func (v *VMA) describeFile(prot, flags uint32, file *MapFile) (fd int, err error) {
	switch flags & unix.MAP_TYPE {
	case unix.MAP_SHARED, unix.MAP_SHARED_VALIDATE:
		if flags&unix.MAP_TYPE == unix.MAP_SHARED_VALIDATE && flags&^legacyMapMask != 0 {
			return -1, unix.EOPNOTSUPP
		}
		if v.Prot&unix.PROT_WRITE != 0 && !file.Writable {
			return -1, unix.EACCES
		}
		v.Flags |= Shared
		if !file.Writable {
			v.Flags &^= MayWrite
		}
	case unix.MAP_PRIVATE:
	default:
		return -1, unix.EINVAL
	}
	switch {
	case !file.Readable:
		return -1, unix.EACCES
	case file.NoExec && v.Prot&unix.PROT_EXEC != 0:
		return -1, unix.EPERM
	}
	if file.Zeros {
		return -1, v.describeZeros(flags)
	}
	if fd, err = file.HostFD(prot, flags); err != nil && !file.Late {
		return -1, err
	}
	file.refusal = err
	if flags&unix.MAP_GROWSDOWN != 0 {
		return -1, unix.EINVAL
	}
	if file.NoExec {
		v.Flags &^= MayExec
	}
	if file.DontExpand {
		v.Flags |= DontExpand
	}
	if file.Secret {
		if v.Flags&Shared == 0 {
			file.refusal = unix.EINVAL
		}
		v.Flags |= Locked | DontDump | Secret
	}
	v.File = file.Backing
	return fd, nil
}

func (v *VMA) describeZeros(flags uint32) error {
	if flags&unix.MAP_GROWSDOWN != 0 {
		return unix.EINVAL
	}
	v.Off = 0
	if v.Flags&Shared != 0 {
		v.File = newShared()
	}
	return nil
}

// legacyMapMask are the flags that MAP_SHARED_VALIDATE knows of (LEGACY_MAP_MASK).
const legacyMapMask = unix.MAP_TYPE | unix.MAP_FIXED | unix.MAP_ANONYMOUS | unix.MAP_DENYWRITE | unix.MAP_EXECUTABLE |
	mapUninitialized | unix.MAP_GROWSDOWN | unix.MAP_LOCKED | unix.MAP_NORESERVE | unix.MAP_POPULATE |
	unix.MAP_NONBLOCK | unix.MAP_STACK | unix.MAP_HUGETLB | unix.MAP_32BIT | mapAbove4G | 0x1f<<26

func (v *VMA) describeAnonymous(flags uint32) error {
	switch flags & unix.MAP_TYPE {
	case unix.MAP_SHARED:
		if flags&unix.MAP_GROWSDOWN != 0 {
			return unix.EINVAL
		}
		v.Flags |= Shared
		v.Off = 0
		v.File = newShared()
		return nil
	case mapDroppable:
		if flags&(unix.MAP_GROWSDOWN|unix.MAP_LOCKED) != 0 || v.Flags&Locked != 0 {
			return unix.EINVAL
		}
		v.Flags |= Droppable | NoReserve | WipeOnFork | DontDump
	case unix.MAP_PRIVATE:
	default:
		return unix.EINVAL
	}
	v.Off = 0
	if flags&unix.MAP_GROWSDOWN != 0 {
		v.Flags |= GrowsDown
	}
	return nil
}

// roomFor checks the limits (may_expand_vm, mlock_future_ok) for v, which may
// replace what is there, of whatever kind.
func (m *MM) roomFor(c Caller, v *VMA) error {
	n := v.pages()
	if v.Flags&Locked != 0 {
		if err := m.mayLock(c, n); err == unix.EPERM && v.Flags&Secret != 0 {
			return unix.EAGAIN // not asked to be locked
		} else if err != nil {
			return err
		}
	}
	for i := m.index(v.Start); i < len(m.vmas) && m.vmas[i].Start < v.End; i++ {
		o := m.vmas[i]
		if o.Flags&reserved == 0 {
			n -= (min(o.End, v.End) - max(o.Start, v.Start)) / abi.PageSize
		}
	}
	if m.counts.total+n > c.RLimit(unix.RLIMIT_AS)/abi.PageSize || isData(v.Prot, v.Flags) && !m.mayHaveData(c, n) {
		return unix.ENOMEM
	}
	return nil
}

// mayHaveData checks RLIMIT_DATA for n more pages. A soft limit of 0 is none up to the hard one: may_expand_vm has it for
// Valgrind, which sets it so that brk(2) fails and nothing else does.
func (m *MM) mayHaveData(c Caller, n uint64) bool {
	limit := c.RLimit(unix.RLIMIT_DATA)
	if limit == 0 {
		limit = c.RLimitMax(unix.RLIMIT_DATA)
	}
	return m.counts.data+n <= limit/abi.PageSize
}

// mayLock checks RLIMIT_MEMLOCK for n more pages (can_do_mlock, mlock_future_ok).
func (m *MM) mayLock(c Caller, n uint64) error {
	limit := c.RLimit(unix.RLIMIT_MEMLOCK)
	switch {
	case c.Creds().Capable(unix.CAP_IPC_LOCK):
	case limit == 0:
		return unix.EPERM
	case m.counts.locked+n > limit/abi.PageSize:
		return unix.EAGAIN
	}
	return nil
}

// Unmap is munmap(2).
func (m *MM) Unmap(c Caller, addr, length uint64) error {
	m.mu.Lock()
	defer m.unlock()
	return m.unmap(c, addr, length)
}

func (m *MM) unmap(c Caller, addr, length uint64) error {
	if addr%abi.PageSize != 0 || addr > taskSize || length > taskSize-addr {
		return unix.EINVAL
	}
	length, _ = pageUp(length)
	if length == 0 {
		return unix.EINVAL
	}
	if m.splits(addr, addr+length) && len(m.vmas) >= maxMapCount {
		return unix.ENOMEM
	}
	if m.sealedIn(addr, addr+length) {
		return unix.EPERM
	}
	for _, r := range m.ours(addr, addr+length) {
		if err := m.unmapRange(c, r); err != nil {
			return err
		}
	}
	return nil
}

func (m *MM) unmapRange(c Caller, r platform.Range) error {
	if _, err := m.host(c.Thread(), unix.SYS_MUNMAP, r.Start, r.End-r.Start); err != nil {
		return err
	}
	m.remove(r.Start, r.End)
	return nil
}

// splits tells whether taking [start, end) out leaves two parts of one mapping.
func (m *MM) splits(start, end uint64) bool {
	v := m.find(start)
	return v != nil && v.Start < start && v.End > end
}

// pageUp rounds n up to pages; ok is false if that wraps.
func pageUp(n uint64) (r uint64, ok bool) {
	r = (n + abi.PageSize - 1) &^ (abi.PageSize - 1)
	return r, r >= n
}
