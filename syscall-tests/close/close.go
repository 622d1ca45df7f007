// SPDX-License-Identifier: Apache-2.0

// Package close tests close from Go: of many descriptors by many threads.
package close

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("each_once", "", eachOnce)
	harness.Case("reader_sees_the_end", "", readerSeesTheEnd)
}

func eachOnce(t *harness.T) {
	t.Put("f")
	var fds []int
	for range 50 {
		fds = append(fds, t.FD("f", unix.O_RDONLY))
	}
	// Two threads for each descriptor: one of them is too late. No other thread opens files meanwhile.
	ends := harness.Race(100, func(i int) error { return harness.Err(unix.SYS_CLOSE, fds[i/2]) })
	t.Equal("ends", ends, "0 x50, EBADF x50")
}

func readerSeesTheEnd(t *harness.T) {
	var p [2]int
	t.Must("pipe", unix.Pipe2(p[:], unix.O_CLOEXEC))
	ended := make(chan int)
	go func() {
		n, _ := unix.Read(p[0], make([]byte, 1))
		ended <- n
	}()
	t.Errno("close", harness.Err(unix.SYS_CLOSE, p[1]), 0)
	t.Equal("read", <-ended, 0)
}
