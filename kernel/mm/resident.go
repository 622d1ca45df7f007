// SPDX-License-Identifier: Apache-2.0

// This file is how much of an address space is in memory, as the host knows.

package mm

import (
	"sort"
	"sync"
	"time"

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

// residentFresh is for how long what the platform itself has in memory is taken to be the same.
const residentFresh = time.Second

// platformOwn is what the platform has in an address space beside the application, in KiB.
type platformOwn struct {
	mu   sync.Mutex // taken before MM.mu
	at   time.Time  // when it was found out; zero: never
	host platform.Account
}

// Resident asks the host; ok is false on a platform that can't tell. The host's account of each mapping says exactly which part is the
// application's, but takes as long as there are pages: programs that look at their size ten times a second get the
// host's sum for most of that, less what was not theirs a moment ago.
func (m *MM) Resident() (r Resident, ok bool) {
	h, ok := m.as.(platform.HostMemory)
	if !ok {
		return r, false
	}
	m.own.mu.Lock()
	defer m.own.mu.Unlock()
	now, err := h.Account()
	if err != nil {
		return r, false
	}
	own := &m.own.host
	if time.Since(m.own.at) > residentFresh {
		r, ok := m.eachResident()
		if !ok {
			return r, false
		}
		*own = platform.Account{Anon: less(now.Anon, r.Anon>>10), File: less(now.File, r.File>>10), Shmem: less(now.Shmem, r.Shmem>>10), Swap: less(now.Swap, r.Swap>>10)}
		m.own.at = time.Now()
		r.Peak = max(r.Total(), less(now.Peak, own.Anon+own.File+own.Shmem)<<10)
		return r, true
	}
	r = Resident{Anon: less(now.Anon, own.Anon) << 10, File: less(now.File, own.File) << 10, Shmem: less(now.Shmem, own.Shmem) << 10, Swap: less(now.Swap, own.Swap) << 10}
	r.Peak = max(r.Total(), less(now.Peak, own.Anon+own.File+own.Shmem)<<10)
	return r, true
}

// less is a-b, or 0 if that is negative: the two were not found out at the same time.
func less(a, b uint64) uint64 { return a - min(a, b) }

// eachResident is what the application's mappings have in memory, one by one.
func (m *MM) eachResident() (r Resident, ok bool) {
	list, ok := m.HostMaps()
	if !ok {
		return r, false
	}
	for i := range list {
		h := &list[i]
		anon := h.KB[platform.MappedAnonymous]
		rest := less(h.KB[platform.MappedRss], anon)
		r.Anon += anon << 10
		r.Swap += h.KB[platform.MappedSwap] << 10
		if h.Shmem {
			r.Shmem += rest << 10
		} else {
			r.File += rest << 10
		}
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
