// SPDX-License-Identifier: Apache-2.0

// This file is /proc/PID/timens_offsets (time_namespaces(7)): how far the clocks of the time
// namespace of a process's children are ahead.

package proc

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// timensClocks is how many clocks a write can set.
const timensClocks = 2

func timensOffsets() *kernfs.Entry {
	e := seqFile("timens_offsets", 0o644, func(_ vfs.Ctx, of any) ([]byte, error) {
		n := of.(subject).task.Namespaces()
		if n == nil {
			return nil, unix.ESRCH
		}
		o := n.TimeForChildren.Offsets()
		return fmt.Appendf(nil, "monotonic  %10d %9d\nboottime   %10d %9d\n", o.Monotonic.Sec, o.Monotonic.Nsec, o.Boot.Sec, o.Boot.Nsec), nil
	})
	e.Store = func(ctx vfs.Ctx, of any, data []byte) error {
		var list []task.ClockOffset
		for line := range strings.Lines(string(data)) {
			o, ok := offsetLine(strings.Fields(line))
			if !ok {
				return unix.EINVAL
			}
			if list = append(list, o); len(list) == timensClocks {
				break
			}
		}
		n := of.(subject).task.Namespaces()
		switch {
		case n == nil:
			return unix.ESRCH
		case !ctx.Creds().CapableIn(n.TimeForChildren.Owner(), unix.CAP_SYS_TIME):
			return unix.EPERM
		}
		return n.TimeForChildren.SetOffsets(list)
	}
	return e
}

// offsetLine is a clock, by name or by number, with seconds and nanoseconds.
func offsetLine(f []string) (o task.ClockOffset, ok bool) {
	if len(f) != 3 {
		return o, false
	}
	switch f[0] {
	case "monotonic", "1":
		o.Clock = unix.CLOCK_MONOTONIC
	case "boottime", "7":
		o.Clock = unix.CLOCK_BOOTTIME
	default:
		return o, false
	}
	sec, err := parseInt([]byte(f[1]))
	ns, err2 := parseInt([]byte(f[2]))
	o.By = unix.Timespec{Sec: sec, Nsec: ns}
	return o, err == nil && err2 == nil && ns >= 0 && ns < 1e9
}
