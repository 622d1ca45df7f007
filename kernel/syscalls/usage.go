// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall getrusage partial only times are counted: no memory, faults, blocks or switches; all time counts as user time
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
	s.Procs = uint16(t.Kernel().TaskCount())
	return put(t, addr, &s)
}
