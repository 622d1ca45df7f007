// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"slices"
	"sort"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Flags are what a mapping is besides its protection (vm_flags).
type Flags uint32

// The flags of a mapping.
const (
	Shared Flags = 1 << iota // MAP_SHARED
	GrowsDown
	MayRead // mprotect may give this protection
	MayWrite
	MayExec
	Locked
	LockOnFault
	NoReserve
	Account // its pages are reckoned against overcommit
	DontFork
	WipeOnFork
	DontDump
	SeqRead
	RandRead
	HugePage
	NoHugePage
	Mergeable
	Droppable
	Special // the vDSO and its data
	Sealed  // mseal
	Secret  // memfd_secret's memory: always locked
	DontExpand
	reserved // the platform's own; not the application's to see or touch
)

// Backing is what a mapping shows when it is not private anonymous memory: a
// file, or shared anonymous memory. Values of equal backing compare equal.
type Backing interface {
	// Hold and Drop count the mappings that refer to it.
	Hold()
	Drop()
	// Key is the same for every opening of one file: who shares memory by it
	// shares its futexes.
	Key() any
}

// Mover is a Backing that wants to know where mremap(2) has moved its mapping to.
// It is told with MM.mu held.
type Mover interface{ Moved(m *MM, from, to uint64) }

// VMA is one mapping [Start, End): a run of pages with everything the same.
type VMA struct {
	Start, End uint64
	Off        uint64 // of Start in File
	Prot       uint32 // PROT_READ|PROT_WRITE|PROT_EXEC
	Flags      Flags
	Pkey       int32
	File       Backing // nil: private anonymous memory
	Name       string  // "[vdso]", "[stack]", or "[anon:...]"
	Policy     *Policy // mbind's; nil: the task's. What counts of an object's is its own: policyAt
}

func (v *VMA) pages() uint64 { return (v.End - v.Start) / abi.PageSize }

// gapStart is where the room before v ends: a stack keeps a guard gap free
// (stack_guard_gap, 256 pages) below it.
func (v *VMA) gapStart() uint64 {
	if v.Flags&GrowsDown != 0 {
		return v.Start - min(v.Start, stackGuardGap)
	}
	return v.Start
}

const stackGuardGap = 256 * abi.PageSize

// mergeable tells whether w, which begins where v ends, is more of the same.
func (v *VMA) mergeable(w *VMA) bool {
	return v.End == w.Start && v.Prot == w.Prot && v.Flags == w.Flags && v.Flags&Special == 0 &&
		v.Pkey == w.Pkey && v.File == w.File && v.Name == w.Name && v.Policy.same(w.Policy) &&
		(v.File == nil || v.Off+(v.End-v.Start) == w.Off)
}

// count adds v's pages to the account, or takes them away (sign -1).
func (m *MM) count(v *VMA, sign int64) {
	if v.Flags&reserved != 0 {
		return
	}
	n := uint64(sign * int64(v.pages()))
	m.counts.total += n
	m.counts.peak = max(m.counts.peak, m.counts.total)
	switch {
	case v.Flags&GrowsDown != 0:
		m.counts.stack += n
	case v.Prot&(unix.PROT_WRITE|unix.PROT_EXEC) == unix.PROT_EXEC:
		m.counts.exec += n
	case isData(v.Prot, v.Flags):
		m.counts.data += n
	}
	if v.Flags&Locked != 0 {
		m.counts.locked += n
	}
}

func isData(prot uint32, f Flags) bool {
	return prot&unix.PROT_WRITE != 0 && f&(Shared|GrowsDown) == 0
}

// index is the place of the first mapping that ends above addr.
func (m *MM) index(addr uint64) int {
	return sort.Search(len(m.vmas), func(i int) bool { return m.vmas[i].End > addr })
}

// find is the mapping that has addr, or nil.
func (m *MM) find(addr uint64) *VMA {
	i := m.index(addr)
	if i == len(m.vmas) || m.vmas[i].Start > addr || m.vmas[i].Flags&reserved != 0 {
		return nil
	}
	return m.vmas[i]
}

// place puts v into the account, where nothing is, and merges it with its
// neighbours. It takes over v.
func (m *MM) place(v *VMA) {
	m.count(v, 1)
	i := m.index(v.Start)
	if i > 0 && m.vmas[i-1].mergeable(v) {
		p := m.vmas[i-1]
		p.End = v.End
		m.drop(v.File)
		m.mergeNext(i - 1)
		return
	}
	m.vmas = slices.Insert(m.vmas, i, v)
	m.mergeNext(i)
}

