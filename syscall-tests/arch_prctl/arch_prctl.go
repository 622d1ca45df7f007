// SPDX-License-Identifier: Apache-2.0

// Package arch_prctl tests arch_prctl from Go: many threads with a gs base each, which Go itself does not use.
package arch_prctl

import (
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const (
	setGS = 0x1001
	getGS = 0x1004
)

func init() {
	harness.Case("threads_keep_their_gs_base", "", threads)
}

func threads(t *harness.T) {
	const n = 16
	var all sync.WaitGroup
	var start sync.WaitGroup
	start.Add(n)
	for i := range uintptr(n) {
		all.Go(func() {
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
			want := 0x10000 * (i + 1)
			_, _, errno := unix.RawSyscall(unix.SYS_ARCH_PRCTL, setGS, want, 0)
			t.Errno("set", errno, 0)
			start.Done()
			start.Wait()
			for range 1000 {
				var got uintptr
				_, _, errno = unix.RawSyscall(unix.SYS_ARCH_PRCTL, getGS, uintptr(unsafe.Pointer(&got)), 0)
				if !t.Errno("get", errno, 0) || !t.Equal("gs base", got, want) {
					return
				}
			}
		})
	}
	all.Wait()
}
