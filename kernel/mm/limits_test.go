// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// The expectations of these tables were seen on Linux 6.18 with the same calls.

func TestMapAnswers(t *testing.T) {
	fd, err := unix.MemfdCreate("mm", 0)
	assert.NilError(t, err)
	defer unix.Close(fd)
	rw := &MapFile{Backing: &testFile{}, HostFD: hostFD(fd), Readable: true, Writable: true}
	ro := &MapFile{Backing: &testFile{}, HostFD: hostFD(fd), Readable: true}
	wo := &MapFile{Backing: &testFile{}, HostFD: hostFD(fd), Writable: true}
	const priv, shared, fixed = unix.MAP_PRIVATE, unix.MAP_SHARED, unix.MAP_FIXED
	for _, tt := range []struct {
		name        string
		addr, len   uint64
		prot, flags uint32
		file        *MapFile
		off         uint64
		want        error
	}{
		{"no length", 0, 0, 3, anon, nil, 0, unix.EINVAL},
		{"no type", 0, page, 3, unix.MAP_ANONYMOUS, nil, 0, unix.EINVAL},
		{"validate anonymous", 0, page, 3, unix.MAP_ANONYMOUS | 3, nil, 0, unix.EINVAL},
		{"length wraps", 0, ^uint64(0), 3, anon, nil, 0, unix.ENOMEM},
		{"beyond the top", 0, 1 << 47, 3, anon, nil, 0, unix.ENOMEM},
		{"offset overflow", 0, page, 3, priv, ro, ^uint64(0) &^ (page - 1), unix.EOVERFLOW},
		{"shared write of a read-only file", 0, page, 3, shared, ro, 0, unix.EACCES},
		{"shared read of a read-only file", 0, page, 1, shared, ro, 0, nil},
		{"shared of a write-only file", 0, page, 3, shared, wo, 0, unix.EACCES},
		{"private of a write-only file", 0, page, 1, priv, wo, 0, unix.EACCES},
		{"fixed unaligned", testMin + 1, page, 3, anon | fixed, nil, 0, unix.EINVAL},
		{"fixed at the top", taskSize, page, 3, anon | fixed, nil, 0, unix.ENOMEM},
		{"fixed over the platform", hidden, page, 3, anon | fixed, nil, 0, unix.ENOMEM},
		{"fixed across the platform", hidden - page, 3 * page, 3, anon | fixed, nil, 0, unix.ENOMEM},
		{"noreplace over the platform", hidden, page, 3, anon | unix.MAP_FIXED_NOREPLACE, nil, 0, unix.EEXIST},
		{"hint at the platform", hidden, page, 3, anon, nil, 0, nil},
		{"huge", 0, 2 << 20, 3, anon | unix.MAP_HUGETLB, nil, 0, unix.ENOMEM},
		{"huge file", 0, 2 << 20, 3, priv | unix.MAP_HUGETLB, rw, 0, unix.EINVAL},
		{"sync", 0, page, 3, 3 | unix.MAP_SYNC, rw, 0, unix.EOPNOTSUPP},
		{"unknown flag, validated", 0, page, 3, 3 | 0x1000000, rw, 0, unix.EOPNOTSUPP},
		{"validated", 0, page, 3, 3, rw, 0, nil},
		{"offset of anonymous memory", 0, page, 3, anon, nil, ^uint64(0) &^ (page - 1), nil},
		{"unknown flag, ignored", 0, page, 3, shared | 0x1000000, rw, 0, nil},
		{"stack", 0, page, 3, anon | unix.MAP_GROWSDOWN, nil, 0, nil},
		{"shared stack", 0, page, 3, shared | unix.MAP_ANONYMOUS | unix.MAP_GROWSDOWN, nil, 0, unix.EINVAL},
		{"stack of a file", 0, page, 3, priv | unix.MAP_GROWSDOWN, rw, 0, unix.EINVAL},
		{"growsdown prot", 0, page, 3 | unix.PROT_GROWSDOWN, anon, nil, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, c := newTestMM(t)
			addr, err := m.Map(c, tt.addr, tt.len, tt.prot, tt.flags, tt.file, tt.off)
			if tt.want == nil {
				assert.NilError(t, err)
				assert.Assert(t, addr >= testMin && addr < testMax)
			} else {
				assert.ErrorIs(t, err, tt.want)
			}
			assert.Equal(t, ourMaps(m), hostMaps(t))
		})
	}
}

