// SPDX-License-Identifier: Apache-2.0

// This file is shared memory segments: shmget(2), shmctl(2), and what mm
// tells of their mappings.

package ipc

import (
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/mm"
)

// Flags of shmget and shmat, commands of shmctl, and bits of a segment's mode.
const (
	SHM_HUGETLB   = 0o4000
	SHM_NORESERVE = 0o10000

	SHM_RDONLY = 0o10000
	SHM_RND    = 0o20000
	SHM_REMAP  = 0o40000
	SHM_EXEC   = 0o100000

	SHM_LOCK     = 11
	SHM_UNLOCK   = 12
	SHM_STAT     = 13
	SHM_INFO     = 14
	SHM_STAT_ANY = 15

	SHM_DEST   = 0o1000
	SHM_LOCKED = 0o2000
)

// Limits of shared memory (kernel.shmmax and its kin).
const (
	SHMMIN = 1
	SHMMNI = 4096
	SHMMAX = ^uint64(0) - 1<<24
	SHMALL = ^uint64(0) - 1<<24
)

// Segments are the shared memory segments of a namespace.
type Segments struct {
	mu    sync.Mutex
	table table[*Segment]
	pages uint64

	limits *Limits
}

// Segment is one segment: a memfd of the host's, which is mapped like a file.
// Segments.mu guards it, but for what never changes.
type Segment struct {
	Perm
	owner *Segments
	size  uint64
	name  string // in /proc/PID/maps
	id    int32
	fd    int // noFile until it is attached first: few of many segments ever are

	atime, dtime, ctime int64
	cpid, lpid          int32
	attached            int // mappings, and attachments on their way to be some

	lock shmLock

	numa mm.Policies
}

var _ mm.Backing = (*Segment)(nil)

func (s *Segment) perm() *Perm { return &s.Perm }

func (s *Segment) pages() uint64 { return (s.size + abi.PageSize - 1) / abi.PageSize }

// Get is shmget(2).
func (s *Segments) Get(c Caller, key int32, size uint64, flags uint32) (int32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fits := func(o *Segment) error {
		if o.size < size {
			return unix.EINVAL
		}
		return nil
	}
	return s.table.get(c, key, flags, fits, func() (*Segment, error) { return s.make(c, key, size, flags) })
}

func (s *Segments) make(c Caller, key int32, size uint64, flags uint32) (*Segment, error) {
	o := &Segment{Perm: s.table.newPerm(c, key, flags), owner: s, size: size, cpid: c.ProcessID(), ctime: now(), fd: noFile}
	switch {
	case size < SHMMIN || size > s.limits.ShmMax.Load():
		return nil, unix.EINVAL
	case s.pages+o.pages() < s.pages || s.pages+o.pages() > s.limits.ShmAll.Load():
		return nil, unix.ENOSPC
	case flags&SHM_HUGETLB != 0:
		return nil, o.refuseHuge(c, flags)
	case size > maxFile:
		return nil, unix.EINVAL
	case flags&SHM_NORESERVE == 0 && size > memoryOfHost():
		return nil, unix.ENOMEM
	}
	o.name = fmt.Sprintf("/SYSV%08x (deleted)", uint32(key))
	if err := s.table.add(o, int(s.limits.ShmMni.Load())); err != nil {
		return nil, err
	}
	o.id = o.ID
	s.pages += o.pages()
	return o, nil
}

const maxFile = 1<<63 - 1 // MAX_LFS_FILESIZE

const noFile = -1

// hostFD is the segment's file, which is to be mapped.
func (s *Segment) hostFD() (int, error) {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	return s.file()
}

// file is the file, which is made when it is asked for first. owner.mu is held.
func (s *Segment) file() (int, error) {
	if s.fd == noFile {
		fd, err := newFile(s.size)
		if err != nil {
			return noFile, unix.ENOMEM
		}
		s.fd = fd
	}
	return s.fd, nil
}

