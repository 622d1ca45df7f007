// SPDX-License-Identifier: Apache-2.0

// Package ioctl tests ioctl from Go: bytes waiting in pipes and files, against what was written.
package ioctl

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("bytes_waiting", "", bytesWaiting)
	harness.Case("no_terminals", "", noTerminals)
}

func bytesWaiting(t *harness.T) {
	var p [2]int
	t.Must("pipe", unix.Pipe2(p[:], unix.O_CLOEXEC))
	var got, want []int32
	held := int32(0)
	for _, n := range []int{10, -3, 5000, -4000, 1, -1008, 60000} {
		if n > 0 {
			unix.Write(p[1], make([]byte, n))
		} else {
			unix.Read(p[0], make([]byte, -n))
		}
		held += int32(n)
		var waiting int32
		t.Must("FIONREAD", harness.Err(unix.SYS_IOCTL, p[0], unix.TIOCINQ, unsafe.Pointer(&waiting)))
		got, want = append(got, waiting), append(want, held)
	}
	t.Diff("waiting", got, want)
}

func noTerminals(t *harness.T) {
	t.Put("file")
	var size unix.Winsize
	for _, path := range []string{"file", ".", "/dev/null", "/proc/self/status"} {
		t.Errno(path, harness.Err(unix.SYS_IOCTL, t.FD(path, unix.O_RDONLY), unix.TIOCGWINSZ, unsafe.Pointer(&size)), unix.ENOTTY)
	}
}
