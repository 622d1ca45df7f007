// SPDX-License-Identifier: Apache-2.0

// Package rt_sigpending tests rt_sigpending from Go: sizes of the set that is asked for.
package rt_sigpending

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("sizes", "", sizes)
}

func sizes(t *harness.T) {
	for _, size := range []uintptr{0, 1, 7, 8, 9, 1 << 32} {
		var set [2]uint64
		_, _, errno := unix.RawSyscall(unix.SYS_RT_SIGPENDING, uintptr(unsafe.Pointer(&set)), size, 0)
		t.ObserveErr(fmt.Sprintf("size %d", size), errno)
		t.Equal("second word", set[1], uint64(0))
	}
}