func newFile(size uint64) (int, error) {
	fd, err := unix.MemfdCreate("sysv", unix.MFD_CLOEXEC)
	if err != nil {
		return -1, err
	}
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// memoryOfHost is what overcommit lets one object reserve at the most.
func memoryOfHost() uint64 {
	var i unix.Sysinfo_t
	if unix.Sysinfo(&i) != nil {
		return ^uint64(0)
	}
	return (i.Totalram + i.Totalswap) * uint64(i.Unit)
}

// SegmentStat is struct shmid64_ds.
type SegmentStat struct {
	Perm                Perm
	Size                uint64
	ATime, DTime, CTime int64
	CPid, LPid          int32
	Attached            int
	Resident            uint64 // bytes
}

func (s *Segment) stat() SegmentStat {
	return SegmentStat{s.Perm, s.size, s.atime, s.dtime, s.ctime, s.cpid, s.lpid, s.attached, s.resident()}
}

func (s *Segment) resident() uint64 {
	var st unix.Stat_t
	if s.fd == noFile || unix.Fstat(s.fd, &st) != nil {
		return 0
	}
	return uint64(st.Blocks) * 512
}

// Stat is IPC_STAT, SHM_STAT and SHM_STAT_ANY; the last two look by index,
// and answer the id.
func (s *Segments) Stat(c Caller, id int32, cmd int) (SegmentStat, int32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	find := s.table.byID
	if cmd != IPC_STAT {
		find = s.table.byIndex
	}
	o, err := find(id)
	if err != nil {
		return SegmentStat{}, 0, err
	}
	if cmd != SHM_STAT_ANY {
		if err := o.check(c, mayRead); err != nil {
			return SegmentStat{}, 0, err
		}
	}
	if cmd == IPC_STAT {
		return o.stat(), 0, nil
	}
	return o.stat(), o.ID, nil
}

// Info is what IPC_INFO and SHM_INFO tell of what is in use: segments, their
// pages, those that are in memory, and the highest index.
func (s *Segments) Info() (segments int, pages, resident uint64, highest int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.table.slots {
		resident += o.resident() / abi.PageSize
	}
	return len(s.table.slots), s.pages, resident, s.table.highest()
}

// List is all segments, by index (/proc/sysvipc/shm).
func (s *Segments) List() []SegmentStat {
	s.mu.Lock()
	defer s.mu.Unlock()
	var l []SegmentStat
	for _, o := range s.table.list() {
		l = append(l, o.stat())
	}
	return l
}

// Set is IPC_SET.
func (s *Segments) Set(c Caller, id int32, p SetPerm) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.table.byID(id)
	if err != nil {
		return err
	}
	if err := o.owned(c); err != nil {
		return err
	}
	if err := o.set(p); err != nil {
		return err
	}
	o.ctime = now()
	return nil
}

// Remove is IPC_RMID: the segment goes when it is attached nowhere any more,
// and until then only its id finds it.
func (s *Segments) Remove(c Caller, id int32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.table.byID(id)
	if err != nil {
		return err
	}
	if err := o.owned(c); err != nil {
		return err
	}
	o.Mode |= SHM_DEST
	s.table.forgetKey(o)
	o.destroyIfUnused()
	return nil
}

// destroyIfUnused ends a removed segment. owner.mu is held.
func (s *Segment) destroyIfUnused() {
	if s.attached > 0 || s.Mode&SHM_DEST == 0 || s.unfindable {
		return
	}
	s.owner.table.remove(s)
	s.owner.pages -= s.pages()
	s.unlock()
	if s.fd != noFile {
		unix.Close(s.fd)
	}
}

// attachments is how many mappings there are, of all segments of all kernels:
// whether it is worth looking for some.
var attachments atomic.Int64

// Hold implements mm.Backing: one mapping more.
func (s *Segment) Hold() {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	s.attached++
	s.atime = now()
	attachments.Add(1)
}

// Drop implements mm.Backing: one less, and the last of a removed segment is
// its end.
func (s *Segment) Drop() {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	s.attached--
	s.dtime = now()
	attachments.Add(-1)
	s.destroyIfUnused()
}

// Key implements mm.Backing.
func (s *Segment) Key() any { return s }

// Policies are the memory policies of the segment (mbind(2)).
func (s *Segment) Policies() *mm.Policies { return &s.numa }

// MapName is what /proc/PID/maps says of a mapping: its name, and as inode the
// segment's id.
func (s *Segment) MapName() (name string, ino uint64) { return s.name, uint64(uint32(s.id)) }

// Used records who attached, detached or ended last.
func (s *Segment) Used(pid int32) {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	s.lpid = pid
}
