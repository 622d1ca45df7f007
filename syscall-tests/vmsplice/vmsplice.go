// SPDX-License-Identifier: Apache-2.0

// Package vmsplice tests vmsplice from Go: memory goes in, and out again.
package vmsplice

import (
	"bytes"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("there_and_back", "", thereAndBack)
	harness.Case("errnos", "", errnos)
}

func iov(b []byte) []unix.Iovec {
	v := []unix.Iovec{{Base: unsafe.SliceData(b)}}
	v[0].SetLen(len(b))
	return v
}

func thereAndBack(t *harness.T) {
	var p [2]int
	t.Must("pipe", unix.Pipe(p[:]))
	data, got := harness.Pattern(10000), make([]byte, 10000)
	n, err := unix.Vmsplice(p[1], iov(data), 0)
	t.ObserveRet("in", n, err)
	n, err = unix.Vmsplice(p[0], iov(got), 0)
	t.ObserveRet("out", n, err)
	t.Check(bytes.Equal(data, got), "the bytes differ")
}

func errnos(t *harness.T) {
	var p [2]int
	t.Must("pipe", unix.Pipe(p[:]))
	vm := func(fd, flags int) error {
		_, err := unix.Vmsplice(fd, iov(make([]byte, 8)), flags)
		return err
	}
	t.Tries(
		harness.Try("closed", unix.EBADF, vm(998, 0)),
		harness.Try("not a pipe", unix.EBADF, vm(t.FD("f", unix.O_CREAT|unix.O_RDWR), 0)),
		harness.Try("flags", unix.EINVAL, vm(p[1], 0x100)),
		harness.Try("empty", unix.EAGAIN, vm(p[0], unix.SPLICE_F_NONBLOCK)),
	)
}
