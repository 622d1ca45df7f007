// SPDX-License-Identifier: Apache-2.0

// This file is which pages of a mapping have content of their own: what a core
// file has of it.

package mm

import (
	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// pagemapChunk is how many pages the host is asked about at once.
const pagemapChunk = 32 << 10

// Content calls f for each run of pages in [start, end) that are there, lowest
// first, until it answers false; own says that they are not a file's. host is
// HostMaps. False: the platform can't tell.
func (m *MM) Content(host []platform.Mapped, start, end uint64, f func(r platform.Range, own bool) bool) bool {
	h, ok := m.as.(platform.HostMemory)
	if !ok || host == nil {
		return false
	}
	words := make([]uint64, pagemapChunk)
	for i := range host {
		e := &host[i]
		from, to := max(e.Start, start), min(e.End, end)
		if from >= to || e.KB[platform.MappedRss] == 0 && e.KB[platform.MappedSwap] == 0 {
			continue
		}
		for from < to {
			n := min((to-from)/abi.PageSize, pagemapChunk)
			if h.Pages(from, words[:n]) != nil {
				return false
			}
			if !runs(words[:n], from, f) {
				return true
			}
			from += n * abi.PageSize
		}
	}
	return true
}

// runs calls f for each run of pages that are there and of one kind.
func runs(words []uint64, start uint64, f func(platform.Range, bool) bool) bool {
	kind := func(i int) (there, own bool) {
		return words[i]&platform.PageThere != 0, words[i]&platform.PageOfFile == 0
	}
	for i := 0; i < len(words); {
		first := i
		there, own := kind(i)
		for i++; i < len(words); i++ {
			if t, o := kind(i); t != there || o != own {
				break
			}
		}
		r := platform.Range{Start: start + uint64(first)*abi.PageSize, End: start + uint64(i)*abi.PageSize}
		if there && !f(r, own) {
			return false
		}
	}
	return true
}
