// SPDX-License-Identifier: Apache-2.0

// Package getrusage tests getrusage from Go: the process is the sum of its threads.
package getrusage

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads_add_up", "", addUp)
}

func used(t *harness.T, who int) int64 {
	var r unix.Rusage
	t.Errno("getrusage", unix.Getrusage(who, &r), 0)
	return r.Utime.Nano() + r.Stime.Nano()
}

func addUp(t *harness.T) {
	const n, each = 4, 20_000_000
	before := used(t, unix.RUSAGE_SELF)
	spent := make(chan int64)
	for range n {
		go func() {
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
			first := used(t, unix.RUSAGE_THREAD)
			for used(t, unix.RUSAGE_THREAD) < first+each {
			}
			spent <- used(t, unix.RUSAGE_THREAD) - first
		}()
	}
	var sum int64
	for range n {
		sum += <-spent
	}
	after := used(t, unix.RUSAGE_SELF)
	t.Check(after-before >= sum-1_000_000, "four threads used %d ns, the process %d", sum, after-before)
}
