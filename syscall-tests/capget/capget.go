// SPDX-License-Identifier: Apache-2.0

// Package capget tests capget from Go: a thread's capabilities as another thread sees them.
package capget

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads_of_one_process_differ", "root", threads)
}

func get(t *harness.T, pid int) [2]unix.CapUserData {
	h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3, Pid: int32(pid)}
	var d [2]unix.CapUserData
	t.Errno("capget", unix.Capget(&h, &d[0]), 0)
	return d
}

func threads(t *harness.T) {
	tid, done := make(chan int), make(chan struct{})
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
		h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		d := [2]unix.CapUserData{{Permitted: 5, Effective: 4, Inheritable: 1}}
		t.Errno("capset", unix.Capset(&h, &d[0]), 0)
		tid <- unix.Gettid()
		<-done
	}()
	d := get(t, <-tid)
	t.Observe("the other thread", "%+v", d)
	t.Equal("the other thread", d, [2]unix.CapUserData{{Permitted: 5, Effective: 4, Inheritable: 1}})
	t.Check(get(t, 0)[0].Permitted != 5, "this thread has what the other one set")
	close(done)
}
