// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall getrusage full
func getrusage(t *task.Task, who int32, addr user.Addr) error {
	self, children := t.GroupUsage()
	switch who {
	case unix.RUSAGE_SELF:
		return putRusage(t, addr, self)
	case unix.RUSAGE_CHILDREN:
		return putRusage(t, addr, children)
	case unix.RUSAGE_THREAD:
		return putRusage(t, addr, t.ThreadUsage())
	}
	return unix.EINVAL
}

//ditto:syscall times full
func times(t *task.Task, addr user.Addr) (int64, error) {
	if addr != 0 {
		self, children := t.GroupUsage()
		err := put(t, addr, [4]int64{
			task.Ticks(self.User), task.Ticks(self.System), task.Ticks(children.User), task.Ticks(children.System),
		})
		if err != nil {
			return 0, err
		}
	}
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return 0, err
	}
	return task.Ticks(time.Duration(ts.Nano())), nil
}

//ditto:syscall sysinfo full
func sysinfo(t *task.Task, addr user.Addr) error {
	// Memory, load and uptime are the host's, as in a container.
	var s unix.Sysinfo_t
	if err := unix.Sysinfo(&s); err != nil {
		return err
	}
	uptime := (ktime.Host(unix.CLOCK_BOOTTIME).Now() + t.ClockAhead(unix.CLOCK_BOOTTIME) + 1e9 - 1) / 1e9
	return put(t, addr, &sysinfoT{
		Uptime: uptime, Loads: s.Loads, RAM: [6]uint64{s.Totalram, s.Freeram, s.Sharedram, s.Bufferram, s.Totalswap, s.Freeswap},
		Procs: uint16(t.Kernel().TaskCount()), High: [2]uint64{s.Totalhigh, s.Freehigh}, Unit: s.Unit,
	})
}

// sysinfoT is struct sysinfo with its padding spelled out, as put wants it.
type sysinfoT struct {
	Uptime int64
	Loads  [3]uint64
	RAM    [6]uint64 // total, free, shared, buffers, swap total and free
	Procs  uint16
	_      [6]byte
	High   [2]uint64 // total, free
	Unit   uint32
	_      [4]byte
}
