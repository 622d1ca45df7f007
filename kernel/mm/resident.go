// SPDX-License-Identifier: Apache-2.0

// This file is how much of an address space is in memory, as the host knows.

package mm

import (
	"sort"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Resident is what of an address space is in memory, in bytes.
type Resident struct {
	Anon, File, Shmem uint64
	Peak              uint64 // the most that ever was
	Swap              uint64
}

// Total is all that is there.
func (r *Resident) Total() uint64 { return r.Anon + r.File + r.Shmem }

// Resident asks the host; ok is false on a platform that can't tell.
func (m *MM) Resident() (r Resident, ok bool) {
	list, ok := m.HostMaps()
	if !ok {
		return r, false
	}
	for i := range list {
		h := &list[i]
		anon := h.KB[platform.MappedAnonymous]
		rest := h.KB[platform.MappedRss] - min(anon, h.KB[platform.MappedRss])
		r.Anon += anon << 10
		r.Swap += h.KB[platform.MappedSwap] << 10
		if h.Shmem {
			r.Shmem += rest << 10
		} else {
			r.File += rest << 10
		}
	}
	r.Peak = r.Total()
	if peak, now, err := m.as.(platform.HostMemory).Peak(); err == nil {
		// The platform's own part is what the host has beyond ours.
		own := now<<10 - min(now<<10, r.Total())
		r.Peak = max(r.Peak, peak<<10-min(peak<<10, own))
	}
	return r, true
}

// HostMaps is the host's account of the application's mappings, lowest first;
// ok is false on a platform that can't tell.
func (m *MM) HostMaps() (list []platform.Mapped, ok bool) {
	h, ok := m.as.(platform.HostMemory)
	if !ok {
		return nil, false
	}
	all, err := h.Smaps()
	if err != nil {
		return nil, false
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, e := range all {
		if i := m.index(e.Start); i < len(m.vmas) && m.vmas[i].Start < e.End && m.vmas[i].Flags&reserved == 0 {
			list = append(list, e)
		}
	}
	return list, true
}

// HostPart adds up what list says of v. A mapping of the host that reaches
// over several of ours counts for the first.
func (v *VMA) HostPart(list []platform.Mapped) (sum platform.Mapped) {
	i := sort.Search(len(list), func(i int) bool { return list[i].Start >= v.Start })
	for ; i < len(list) && list[i].Start < v.End; i++ {
		sum.Shmem = list[i].Shmem
		for f, n := range list[i].KB {
			sum.KB[f] += n
		}
	}
	return sum
}

// Faults are the page faults so far; zeros on a platform that can't tell.
func (m *MM) Faults() (minor, major uint64) {
	if h, ok := m.as.(platform.HostMemory); ok {
		minor, major, _ = h.Faults()
	}
	return minor, major
}
