// SPDX-License-Identifier: Apache-2.0

// This file chooses addresses, as arch/x86/mm/mmap.c and mm/mmap.c do.

package mm

import (
	"math/rand/v2"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// What an x86_64 address space without five-level paging has.
const (
	taskSize   = 1<<47 - abi.PageSize
	hugeSize   = 2 << 20
	stackRnd   = 1 << 22 // pages: 16 GiB
	mmapRnd    = 1 << 28 // pages: 1 TiB
	low32Start = 1 << 30
	low32End   = 1 << 31
	legacyBase = (taskSize/3 + abi.PageSize - 1) &^ (abi.PageSize - 1) // TASK_UNMAPPED_BASE
)

// TaskSize is where the application's half of the addresses ends.
const TaskSize = taskSize

// RandomPages is a random multiple of the page size below n pages.
func RandomPages(n uint64) uint64 { return rand.Uint64N(n) * abi.PageSize }

// Randomise chooses the places of a program to be: where placement starts and
// the top of the stack, which has room to grow to its limit. random is
// RandomPages, or its like for a program that wants the same places each time.
func (m *MM) Randomise(stackLimit uint64, random func(pages uint64) uint64) (stackTop uint64) {
	m.mu.Lock()
	defer m.unlock()
	gap := stackLimit
	if gap+stackGuardGap+stackRnd*abi.PageSize > gap {
		gap += stackGuardGap + stackRnd*abi.PageSize
	}
	gap = min(max(gap, 128<<20), taskSize/6*5)
	m.base = pageDown(taskSize - gap - random(mmapRnd))
	if m.modes.fromTheBottom {
		m.base = legacyBase + random(mmapRnd)
	}
	m.low32 = low32Start + random(0x02000000/abi.PageSize)
	m.info.MmapBase = m.base
	stackTop = taskSize - random(stackRnd)
	room := min(stackLimit, 128<<20) + stackGuardGap
	for range 64 {
		if stackTop > room && m.hole(stackTop-room, stackTop) {
			return stackTop
		}
		stackTop = taskSize - random(stackRnd)
	}
	return m.topDown(room, 0, taskSize) + room
}

// unmappedArea is where a mapping of length bytes goes that may go anywhere.
func (m *MM) unmappedArea(hint, length uint64, flags uint32, anonymous bool) (uint64, error) {
	end := uint64(taskSize)
	if flags&unix.MAP_32BIT != 0 {
		end = low32End
	}
	hint = pageDown(hint)
	if hint != 0 {
		hint = max(hint, minAddr)
		if length <= end && hint <= end-length && m.free(hint, length) {
			return hint, nil
		}
	}
	if flags&unix.MAP_32BIT != 0 {
		return found(m.bottomUp(length, m.low32, low32End))
	}
	if m.modes.fromTheBottom {
		return found(m.bottomUp(length, m.base, taskSize))
	}
	addr := uint64(0)
	if anonymous && hint == 0 && length%hugeSize == 0 {
		addr = m.topDown(length, hugeSize, m.base)
	}
	if addr == 0 {
		addr = m.topDown(length, 0, m.base)
	}
	if addr == 0 {
		addr = m.bottomUp(length, legacyBase, taskSize)
	}
	return found(addr)
}

func found(addr uint64) (uint64, error) {
	if addr == 0 {
		return 0, unix.ENOMEM
	}
	return addr, nil
}

// topDown is the highest free place below limit; 0 if there is none. align is
// 0 or what the address must be a multiple of.
func (m *MM) topDown(length, align, limit uint64) uint64 {
	i := m.index(limit - 1)
	end := limit
	for {
		if i < len(m.vmas) {
			end = min(end, m.vmas[i].gapStart())
		}
		start := uint64(minAddr)
		if i > 0 {
			start = max(start, m.vmas[i-1].End)
		}
		if end > start && end-start >= length {
			addr := end - length
			if align != 0 {
				addr &^= align - 1
			}
			if addr >= start {
				return addr
			}
		}
		if i == 0 || start == minAddr {
			return 0
		}
		i--
		end = limit
	}
}

// bottomUp is the lowest free place in [from, limit); 0 if there is none.
func (m *MM) bottomUp(length, from, limit uint64) uint64 {
	start := from
	for i := m.index(from); ; i++ {
		end := limit
		if i < len(m.vmas) {
			end = min(end, m.vmas[i].gapStart())
		}
		if end > start && end-start >= length {
			return start
		}
		if i >= len(m.vmas) || m.vmas[i].End >= limit {
			return 0
		}
		start = max(start, m.vmas[i].End)
	}
}

// FindBase is where a program image of length bytes goes: at want if that is
// free, else somewhere below.
func (m *MM) FindBase(want, length, align uint64) uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	align = max(align, abi.PageSize)
	want &^= align - 1
	if want != 0 && want+length <= taskSize && m.free(want, length) {
		return want
	}
	if m.modes.fromTheBottom {
		at := m.bottomUp(length+align-abi.PageSize, m.base, taskSize)
		return (at + align - 1) &^ (align - 1)
	}
	return m.topDown(length, align, max(want, m.base))
}

// FromTheBottom lets mappings go upwards from a third of the address space, as
// they did long ago (ADDR_COMPAT_LAYOUT). Before Randomise.
func (m *MM) FromTheBottom() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.modes.fromTheBottom = true
}

func pageDown(n uint64) uint64 { return n &^ (abi.PageSize - 1) }
