// SPDX-License-Identifier: Apache-2.0

// Package execveat tests execveat from Go: a program by its descriptor alone.
package execveat

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("by_descriptor", "", byDescriptor)
	harness.Child("execveat.child", func([]string) int {
		fd, err := unix.Open("/bin/echo", unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return 1
		}
		argv := []*byte{&[]byte("zero\x00")[0], &[]byte("executed\x00")[0], nil}
		empty := [1]byte{}
		_, _, errno := unix.RawSyscall6(unix.SYS_EXECVEAT, uintptr(fd), uintptr(unsafe.Pointer(&empty)), uintptr(unsafe.Pointer(&argv[0])), 0, unix.AT_EMPTY_PATH, 0)
		return int(errno)
	})
}

func byDescriptor(t *harness.T) {
	out, err := harness.Command("execveat.child").Output()
	t.ObserveErr("child", err)
	t.Observe("output", "%s", out)
}
