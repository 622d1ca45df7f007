// SPDX-License-Identifier: Apache-2.0

// This file is segments that stay in memory (SHM_LOCK of shmctl(2)).

package ipc

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
)

// shmLock is who has locked a segment, and what keeps its pages in the host's memory. Segments.mu guards it.
type shmLock struct {
	by     cred.UID // to whom it is charged
	pinned []byte   // a mapping; nil where the host has no swap
}

// lockedPages are the pages that users have locked, in all namespaces (UCOUNT_RLIMIT_MEMLOCK).
var lockedPages = struct {
	sync.Mutex
	of map[cred.UID]uint64
}{of: map[cred.UID]uint64{}}

// Lock is SHM_LOCK and SHM_UNLOCK: EPERM, ENOMEM. limit is RLIMIT_MEMLOCK.
func (s *Segments) Lock(c Caller, id int32, lock bool, limit uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.table.byID(id)
	if err != nil {
		return err
	}
	if cr := c.Creds(); !cr.CapableIn(o.user, unix.CAP_IPC_LOCK) {
		if cr.EUID != o.UID && cr.EUID != o.CUID || lock && limit == 0 {
			return unix.EPERM
		}
	}
	if lock {
		return o.keep(c.Creds(), limit)
	}
	o.unlock()
	return nil
}

// refuseHuge says why there is no segment of huge pages (hugetlb_file_setup): EINVAL, EPERM, and at last ENOMEM, as none are set aside.
func (s *Segment) refuseHuge(c Caller, flags uint32) error {
	log := flags >> 26 & 63 // SHM_HUGE_MASK
	switch log {
	case 0:
		log = 21
	case 21, 30:
	default:
		return unix.EINVAL
	}
	cr, pages := c.Creds(), (s.size+1<<log-1)>>log<<log/abi.PageSize
	if cr.Capable(unix.CAP_IPC_LOCK) || cr.InGroup(0) { // the group is /proc/sys/vm/hugetlb_shm_group
		return unix.ENOMEM
	}
	if !chargeLocked(cr, pages, c.RLimit(unix.RLIMIT_MEMLOCK)) {
		return unix.EPERM
	}
	unchargeLocked(cr.RUID, pages)
	return unix.ENOMEM
}

// keep locks the segment, if it is not (shmem_lock, user_shm_lock). owner.mu is held.
func (s *Segment) keep(c *cred.Creds, limit uint64) error {
	if s.Mode&SHM_LOCKED != 0 {
		return nil
	}
	if !chargeLocked(c, s.pages(), limit) {
		return unix.ENOMEM
	}
	if hostSwaps() {
		if err := s.pin(); err != nil {
			unchargeLocked(c.RUID, s.pages())
			return err
		}
	}
	s.Mode |= SHM_LOCKED
	s.lock.by = c.RUID
	return nil
}

// unlock undoes keep. owner.mu is held.
func (s *Segment) unlock() {
	if s.Mode&SHM_LOCKED == 0 {
		return
	}
	s.Mode &^= SHM_LOCKED
	unchargeLocked(s.lock.by, s.pages())
	if s.lock.pinned != nil {
		_ = unix.Munmap(s.lock.pinned)
	}
	s.lock = shmLock{}
}

// chargeLocked is inc_rlimit_ucounts.
func chargeLocked(c *cred.Creds, pages, limit uint64) bool {
	lockedPages.Lock()
	defer lockedPages.Unlock()
	sum := lockedPages.of[c.RUID] + pages
	if limit != unix.RLIM_INFINITY && sum > limit/abi.PageSize && !c.Capable(unix.CAP_IPC_LOCK) {
		return false
	}
	lockedPages.of[c.RUID] = sum
	return true
}

func unchargeLocked(uid cred.UID, pages uint64) {
	lockedPages.Lock()
	defer lockedPages.Unlock()
	if lockedPages.of[uid] -= pages; lockedPages.of[uid] == 0 {
		delete(lockedPages.of, uid)
	}
}

// hostSwaps tells whether pages of a memfd can leave the memory at all. Where they can't, every segment is as if it were
// locked, whatever the host's own RLIMIT_MEMLOCK for the kernel process.
func hostSwaps() bool {
	var i unix.Sysinfo_t
	return unix.Sysinfo(&i) != nil || i.Totalswap > 0
}

// pin makes the host keep the pages: ENOMEM if it doesn't allow that. A page stays only for a mapping that has it, so
// those that nobody has touched come to be as well, which Linux leaves to whoever touches them first. owner.mu is held.
func (s *Segment) pin() error {
	fd, err := s.file()
	if err != nil {
		return err
	}
	m, err := unix.Mmap(fd, 0, int(s.pages()*abi.PageSize), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return unix.ENOMEM
	}
	if err := unix.Mlock(m); err != nil {
		_ = unix.Munmap(m)
		return unix.ENOMEM
	}
	s.lock.pinned = m
	return nil
}
