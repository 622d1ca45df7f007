// SPDX-License-Identifier: Apache-2.0

// Package membarrier tests membarrier from Go: all threads pass a barrier while they run.
package membarrier

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("while_threads_run", "", whileThreadsRun)
}

func whileThreadsRun(t *harness.T) {
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for !stop.Load() {
			runtime.Gosched() // nothing else takes the goroutine off a machine's only core
		}
	}()
	for _, cmd := range []uintptr{1, 1 << 4, 1 << 3, 1 << 3} {
		_, _, errno := unix.Syscall(unix.SYS_MEMBARRIER, cmd, 0, 0)
		t.Errno(fmt.Sprintf("command %#x", cmd), errno, 0)
	}
	stop.Store(true)
	wg.Wait()
	_, _, errno := unix.Syscall(unix.SYS_MEMBARRIER, 1<<30, 0, 0)
	t.Errno("unknown", errno, unix.EINVAL)
}
