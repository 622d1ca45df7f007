// SPDX-License-Identifier: Apache-2.0

// Package pipe2 tests pipe2 from Go: a stream between goroutines, and ends.
package pipe2

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("bytes_in_order", "", inOrder)
	harness.Case("ends", "", ends)
	harness.Case("packets", "", packets)
}

// A megabyte in odd pieces comes out as it went in.
func inOrder(t *harness.T) {
	var p [2]int
	t.Must("pipe2", unix.Pipe2(p[:], unix.O_CLOEXEC))
	data := harness.Pattern(1 << 20)
	go func() {
		defer unix.Close(p[1])
		for rest, size := data, 1; len(rest) > 0; size = size*3%9973 + 1 {
			n, err := unix.Write(p[1], rest[:min(size, len(rest))])
			if err != nil {
				return
			}
			rest = rest[n:]
		}
	}()
	var got []byte
	b := make([]byte, 5000)
	for {
		n, err := unix.Read(p[0], b)
		t.Must("read", err)
		if n == 0 {
			break
		}
		got = append(got, b[:n]...)
	}
	t.Check(bytes.Equal(got, data), "%d bytes differ from the %d that were written", len(got), len(data))
}

func ends(t *harness.T) {
	var p [2]int
	t.Must("pipe2", unix.Pipe2(p[:], unix.O_CLOEXEC))
	_, err := unix.Write(p[0], []byte("x"))
	t.Errno("write to the reading end", err, unix.EBADF)
	_, err = unix.Read(p[1], make([]byte, 1))
	t.Errno("read of the writing end", err, unix.EBADF)
	unix.Close(p[0])
	_, err = unix.Write(p[1], []byte("x"))
	t.Errno("write without a reader", err, unix.EPIPE)
	for _, cmd := range []int{unix.F_GETFL, unix.F_GETFD, unix.F_GETPIPE_SZ} {
		v, err := unix.FcntlInt(uintptr(p[1]), cmd, 0)
		t.ObserveRet(fmt.Sprintf("fcntl %d", cmd), v, err)
	}
}

func packets(t *harness.T) {
	var p [2]int
	t.Must("pipe2", unix.Pipe2(p[:], unix.O_DIRECT|unix.O_NONBLOCK))
	var want, got []int
	for _, size := range []int{1, 100, 4096, 7} {
		_, err := unix.Write(p[1], harness.Pattern(size))
		t.Must("write", err)
		want = append(want, size)
	}
	b := make([]byte, 10000)
	for {
		n, err := unix.Read(p[0], b)
		if err != nil {
			t.ObserveErr("at the end", err)
			break
		}
		got = append(got, n)
	}
	t.Diff("packets", got, want)
}
