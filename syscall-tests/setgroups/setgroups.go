// SPDX-License-Identifier: Apache-2.0

// Package setgroups tests setgroups from Go: each thread has a list of its own, and a process started from a thread
// gets that thread's.
package setgroups

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("a_started_process_gets_the_threads_list", "root", inherits)
	harness.Child("setgroups.count", func([]string) int {
		n, err := unix.Getgroups()
		if err != nil {
			return 200
		}
		return len(n)
	})
}

func inherits(t *harness.T) {
	for n := range 5 {
		done := make(chan string)
		go func() {
			runtime.LockOSThread()
			list := [5]uint32{10, 20, 30, 40, 50}
			_, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(n), uintptr(unsafe.Pointer(&list[0])), 0)
			t.Errno("setgroups", errno, 0)
			done <- harness.Status(harness.Command("setgroups.count"))
		}()
		t.Observe(fmt.Sprint(n), "%s", <-done)
	}
}
