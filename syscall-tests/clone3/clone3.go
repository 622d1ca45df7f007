// SPDX-License-Identifier: Apache-2.0

// Package clone3 tests clone3 from Go: the sizes of its struct, without a child.
package clone3

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("refused_sizes", "", refusedSizes)
}

func refusedSizes(t *harness.T) {
	// CLONE_SIGHAND without CLONE_VM never makes a child: what is observed is which check comes first.
	for _, size := range []uintptr{0, 56, 63, 64, 72, 80, 88, 96, 4096, 4097} {
		buf := make([]uint64, 1024)
		buf[0] = unix.CLONE_SIGHAND
		_, _, errno := unix.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&buf[0])), size, 0)
		t.ObserveErr(fmt.Sprintf("size %d", size), errno)
		buf[12] = 1
		_, _, errno = unix.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&buf[0])), size, 0)
		t.ObserveErr(fmt.Sprintf("size %d, dirty tail", size), errno)
	}
}
