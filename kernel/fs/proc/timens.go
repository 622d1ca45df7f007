// SPDX-License-Identifier: Apache-2.0

// This file is /proc/PID/timens_offsets (time_namespaces(7)). Every time namespace has the first
// one's clocks, as on Linux one that a process has entered before its offsets were set: they
// can't be set any more.

package proc

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const noOffsets = "monotonic           0         0\nboottime            0         0\n"

func timensOffsets() *kernfs.Entry {
	e := file("timens_offsets", 0o644, func(_ vfs.Ctx, of any) ([]byte, error) {
		if of.(subject).task.Namespaces() == nil {
			return nil, unix.ESRCH
		}
		return []byte(noOffsets), nil
	})
	e.Store = func(ctx vfs.Ctx, of any, data []byte) error {
		for line := range strings.Lines(string(data)) {
			if !offsetLine(strings.Fields(line)) {
				return unix.EINVAL
			}
		}
		n := of.(subject).task.Namespaces()
		switch {
		case n == nil:
			return unix.ESRCH
		case !ctx.Creds().CapableIn(n.TimeForChildren.Owner(), unix.CAP_SYS_TIME):
			return unix.EPERM
		}
		return unix.EACCES
	}
	return e
}

// offsetLine tells whether that is a clock, by name or by number, with seconds and nanoseconds.
func offsetLine(f []string) bool {
	if len(f) != 3 {
		return false
	}
	switch f[0] {
	case "monotonic", "boottime", "1", "7":
	default:
		return false
	}
	_, err := parseInt([]byte(f[1]))
	ns, err2 := parseInt([]byte(f[2]))
	return err == nil && err2 == nil && ns >= 0 && ns < 1e9
}
