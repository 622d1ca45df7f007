// SPDX-License-Identifier: Apache-2.0

// Package gettid tests gettid from Go: every thread of the process is a directory in /proc/self/task.
package gettid

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("locked_threads_are_distinct_and_listed", "", distinct)
}

func distinct(t *harness.T) {
	const n = 32
	tids, done := make(chan int), make(chan struct{})
	for range n {
		go func() {
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
			tids <- unix.Gettid()
			<-done
		}()
	}
	seen := map[int]bool{}
	for range n {
		tid := <-tids
		seen[tid] = true
		_, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", tid))
		t.Check(err == nil, "thread %d: %v", tid, err)
	}
	t.Observe("distinct", "%d", len(seen))
	close(done)
}
