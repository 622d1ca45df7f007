// SPDX-License-Identifier: Apache-2.0

// This file is madvise(2), msync(2) and mincore(2): the host does them, and
// what of it shows in the account is entered there.

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// Advice that x/sys/unix has not.
const (
	madvHWPoison    = 100
	madvSoftOffline = 101
)

// advised says what an advice changes of a mapping's flags.
var advised = map[int32]struct{ set, clear Flags }{
	unix.MADV_NORMAL:      {0, SeqRead | RandRead},
	unix.MADV_RANDOM:      {RandRead, SeqRead},
	unix.MADV_SEQUENTIAL:  {SeqRead, RandRead},
	unix.MADV_DONTFORK:    {DontFork, 0},
	unix.MADV_DOFORK:      {0, DontFork},
	unix.MADV_WIPEONFORK:  {WipeOnFork, 0},
	unix.MADV_KEEPONFORK:  {0, WipeOnFork},
	unix.MADV_DONTDUMP:    {DontDump, 0},
	unix.MADV_DODUMP:      {0, DontDump},
	unix.MADV_HUGEPAGE:    {HugePage, NoHugePage},
	unix.MADV_NOHUGEPAGE:  {NoHugePage, HugePage},
	unix.MADV_MERGEABLE:   {Mergeable, 0},
	unix.MADV_UNMERGEABLE: {0, Mergeable},
}

// Advise is madvise(2). An advice that the host's kernel does not know
// answers EINVAL, as it does there.
func (m *MM) Advise(c Caller, start, length uint64, advice int32) error {
	if advice == madvHWPoison || advice == madvSoftOffline {
		return unix.EINVAL // as a kernel without CONFIG_MEMORY_FAILURE: it is about the host's pages
	}
	rounded, ok := pageUp(length)
	end := start + rounded
	if start%abi.PageSize != 0 || !ok || end < start {
		return unix.EINVAL
	}
	m.mu.Lock()
	defer m.unlock()
	if rounded == 0 {
		_, err := m.host(c.Thread(), unix.SYS_MADVISE, start, 0, uint64(uint32(advice)))
		return err
	}
	m.noteGrowth(start)
	may := m.mayAdvise(start, end, advice)
	holes := m.touchesReserved(start, may)
	for _, r := range m.ours(start, may) {
		_, err := m.host(c.Thread(), unix.SYS_MADVISE, r.Start, r.End-r.Start, uint64(uint32(advice)))
		holes = holes || err == unix.ENOMEM
		if err != nil && err != unix.ENOMEM {
			return err
		}
		if a, ok := advised[advice]; ok {
			m.change(r.Start, r.End, func(v *VMA) { v.Flags = v.Flags&^a.clear | a.set })
		}
	}
	switch {
	case may < end:
		return unix.EPERM
	case holes:
		return unix.ENOMEM
	}
	return nil
}

// Sync is msync(2).
func (m *MM) Sync(c Caller, start, length uint64, flags uint32) error {
	if flags&^(unix.MS_ASYNC|unix.MS_INVALIDATE|unix.MS_SYNC) != 0 || start%abi.PageSize != 0 ||
		flags&(unix.MS_ASYNC|unix.MS_SYNC) == unix.MS_ASYNC|unix.MS_SYNC {
		return unix.EINVAL
	}
	length, _ = pageUp(length)
	end := start + length
	switch {
	case end < start:
		return unix.ENOMEM
	case end == start:
		return nil
	}
	m.mu.RLock()
	holes := m.touchesReserved(start, end)
	ranges := m.ours(start, end)
	m.mu.RUnlock()
	for _, r := range ranges {
		op := hostOp(unix.SYS_MSYNC, r.Start, r.End-r.Start, uint64(flags))
		if err := c.Thread().Do(op); err != nil {
			return err
		}
		holes = holes || op.Err() == unix.ENOMEM
		if err := op.Err(); err != nil && err != unix.ENOMEM {
			return err
		}
	}
	if holes {
		return unix.ENOMEM
	}
	return nil
}

// Mincore is mincore(2); the host writes the answer to vec itself.
func (m *MM) Mincore(c Caller, start, length uint64, vec user.Addr) error {
	if start%abi.PageSize != 0 {
		return unix.EINVAL
	}
	if start > taskSize || length > taskSize-start {
		return unix.ENOMEM
	}
	rounded, _ := pageUp(length)
	m.mu.RLock()
	bad := m.touchesReserved(start, start+rounded)
	badVec := m.touchesReserved(uint64(vec), uint64(vec)+rounded/abi.PageSize)
	m.mu.RUnlock()
	switch {
	case rounded == 0:
	case bad:
		return unix.ENOMEM
	case badVec:
		return unix.EFAULT
	}
	op := hostOp(unix.SYS_MINCORE, start, length, uint64(vec))
	if err := c.Thread().Do(op); err != nil {
		return err
	}
	return op.Err()
}
