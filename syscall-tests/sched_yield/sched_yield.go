// SPDX-License-Identifier: Apache-2.0

// Package sched_yield tests sched_yield from Go: goroutines on locked threads take turns by yielding.
package sched_yield

import (
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("turns", "", turns)
}

func turns(t *harness.T) {
	var turn atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		for range 100 {
			for turn.Load() != 1 {
				unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
				runtime.Gosched() // nothing else takes the goroutine off a machine's only core
			}
			turn.Store(0)
		}
	}()
	for range 100 {
		turn.Store(1)
		for turn.Load() != 0 {
			_, _, errno := unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
			t.Errno("sched_yield", errno, 0)
		}
	}
	<-done
	t.Observe("turns", "%d", 100)
}
