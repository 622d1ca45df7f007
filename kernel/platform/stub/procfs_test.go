// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// TestHostMemory touches pages, and the host tells of them until the process is gone.
func TestHostMemory(t *testing.T) {
	p := newPlatform(t)
	if p.proc < 0 {
		t.Skip("this host lets us have no /proc of our own")
	}
	th := launch(t, p, loop(nil))
	sp := th.AddressSpace().(*space)
	present := func() (rss, anon uint64) {
		list, err := sp.Smaps()
		assert.NilError(t, err)
		for _, m := range list {
			if m.Start == dataAt {
				return m.KB[platform.MappedRss], m.KB[platform.MappedAnonymous]
			}
		}
		t.Fatal("the data is not mapped")
		return 0, 0
	}
	rss, anon := present()
	assert.Equal(t, [2]uint64{rss, anon}, [2]uint64{0, 0})
	for i := range uint64(3) {
		_, err := th.WriteMemory(dataAt+i*0x1000, []byte{1})
		assert.NilError(t, err)
		rss, anon := present()
		assert.Equal(t, [2]uint64{rss, anon}, [2]uint64{4 * (i + 1), 4 * (i + 1)})
	}
	a, err := sp.Account()
	assert.NilError(t, err)
	assert.Assert(t, a.Anon >= 12 && a.Peak >= a.Anon+a.File+a.Shmem, "%+v", a)
	minor, _, err := sp.Faults()
	assert.NilError(t, err)
	assert.Assert(t, minor >= 3)
	_, _, ok := th.(*thread).Times()
	assert.Assert(t, ok)
	var nodes [4]int32
	assert.NilError(t, sp.PageNodes([]uint64{dataAt, dataAt + 0x1000, dataAt + 0x2000, dataAt + 0x3000}, nodes[:]))
	assert.Assert(t, nodes[0] >= 0 && nodes[1] >= 0 && nodes[2] >= 0)
	assert.Equal(t, nodes[3], -int32(unix.ENOENT))
	sp.Kill()
	_, err = sp.Smaps()
	assert.ErrorIs(t, err, unix.ESRCH)
	th.Exit()
}

// TestNiceIsTheHosts: a thread's nice value is that of its host thread, there
// and back where the host allows it.
func TestNiceIsTheHosts(t *testing.T) {
	th := launch(t, newPlatform(t), loop(nil)).(*thread)
	const batch = 3
	assert.NilError(t, th.SetPolicy(batch))
	policy, _, _ := unix.RawSyscall(unix.SYS_SCHED_GETSCHEDULER, uintptr(th.tid), 0, 0)
	assert.Equal(t, policy, uintptr(batch))
	assert.NilError(t, th.SetPolicy(0))
	assert.NilError(t, th.SetNice(7))
	got, err := unix.Getpriority(unix.PRIO_PROCESS, th.tid)
	assert.NilError(t, err)
	assert.Equal(t, 20-got, 7)
	if err := th.SetNice(0); err != unix.EACCES {
		assert.NilError(t, err)
		got, err = unix.Getpriority(unix.PRIO_PROCESS, th.tid)
		assert.NilError(t, err)
		assert.Equal(t, 20-got, 0)
	}
	th.sp.Kill()
	assert.ErrorIs(t, th.SetNice(3), unix.ESRCH)
	assert.ErrorIs(t, th.SetPolicy(0), unix.ESRCH)
	th.Exit()
}
