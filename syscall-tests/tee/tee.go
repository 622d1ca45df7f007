// SPDX-License-Identifier: Apache-2.0

// Package tee tests tee from Go: a stream that is copied on its way.
package tee

import (
	"bytes"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("copies_a_stream", "", copies)
	harness.Case("errnos", "", errnos)
}

func copies(t *harness.T) {
	var a, b [2]int
	t.Must("pipe", unix.Pipe(a[:]))
	t.Must("pipe", unix.Pipe(b[:]))
	data := harness.Pattern(40000)
	unix.Write(a[1], data)
	n, err := unix.Tee(a[0], b[1], 100000, 0)
	t.ObserveRet("tee", int(n), err)
	for i, fd := range []int{a[0], b[0]} {
		got := make([]byte, 100000)
		n, err := unix.Read(fd, got)
		t.Must("read", err)
		t.Check(bytes.Equal(got[:n], data), "pipe %d differs", i)
	}
}

func errnos(t *harness.T) {
	var a, b [2]int
	t.Must("pipe", unix.Pipe(a[:]))
	t.Must("pipe", unix.Pipe(b[:]))
	tee := func(in, out, flags int) error {
		_, err := unix.Tee(in, out, 1, flags)
		return err
	}
	t.Tries(
		harness.Try("one pipe", unix.EINVAL, tee(a[0], a[1], 0)),
		harness.Try("not a pipe", unix.EINVAL, tee(a[0], t.FD("f", unix.O_CREAT|unix.O_RDWR), 0)),
		harness.Try("closed", unix.EBADF, tee(998, b[1], 0)),
		harness.Try("empty", unix.EAGAIN, tee(a[0], b[1], unix.SPLICE_F_NONBLOCK)),
	)
}
