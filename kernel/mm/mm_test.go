// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// The tests give the account a part of their own address space that nothing
// else uses: each op is a real host call, and /proc/self/maps is the judge.
const (
	testMin = 0x1000_0000_0000 // neither Go nor its race detector has anything there
	testMax = testMin + 64<<20
	hidden  = testMin + 32<<20 // a range of the "platform" in the middle
)

// host is a thread and its caller whose ops run in the test's own process.
type host struct {
	platform.Thread
	limits map[int]uint64
	hard   map[int]uint64
	creds  *cred.Creds
	ops    int
}

func (h *host) Do(ops ...*platform.Op) error {
	h.ops++
	for _, o := range ops {
		a := o.Args
		if o.UseFD {
			a[4] = uint64(o.FD)
		}
		r, _, errno := unix.RawSyscall6(o.Nr, uintptr(a[0]), uintptr(a[1]), uintptr(a[2]), uintptr(a[3]), uintptr(a[4]), uintptr(a[5]))
		o.Result = int64(r)
		if errno != 0 {
			o.Result = -int64(errno)
			break
		}
	}
	return nil
}

// caller makes a host an mm.Caller.
type caller struct{ h *host }

func (c caller) Thread() platform.Thread { return c.h }
func (c caller) Creds() *cred.Creds      { return c.h.creds }
func (c caller) RLimit(r int) uint64 {
	if l, ok := c.h.limits[r]; ok {
		return l
	}
	return unix.RLIM_INFINITY
}

func (c caller) RLimitMax(r int) uint64 {
	if l, ok := c.h.hard[r]; ok {
		return l
	}
	return unix.RLIM_INFINITY
}

func newTestMM(t testing.TB) (*MM, caller) {
	t.Helper()
	c := caller{&host{limits: map[int]uint64{}, creds: cred.Root()}}
	m := New(nil, platform.Layout{Min: testMin, Max: testMax,
		Reserved: []platform.Range{{Start: hidden, End: hidden + 4*page}}})
	t.Cleanup(func() {
		_, _, errno := unix.RawSyscall(unix.SYS_MUNMAP, testMin, testMax-testMin, 0)
		assert.Equal(t, errno, unix.Errno(0))
	})
	return m, c
}

const page = 4096

const anon = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS

// hostMaps is the host's account of the test's range.
func hostMaps(t testing.TB) string {
	f, err := os.Open("/proc/self/maps")
	assert.NilError(t, err)
	defer f.Close()
	var b strings.Builder
	for s := bufio.NewScanner(f); s.Scan(); {
		var start, end, off uint64
		var perms string
		_, err := fmt.Sscanf(s.Text(), "%x-%x %s %x", &start, &end, &perms, &off)
		assert.NilError(t, err)
		if start >= testMin && start < testMax {
			fmt.Fprintf(&b, "%x-%x %s %x\n", start, end, perms, off)
		}
	}
	return b.String()
}

func ourMaps(m *MM) string {
	var b strings.Builder
	m.Maps(func(v *VMA) bool {
		fmt.Fprintf(&b, "%x-%x %s %x\n", v.Start, v.End, v.Perms(), v.Off)
		return true
	})
	return b.String()
}

func (m *MM) check(t testing.TB) {
	t.Helper()
	var n counts
	for i, v := range m.vmas {
		assert.Assert(t, v.Start < v.End)
		assert.Assert(t, i == 0 || m.vmas[i-1].End <= v.Start)
		if v.Flags&reserved == 0 {
			n.total += v.pages()
		}
	}
	assert.Equal(t, n.total, m.counts.total)
}

func hostFD(fd int) func(uint32, uint32) (int, error) {
	return func(uint32, uint32) (int, error) { return fd, nil }
}

type testFile struct{ refs int }

func (f *testFile) Hold()    { f.refs++ }
func (f *testFile) Drop()    { f.refs-- }
func (f *testFile) Key() any { return f }

// TestAccountIsTheHosts makes random changes and compares the account with
// /proc/self/maps after each.
func TestAccountIsTheHosts(t *testing.T) {
	m, c := newTestMM(t)
	fd, err := unix.MemfdCreate("mm", 0)
	assert.NilError(t, err)
	defer unix.Close(fd)
	assert.NilError(t, unix.Ftruncate(fd, 1<<20))
	file := &testFile{}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	addr := func() uint64 { return testMin + (32<<20-40*page)*r.Uint64N(2) + r.Uint64N(80)*page }
	length := func() uint64 { return (1 + r.Uint64N(12)) * page }
	for i := range 400 {
		var what string
		switch a, l := addr(), length(); r.IntN(9) {
		case 0:
			got, err := m.Map(c, 0, l, r.Uint32N(8), anon, nil, 0)
			what = fmt.Sprintf("mmap any %x = %x, %v", l, got, err)
		case 1:
			_, err := m.Map(c, a, l, r.Uint32N(8), anon|unix.MAP_FIXED, nil, 0)
			what = fmt.Sprintf("mmap fixed %x %x %v", a, l, err)
		case 2:
			f := &MapFile{Backing: file, HostFD: hostFD(fd), Readable: true, Writable: true}
			_, err := m.Map(c, a, l, r.Uint32N(8), unix.MAP_FIXED|1+r.Uint32N(2), f, r.Uint64N(4)*page)
			what = fmt.Sprintf("mmap file %x %x %v", a, l, err)
		case 3:
			what = fmt.Sprintf("munmap %x %x %v", a, l, m.Unmap(c, a, l))
		case 4:
			prot := r.Uint32N(8)
			what = fmt.Sprintf("mprotect %x %x %d %v", a, l, prot, m.Protect(c, a, l, uint64(prot), -1))
		case 5:
			to := addr()
			got, err := m.Remap(c, a, l, length(), 3, to)
			what = fmt.Sprintf("mremap fixed %x %x to %x = %x %v", a, l, to, got, err)
		case 6:
			n := length()
			got, err := m.Remap(c, a, l, n, r.Uint32N(2), 0)
			what = fmt.Sprintf("mremap %x %x %x = %x %v", a, l, n, got, err)
		case 7:
			adv := []int32{unix.MADV_DONTFORK, unix.MADV_DOFORK, unix.MADV_RANDOM, unix.MADV_NORMAL, unix.MADV_DONTDUMP, unix.MADV_DODUMP}[r.IntN(6)]
			what = fmt.Sprintf("madvise %x %x %d %v", a, l, adv, m.Advise(c, a, l, adv))
		case 8:
			got, err := m.Remap(c, a, l, l, unix.MREMAP_MAYMOVE|unix.MREMAP_DONTUNMAP, 0)
			what = fmt.Sprintf("mremap dontunmap %x %x = %x %v", a, l, got, err)
		}
		m.check(t)
		if ours, hosts := ourMaps(m), hostMaps(t); ours != hosts {
			t.Fatalf("step %d: %s\nhost, ours:\n%s", i, what, cmp.Diff(strings.Split(hosts, "\n"), strings.Split(ours, "\n")))
		}
	}
	m.DecRef()
	assert.Equal(t, file.refs, 0)
}
