// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/task"
)

func TestNumbersWithoutCalls(t *testing.T) {
	for _, nr := range []uint64{
		uint64(len(Table)), 1 << 31, 0xffffffff, ^uint64(0), // beyond the table
		400,        // a gap
		236,        // absent: vserver
		0x40000027, // the x32 number of getpid
	} {
		_, err := Dispatch(nil, nr, &[6]uint64{})
		assert.Equal(t, err, unix.ENOSYS, "%#x", nr)
	}
}

func TestEntriesAnswer(t *testing.T) {
	for nr := range Table {
		e := &Table[nr]
		switch e.Status {
		case Unassigned:
			assert.Equal(t, e.Name, "", "%d", nr)
		case Missing, Absent:
			assert.Assert(t, e.Call == nil && e.refusal() == unix.ENOSYS, "%s", e.Name)
		case Denied:
			assert.Assert(t, e.Call != nil || e.Errno != 0, "%s", e.Name)
		case Full, Partial:
			assert.Assert(t, e.Call != nil, "%s", e.Name)
		}
	}
}

// Dispatch is on every syscall's way: it must not allocate, whether there is a handler or an error.
func TestDispatchDoesNotAllocate(t *testing.T) {
	saved := Table[39]
	defer func() { Table[39] = saved }()
	Table[39] = Entry{Name: "getpid", Call: func(*task.Task, *[6]uint64) (uint64, error) { return 7, nil }}
	Table[400] = Entry{Name: "denied", Errno: unix.EPERM}
	defer func() { Table[400] = Entry{} }()
	args := new([6]uint64)
	assert.Equal(t, testing.AllocsPerRun(100, func() {
		ret, err := Dispatch(nil, 39|1<<40, args) // the upper half of rax does not count
		if ret != 7 || err != nil {
			t.Fatal(ret, err)
		}
		if _, err := Dispatch(nil, 400, args); err != unix.EPERM {
			t.Fatal(err)
		}
	}), 0.0)
}

func BenchmarkDispatch(b *testing.B) {
	saved := Table[39]
	defer func() { Table[39] = saved }()
	Table[39] = Entry{Name: "getpid", Call: func(*task.Task, *[6]uint64) (uint64, error) { return 7, nil }}
	args := new([6]uint64)
	b.ReportAllocs()
	for b.Loop() {
		Dispatch(nil, 39, args)
	}
}
