// SPDX-License-Identifier: Apache-2.0

// This file is mlock(2) and its kin.

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

func hostOp(nr uintptr, args ...uint64) *platform.Op {
	op := &platform.Op{Nr: nr}
	copy(op.Args[:], args)
	return op
}

// Lock is mlock2(2); flags is 0 or MLOCK_ONFAULT.
func (m *MM) Lock(c Caller, start, length uint64, flags uint32) error {
	if flags&^unix.MLOCK_ONFAULT != 0 {
		return unix.EINVAL
	}
	limit := c.RLimit(unix.RLIMIT_MEMLOCK)
	privileged := c.Creds().Capable(unix.CAP_IPC_LOCK)
	if limit == 0 && !privileged {
		return unix.EPERM
	}
	start, end, err := lockRange(start, length)
	if err != nil || start == end {
		return err
	}
	m.mu.Lock()
	defer m.unlock()
	want := (end-start)/abi.PageSize + m.counts.locked
	if want > limit/abi.PageSize && !privileged {
		want -= m.lockedIn(start, end)
		if want > limit/abi.PageSize {
			return unix.ENOMEM
		}
	}
	set := Locked
	if flags&unix.MLOCK_ONFAULT != 0 {
		set |= LockOnFault
	}
	nr, args := uintptr(unix.SYS_MLOCK), []uint64{0, 0}
	if flags != 0 {
		nr, args = unix.SYS_MLOCK2, []uint64{0, 0, uint64(flags)}
	}
	return m.lockWith(c, start, end, nr, args, set)
}

// Unlock is munlock(2).
func (m *MM) Unlock(c Caller, start, length uint64) error {
	start, end, err := lockRange(start, length)
	if err != nil || start == end {
		return err
	}
	m.mu.Lock()
	defer m.unlock()
	return m.lockWith(c, start, end, unix.SYS_MUNLOCK, []uint64{0, 0}, 0)
}

// lockRange is what mlock rounds its arguments to.
func lockRange(start, length uint64) (uint64, uint64, error) {
	length, _ = pageUp(length + start%abi.PageSize)
	start = pageDown(start)
	if start+length < start {
		return 0, 0, unix.EINVAL
	}
	return start, start + length, nil
}

// lockWith performs a lock call over [start, end), up to the first hole, where
// the host answers ENOMEM having done what stands before it.
func (m *MM) lockWith(c Caller, start, end uint64, nr uintptr, args []uint64, set Flags) error {
	m.noteGrowth(start)
	to := end
	if g := m.gaps(start, end); len(g) > 0 {
		to = g[0].Start
	}
	for _, r := range m.ours(start, to) {
		to = min(to, r.End)
		break
	}
	var hole error
	if to < end {
		hole = unix.ENOMEM
	}
	if to <= start || m.touchesReserved(start, to) {
		return unix.ENOMEM
	}
	args[0], args[1] = start, to-start
	_, err := m.host(c.Thread(), nr, args...)
	if err == nil || err == unix.ENOMEM {
		m.change(start, to, func(v *VMA) { v.setLocked(set) })
	}
	if err == nil {
		err = hole
	}
	return err
}

func (v *VMA) setLocked(set Flags) {
	if v.Flags&Secret != 0 {
		return
	}
	v.Flags &^= Locked | LockOnFault
	if v.Flags&(Special|Droppable) == 0 {
		v.Flags |= set
	}
}

func (m *MM) lockedIn(start, end uint64) (pages uint64) {
	for i := m.index(start); i < len(m.vmas) && m.vmas[i].Start < end; i++ {
		if v := m.vmas[i]; v.Flags&Locked != 0 {
			pages += (min(v.End, end) - max(v.Start, start)) / abi.PageSize
		}
	}
	return pages
}

// LockAll is mlockall(2).
func (m *MM) LockAll(c Caller, flags uint32) error {
	if flags == 0 || flags&^(unix.MCL_CURRENT|unix.MCL_FUTURE|unix.MCL_ONFAULT) != 0 || flags == unix.MCL_ONFAULT {
		return unix.EINVAL
	}
	limit := c.RLimit(unix.RLIMIT_MEMLOCK)
	privileged := c.Creds().Capable(unix.CAP_IPC_LOCK)
	if limit == 0 && !privileged {
		return unix.EPERM
	}
	m.mu.Lock()
	defer m.unlock()
	if flags&unix.MCL_CURRENT != 0 && !privileged && m.counts.total > limit/abi.PageSize {
		return unix.ENOMEM
	}
	_, err := m.host(c.Thread(), unix.SYS_MLOCKALL, uint64(flags))
	if err == unix.ENOMEM && flags&unix.MCL_CURRENT != 0 {
		err = m.lockEach(c, flags)
	}
	if err != nil {
		return err
	}
	set := Locked
	if flags&unix.MCL_ONFAULT != 0 {
		set |= LockOnFault
	}
	m.future = 0
	if flags&unix.MCL_FUTURE != 0 {
		m.future = set
	}
	if flags&unix.MCL_CURRENT != 0 {
		m.change(0, taskSize, func(v *VMA) { v.setLocked(set) })
	}
	return nil
}

// lockEach is for a host that allows less than all that is mapped there, of
// which the platform's part is the larger: it locks what is the application's.
func (m *MM) lockEach(c Caller, flags uint32) error {
	th := c.Thread()
	if _, err := m.host(th, unix.SYS_MUNLOCKALL); err != nil {
		return err
	}
	if future := flags &^ unix.MCL_CURRENT; future&unix.MCL_FUTURE != 0 {
		if _, err := m.host(th, unix.SYS_MLOCKALL, uint64(future)); err != nil {
			return err
		}
	}
	for _, v := range m.vmas {
		if v.Flags&(reserved|Special|Droppable|Secret) != 0 {
			continue
		}
		// In two steps: only the first tells of the limit, and mlockall answers
		// nothing about pages that can't be had.
		if _, err := m.host(th, unix.SYS_MLOCK2, v.Start, v.End-v.Start, unix.MLOCK_ONFAULT); err != nil {
			return err
		}
		if flags&unix.MCL_ONFAULT == 0 {
			_, _ = m.host(th, unix.SYS_MLOCK, v.Start, v.End-v.Start)
		}
	}
	return nil
}

// UnlockAll is munlockall(2).
func (m *MM) UnlockAll(c Caller) error {
	m.mu.Lock()
	defer m.unlock()
	if _, err := m.host(c.Thread(), unix.SYS_MUNLOCKALL); err != nil {
		return err
	}
	m.future = 0
	m.change(0, taskSize, func(v *VMA) { v.setLocked(0) })
	return nil
}
