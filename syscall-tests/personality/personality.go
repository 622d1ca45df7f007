// SPDX-License-Identifier: Apache-2.0

// Package personality tests personality from Go: a program started with one keeps it.
package personality

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("exec_inherits", "", inherits)
	harness.Child("personality.flags", func([]string) int {
		p, _, _ := unix.RawSyscall(unix.SYS_PERSONALITY, 0xffffffff, 0, 0)
		return int(p>>16) & 0xff
	})
}

func inherits(t *harness.T) {
	for _, p := range []uintptr{0, 0x40000, 0x20000, 0x800000, 8} {
		done := make(chan string)
		go func() {
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
			_, _, errno := unix.RawSyscall(unix.SYS_PERSONALITY, p, 0, 0)
			t.Errno("personality", errno, 0)
			done <- harness.Status(harness.Command("personality.flags"))
		}()
		t.Observe(fmt.Sprintf("%#x", p), "%s", <-done)
	}
}
