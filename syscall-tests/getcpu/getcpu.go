// SPDX-License-Identifier: Apache-2.0

// Package getcpu tests getcpu from Go: threads pinned to different cores at the same time.
package getcpu

import (
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pinned_threads_see_their_cores", "cores>=2", pinned)
}

func pinned(t *harness.T) {
	var all unix.CPUSet
	t.Must("sched_getaffinity", unix.SchedGetaffinity(0, &all))
	var wg sync.WaitGroup
	for c := range 1024 {
		if !all.IsSet(c) {
			continue
		}
		wg.Go(func() {
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
			var one unix.CPUSet
			one.Set(c)
			t.Errno("sched_setaffinity", unix.SchedSetaffinity(0, &one), 0)
			for range 1000 {
				var cpu, node uint32
				_, _, errno := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), uintptr(unsafe.Pointer(&node)), 0)
				if !t.Errno("getcpu", errno, 0) || !t.Equal("core", int(cpu), c) {
					return
				}
			}
		})
	}
	wg.Wait()
}
