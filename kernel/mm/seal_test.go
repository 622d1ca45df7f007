// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// TestSealKeeps tries every call that could undo a sealed page, and each
// leaves it where and as it was, in the account and on the host.
func TestSealKeeps(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(m *MM, c caller, p uint64) error // p: three pages, the middle one sealed
	}{
		{"unmap", func(m *MM, c caller, p uint64) error { return m.Unmap(c, p, 3*page) }},
		{"map over", func(m *MM, c caller, p uint64) error {
			_, err := m.Map(c, p, 3*page, 1, anon|unix.MAP_FIXED, nil, 0)
			return err
		}},
		{"protect", func(m *MM, c caller, p uint64) error { return m.Protect(c, p+page, page, 1, -1) }},
		{"move", func(m *MM, c caller, p uint64) error {
			_, err := m.Remap(c, p, 3*page, 3*page, unix.MREMAP_MAYMOVE|unix.MREMAP_DONTUNMAP, 0)
			return err
		}},
		{"move onto", func(m *MM, c caller, p uint64) error {
			_, err := m.Remap(c, p, page, page, unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED, p+page)
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, c := newTestMM(t)
			p, err := m.Map(c, 0, 3*page, 3, anon, nil, 0)
			assert.NilError(t, err)
			assert.NilError(t, m.Seal(p+page, page, 0))
			before := hostMaps(t)
			assert.ErrorIs(t, tt.do(m, c, p), unix.EPERM)
			assert.Equal(t, hostMaps(t), before)
			assert.Assert(t, m.sealedIn(p, p+3*page) && !m.sealedIn(p, p+page))
			m.check(t)
		})
	}
}

// TestSealStopsAdvice: what is before the seal is advised, what is behind is not.
func TestSealStopsAdvice(t *testing.T) {
	m, c := newTestMM(t)
	p, err := m.Map(c, 0, 3*page, 1, anon, nil, 0)
	assert.NilError(t, err)
	assert.NilError(t, m.Seal(p+page, page, 0))
	assert.ErrorIs(t, m.Advise(c, p, 3*page, unix.MADV_DONTFORK), unix.EPERM)
	first, _ := m.Find(p)
	last, _ := m.Find(p + 2*page)
	assert.Equal(t, first.Flags&DontFork != 0, true)
	assert.Equal(t, last.Flags&DontFork != 0, false)
	assert.NilError(t, m.Advise(c, p, 3*page, unix.MADV_RANDOM))
}

// TestPoliciesSplitAndMerge: equal policies make one mapping, others don't.
func TestPoliciesSplitAndMerge(t *testing.T) {
	m, c := newTestMM(t)
	p, err := m.Map(c, 0, 4*page, 3, anon, nil, 0)
	assert.NilError(t, err)
	bind := func(from, to uint64) {
		pol, err := NewPolicy(unix.MPOL_BIND, 0, &TheNode)
		assert.NilError(t, err)
		assert.NilError(t, m.Bind(p+from*page, p+to*page, pol, &TheNode, false))
	}
	count := func() (n int) {
		m.Maps(func(*VMA) bool { n++; return true })
		return n
	}
	bind(1, 2)
	assert.Equal(t, count(), 3)
	bind(2, 3)
	assert.Equal(t, count(), 3)
	assert.NilError(t, m.SetHomeNode(p+page, p+2*page))
	assert.Equal(t, count(), 4)
	assert.NilError(t, m.Bind(p, p+4*page, nil, &NodeMask{}, false))
	assert.Equal(t, count(), 1)
	pol, err := m.PolicyAt(p + page)
	assert.NilError(t, err)
	assert.Assert(t, pol == nil)
}