func (m *MM) mergeNext(i int) {
	if i+1 < len(m.vmas) && m.vmas[i].mergeable(m.vmas[i+1]) {
		m.vmas[i].End = m.vmas[i+1].End
		m.drop(m.vmas[i+1].File)
		m.vmas = slices.Delete(m.vmas, i+1, i+2)
	}
}

// splitAt makes addr a border of mappings.
func (m *MM) splitAt(addr uint64) {
	i := m.index(addr)
	if i == len(m.vmas) || m.vmas[i].Start >= addr {
		return
	}
	v := m.vmas[i]
	w := *v
	w.Start = addr
	w.Off = v.offset(addr)
	v.End = addr
	hold(w.File)
	m.vmas = slices.Insert(m.vmas, i+1, &w)
}

func (v *VMA) offset(addr uint64) uint64 {
	if v.File == nil {
		return 0
	}
	return v.Off + (addr - v.Start)
}

// cut takes [start, end) out of the account and returns what was there, with
// the references to its files. The platform's ranges stay.
func (m *MM) cut(start, end uint64) []*VMA {
	m.splitAt(start)
	m.splitAt(end)
	var out []*VMA
	i := m.index(start)
	j := i
	for ; j < len(m.vmas) && m.vmas[j].Start < end; j++ {
		if m.vmas[j].Flags&reserved == 0 {
			out = append(out, m.vmas[j])
			m.count(m.vmas[j], -1)
		}
	}
	if len(out) == j-i {
		m.vmas = slices.Delete(m.vmas, i, j)
		return out
	}
	m.vmas = append(m.vmas[:i], append(slices.DeleteFunc(slices.Clone(m.vmas[i:j]), func(v *VMA) bool {
		return v.Flags&reserved == 0
	}), m.vmas[j:]...)...)
	return out
}

// remove is cut for mappings that are gone.
func (m *MM) remove(start, end uint64) {
	i := m.index(start)
	if i == len(m.vmas) || m.vmas[i].Start >= end {
		return
	}
	for _, v := range m.cut(start, end) {
		m.drop(v.File)
	}
}

// change applies f to the mappings in [start, end), splitting the first and
// last where needed and merging what has become the same.
func (m *MM) change(start, end uint64, f func(*VMA)) {
	m.splitAt(start)
	m.splitAt(end)
	i := m.index(start)
	for j := i; j < len(m.vmas) && m.vmas[j].Start < end; j++ {
		v := m.vmas[j]
		if v.Flags&reserved != 0 {
			continue
		}
		m.count(v, -1)
		f(v)
		m.count(v, 1)
	}
	m.mergeRange(start, end)
}

// mergeRange merges neighbours with a border in [start, end].
func (m *MM) mergeRange(start, end uint64) {
	i := m.index(start)
	if i > 0 {
		i--
	}
	for i < len(m.vmas) && m.vmas[i].Start <= end {
		n := len(m.vmas)
		m.mergeNext(i)
		if len(m.vmas) == n {
			i++
		}
	}
}

// gaps is what of [start, end) no mapping has.
func (m *MM) gaps(start, end uint64) []platform.Range {
	var out []platform.Range
	for i := m.index(start); i < len(m.vmas) && m.vmas[i].Start < end && start < end; i++ {
		if v := m.vmas[i]; v.Start > start {
			out = append(out, platform.Range{Start: start, End: v.Start})
		}
		start = max(start, m.vmas[i].End)
	}
	if start < end {
		out = append(out, platform.Range{Start: start, End: end})
	}
	return out
}

// free tells whether [start, start+length) holds nothing, guard gaps included.
func (m *MM) free(start, length uint64) bool {
	i := m.index(start)
	return i == len(m.vmas) || m.vmas[i].gapStart() >= start+length
}

// touchesReserved tells whether a range of the platform's own is in [start, end).
func (m *MM) touchesReserved(start, end uint64) bool {
	for i := m.index(start); i < len(m.vmas) && m.vmas[i].Start < end; i++ {
		if m.vmas[i].Flags&reserved != 0 {
			return true
		}
	}
	return false
}

// Reserved is touchesReserved for who does not hold mu: whether some of [start, end)
// is never the application's.
func (m *MM) Reserved(start, end uint64) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.touchesReserved(start, end)
}

// ours is [start, end) without the platform's own ranges.
func (m *MM) ours(start, end uint64) []platform.Range {
	var out []platform.Range
	for i := m.index(start); i < len(m.vmas) && m.vmas[i].Start < end && start < end; i++ {
		v := m.vmas[i]
		if v.Flags&reserved == 0 {
			continue
		}
		if v.Start > start {
			out = append(out, platform.Range{Start: start, End: v.Start})
		}
		start = v.End
	}
	if start < end {
		out = append(out, platform.Range{Start: start, End: end})
	}
	return out
}
