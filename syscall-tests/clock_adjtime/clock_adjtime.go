// SPDX-License-Identifier: Apache-2.0

// Package clock_adjtime tests clock_adjtime from Go: who has no right to, sets nothing.
package clock_adjtime

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("without_the_right", "root", withoutTheRight)
	harness.Case("values", "", values)
}

// The words of the buffer are seconds and the rest of a time, or the modes of a timex.
func call(words ...int64) error {
	var buf [32]int64
	copy(buf[:], words)
	return harness.Err(unix.SYS_CLOCK_ADJTIME, unix.CLOCK_REALTIME, unsafe.Pointer(&buf[0]))
}

// Gives up CAP_SYS_TIME, so that no clock is ever set.
func drop(t *harness.T) {
	runtime.LockOSThread()
	h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var d [2]unix.CapUserData
	t.Must("capset", unix.Capset(&h, &d[0]))
}

func withoutTheRight(t *harness.T) {
	drop(t)
	t.ObserveErr("1", call(1))
	t.ObserveErr("2", call(2, 5))
	t.ObserveErr("a billion", call(1e9, 0))
}

func values(t *harness.T) {
	drop(t)
	for i, v := range [][]int64{{-1, 0}, {0, -1}, {0, 1e9}, {0, 1e6}, {1 << 62, 0}, {0x8001, 0}, {0x4000, 0}} {
		t.ObserveErr(fmt.Sprintf("value %d", i), call(v...))
	}
	t.Errno("no pointer", harness.Err(unix.SYS_CLOCK_ADJTIME, unix.CLOCK_REALTIME, nil), unix.EFAULT)
}
