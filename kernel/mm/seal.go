// SPDX-License-Identifier: Apache-2.0

// This file is mseal(2). A seal is the account's: every call that could undo a
// mapping asks the account first, so the host need not know of it.

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// Seal is mseal(2): no call may unmap, move or replace what is mapped in the
// range any more, change its protection, or throw away what it could not write.
func (m *MM) Seal(start, length, flags uint64) error {
	rounded, ok := pageUp(length)
	end := start + rounded
	if flags != 0 || start%abi.PageSize != 0 || !ok || end < start {
		return unix.EINVAL
	}
	if end == start {
		return nil
	}
	m.followStacks()
	m.mu.Lock()
	defer m.unlock()
	if len(m.gaps(start, end)) > 0 || m.touchesReserved(start, end) {
		return unix.ENOMEM
	}
	m.change(start, end, func(v *VMA) { v.Flags |= Sealed })
	return nil
}

// sealedIn tells whether a sealed mapping is in [start, end).
func (m *MM) sealedIn(start, end uint64) bool {
	for i := m.index(start); i < len(m.vmas) && m.vmas[i].Start < end; i++ {
		if m.vmas[i].Flags&Sealed != 0 {
			return true
		}
	}
	return false
}

// Advice that x/sys/unix calls otherwise, or not at all.
const (
	madvDontNeedLocked = 24
	madvGuardInstall   = 102
)

// discards are the kinds of advice that throw memory away.
var discards = map[int32]bool{
	unix.MADV_FREE: true, unix.MADV_DONTNEED: true, madvDontNeedLocked: true, unix.MADV_REMOVE: true,
	unix.MADV_DONTFORK: true, unix.MADV_WIPEONFORK: true, madvGuardInstall: true,
}

// mayAdvise is how far from start an advice may go before it meets a seal that
// it would break: that of private memory which can't be written
// (can_madvise_modify).
func (m *MM) mayAdvise(start, end uint64, advice int32) uint64 {
	if !discards[advice] {
		return end
	}
	for i := m.index(start); i < len(m.vmas) && m.vmas[i].Start < end; i++ {
		v := m.vmas[i]
		if v.Flags&Sealed != 0 && v.File == nil && v.Prot&unix.PROT_WRITE == 0 {
			return max(start, v.Start)
		}
	}
	return end
}