func TestLimits(t *testing.T) {
	m, c := newTestMM(t)
	c.h.limits[unix.RLIMIT_AS] = 8 * page
	a, err := m.Map(c, 0, 4*page, 3, anon, nil, 0)
	assert.NilError(t, err)
	_, err = m.Map(c, 0, 5*page, 3, anon, nil, 0)
	assert.ErrorIs(t, err, unix.ENOMEM)
	_, err = m.Remap(c, a, 4*page, 16*page, unix.MREMAP_MAYMOVE, 0)
	assert.ErrorIs(t, err, unix.ENOMEM)
	c.h.limits[unix.RLIMIT_DATA] = 5 * page
	_, err = m.Map(c, 0, 2*page, 3, anon, nil, 0)
	assert.ErrorIs(t, err, unix.ENOMEM)
	b, err := m.Map(c, 0, 2*page, 1, anon, nil, 0)
	assert.NilError(t, err)
	assert.ErrorIs(t, m.Protect(c, b, 2*page, 3, -1), unix.ENOMEM)
	_, err = m.Map(c, b, 2*page, 3, anon|unix.MAP_FIXED, nil, 0) // the account has no more pages than before
	assert.NilError(t, err)
}

func TestNoSoftDataLimit(t *testing.T) {
	m, c := newTestMM(t)
	c.h.limits[unix.RLIMIT_DATA] = 0
	_, err := m.Map(c, 0, 2*page, 3, anon, nil, 0)
	assert.NilError(t, err)
	c.h.hard = map[int]uint64{unix.RLIMIT_DATA: 3 * page}
	_, err = m.Map(c, 0, 2*page, 3, anon, nil, 0)
	assert.ErrorIs(t, err, unix.ENOMEM)
	_, err = m.Map(c, 0, page, 3, anon, nil, 0)
	assert.NilError(t, err)
}

func TestLockLimits(t *testing.T) {
	m, c := newTestMM(t)
	c.h.creds = cred.User(1, 1, nil)
	c.h.limits[unix.RLIMIT_MEMLOCK] = 0
	a, err := m.Map(c, 0, 8*page, 3, anon, nil, 0)
	assert.NilError(t, err)
	assert.ErrorIs(t, m.Lock(c, a, page, 0), unix.EPERM)
	assert.ErrorIs(t, m.LockAll(c, unix.MCL_CURRENT), unix.EPERM)
	c.h.limits[unix.RLIMIT_MEMLOCK] = 4 * page
	assert.NilError(t, m.Lock(c, a+1, page, 0)) // two pages
	assert.NilError(t, m.Lock(c, a, 4*page, 0)) // two of them are locked already
	assert.ErrorIs(t, m.Lock(c, a+4*page, page, 0), unix.ENOMEM)
	assert.ErrorIs(t, m.LockAll(c, unix.MCL_CURRENT), unix.ENOMEM)
	assert.ErrorIs(t, m.Lock(c, a, page, 2), unix.EINVAL)
	assert.Equal(t, m.Usage().Locked, uint64(4*page))
	assert.NilError(t, m.Unlock(c, a, 8*page))
	assert.Equal(t, m.Usage().Locked, uint64(0))
	assert.NilError(t, m.Lock(c, a, ^uint64(0), 0)) // wraps to nothing, as on Linux
}

func TestBrk(t *testing.T) {
	m, c := newTestMM(t)
	start := uint64(testMin + 16*page)
	m.SetInfo(func(i *Info) { i.StartBrk, i.Brk = start, start })
	for _, tt := range []struct{ ask, want uint64 }{
		{0, start},
		{start + 1, start + 1},
		{start + page + 1, start + page + 1},
		{start + 1, start + 1},
		{1, start + 1},
		{hidden + page, start + 1}, // the platform is in the way
		{start, start},
	} {
		got, err := m.Brk(c, tt.ask)
		assert.NilError(t, err)
		assert.Equal(t, got, tt.want)
		assert.Equal(t, ourMaps(m), hostMaps(t))
	}
	c.h.limits[unix.RLIMIT_DATA] = 2 * page
	got, err := m.Brk(c, start+3*page)
	assert.NilError(t, err)
	assert.Equal(t, got, start)
}

