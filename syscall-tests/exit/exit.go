// SPDX-License-Identifier: Apache-2.0

// Package exit tests exit from Go: a locked thread that ends does not end the process.
package exit

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("thread_ends", "", threadEnds)
}

func threadEnds(t *harness.T) {
	tid := make(chan int)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		tid <- unix.Gettid()
	}()
	id := <-tid
	for unix.Tgkill(unix.Getpid(), id, 0) == nil && id != unix.Getpid() {
		runtime.Gosched()
	}
	t.Observe("process goes on", "%t", true)
}
