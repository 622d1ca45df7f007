// SPDX-License-Identifier: Apache-2.0

// Package time tests time from Go: it is a second of the clock.
package time

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees", "", agrees)
	harness.Case("pointers", "", pointers)
}

func agrees(t *harness.T) {
	var a, b unix.Timespec
	unix.ClockGettime(unix.CLOCK_REALTIME_COARSE, &a)
	n, err := harness.Sys(unix.SYS_TIME, nil)
	t.Must("time", err)
	unix.ClockGettime(unix.CLOCK_REALTIME, &b)
	t.Check(a.Sec <= int64(n) && int64(n) <= b.Sec, "%d is not between %d and %d", n, a.Sec, b.Sec)
}

func pointers(t *harness.T) {
	var at int64
	n, err := harness.Sys(unix.SYS_TIME, unsafe.Pointer(&at))
	t.Must("time", err)
	t.Equal("stored", at, int64(n))
	t.Errno("bad pointer", harness.Err(unix.SYS_TIME, 16), unix.EFAULT)
}