func TestUnmapGoesAroundThePlatform(t *testing.T) {
	m, c := newTestMM(t)
	for _, a := range []uint64{hidden - page, hidden + 4*page} {
		_, err := m.Map(c, a, page, 3, anon|unix.MAP_FIXED, nil, 0)
		assert.NilError(t, err)
	}
	assert.NilError(t, m.Unmap(c, hidden-page, 6*page))
	assert.Equal(t, ourMaps(m), "")
	assert.Equal(t, hostMaps(t), "")
	assert.ErrorIs(t, m.Protect(c, hidden, page, 1, -1), unix.ENOMEM)
	assert.ErrorIs(t, m.Advise(c, hidden, page, unix.MADV_DONTNEED), unix.ENOMEM)
	_, err := m.Remap(c, hidden, page, 2*page, 1, 0)
	assert.ErrorIs(t, err, unix.EFAULT)
}

func TestForkLeavesWhatItMust(t *testing.T) {
	m, c := newTestMM(t)
	f := &testFile{}
	fd, err := unix.MemfdCreate("mm", 0)
	assert.NilError(t, err)
	defer unix.Close(fd)
	a, err := m.Map(c, 0, 4*page, 3, anon, nil, 0)
	assert.NilError(t, err)
	s, err := m.Map(c, 0, page, 3, unix.MAP_SHARED|unix.MAP_ANONYMOUS, nil, 0)
	assert.NilError(t, err)
	_, err = m.Map(c, 0, page, 3, unix.MAP_SHARED, &MapFile{Backing: f, HostFD: hostFD(fd), Readable: true, Writable: true}, 0)
	assert.NilError(t, err)
	assert.NilError(t, m.Advise(c, a, page, unix.MADV_DONTFORK))
	assert.NilError(t, m.Lock(c, a+page, page, 0))
	child := m.Fork(nil)
	assert.Equal(t, f.refs, 2)
	assert.Equal(t, child.Usage().Locked, uint64(0))
	_, ok := child.Find(a)
	assert.Assert(t, !ok)
	for _, tt := range []struct {
		addr uint64
		same bool
	}{{s + 8, true}, {a + page, false}} {
		k, err := m.FutexKey(tt.addr, false)
		assert.NilError(t, err)
		l, err := child.FutexKey(tt.addr, false)
		assert.NilError(t, err)
		assert.Equal(t, k == l, tt.same)
	}
	child.DecRef()
	assert.Equal(t, f.refs, 1)
}

func BenchmarkMapUnmap(b *testing.B) {
	for _, n := range []int{10, 1000, 30000} {
		b.Run(map[int]string{10: "10", 1000: "1000", 30000: "30000"}[n], func(b *testing.B) {
			m := New(nil, platform.Layout{Min: minAddr, Max: taskSize})
			for i := range n {
				m.place(&VMA{Start: uint64(0x10000000 + i*2*page), End: uint64(0x10000000 + (i*2+1)*page)})
			}
			b.ReportAllocs()
			for b.Loop() {
				at, _ := m.unmappedArea(0, page, 0, true)
				m.place(&VMA{Start: at, End: at + page})
				m.remove(at, at+page)
			}
		})
	}
}

func noFD(Backing) (int, error) { return -1, unix.EINVAL }

// TestRemapFilePages turns a mapping around, page by page; the bytes are the judge.
func TestRemapFilePages(t *testing.T) {
	m, c := newTestMM(t)
	a, err := m.Map(c, 0, 8*page, 3, unix.MAP_SHARED|unix.MAP_ANONYMOUS, nil, 0)
	assert.NilError(t, err)
	mem, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)
	assert.NilError(t, err)
	defer mem.Close()
	for i := range int64(8) {
		_, err := mem.WriteAt([]byte{byte('a' + i)}, int64(a)+i*page)
		assert.NilError(t, err)
	}
	for i := range uint64(4) {
		assert.NilError(t, m.RemapFilePages(c, a+i*page, page, 7-i, noFD))
	}
	assert.NilError(t, m.RemapFilePages(c, a+4*page, 2*page, 5, noFD))
	got := make([]byte, 8)
	for i := range got {
		_, err := mem.ReadAt(got[i:i+1], int64(a)+int64(i)*page)
		assert.NilError(t, err)
	}
	assert.Equal(t, string(got), "hgfefggh")
	assert.Equal(t, ourMaps(m), hostMaps(t))
	// The first page is mapped nowhere any more, and comes from the object.
	assert.NilError(t, m.RemapFilePages(c, a, page, 0, noFD))
	_, err = mem.ReadAt(got[:1], int64(a))
	assert.NilError(t, err)
	assert.Equal(t, got[0], byte('a'))
}
