// SPDX-License-Identifier: Apache-2.0

// Package gettimeofday tests gettimeofday from Go: it lies between two looks at the clock.
package gettimeofday

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("between", "", between)
	harness.Case("pointers", "", pointers)
}

func between(t *harness.T) {
	for range 50 {
		var a, b unix.Timespec
		var tv unix.Timeval
		unix.ClockGettime(unix.CLOCK_REALTIME, &a)
		t.Must("gettimeofday", harness.Err(unix.SYS_GETTIMEOFDAY, unsafe.Pointer(&tv), nil))
		unix.ClockGettime(unix.CLOCK_REALTIME, &b)
		t.Check(a.Nano()/1000 <= tv.Nano()/1000 && tv.Nano() <= b.Nano(), "%d is not between %d and %d", tv.Nano(), a.Nano(), b.Nano())
	}
}

func pointers(t *harness.T) {
	t.Errno("none", harness.Err(unix.SYS_GETTIMEOFDAY, nil, nil), 0)
	t.Errno("bad time", harness.Err(unix.SYS_GETTIMEOFDAY, 16, nil), unix.EFAULT)
	t.Errno("bad zone", harness.Err(unix.SYS_GETTIMEOFDAY, nil, 16), unix.EFAULT)
}
