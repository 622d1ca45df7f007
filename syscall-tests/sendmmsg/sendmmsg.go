// SPDX-License-Identifier: Apache-2.0

// Package sendmmsg tests sendmmsg from Go: a row of messages in one call.
package sendmmsg

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("row", "", row)
	harness.Case("errnos", "", errnos)
}

var types = []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET}

func pair(t *harness.T, typ int) (int, int) {
	s, err := unix.Socketpair(unix.AF_UNIX, typ|unix.SOCK_CLOEXEC, 0)
	t.Must("socketpair", err)
	return s[0], s[1]
}

type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
	_   uint32
}

func vector(bufs [][]byte) []mmsghdr {
	v := make([]mmsghdr, len(bufs))
	for i, b := range bufs {
		iov := &unix.Iovec{Base: unsafe.SliceData(b)}
		iov.SetLen(len(b))
		v[i].hdr.Iov, v[i].hdr.Iovlen = iov, 1
	}
	return v
}

func call(nr uintptr, fd int, v []mmsghdr, flags int) (int, error) {
	return harness.Sys(nr, fd, unsafe.Pointer(unsafe.SliceData(v)), len(v), flags, nil)
}

func row(t *harness.T) {
	for _, typ := range types[1:] {
		a, b := pair(t, typ)
		out := vector([][]byte{[]byte("one"), []byte("three"), []byte("x")})
		n, err := call(unix.SYS_SENDMMSG, a, out, 0)
		t.ObserveRet(fmt.Sprintf("type %d, sent", typ), n, err)
		bufs := [][]byte{make([]byte, 4), make([]byte, 4), make([]byte, 4), make([]byte, 4)}
		in := vector(bufs)
		n, err = call(unix.SYS_RECVMMSG, b, in, unix.MSG_WAITFORONE)
		t.ObserveRet(fmt.Sprintf("type %d, received", typ), n, err)
		for i := range in {
			t.Observe(fmt.Sprintf("type %d, %d", typ, i), "sent %d, received %d %q flags %#x", out[min(i, 2)].len, in[i].len, bufs[i], in[i].hdr.Flags)
		}
	}
}

func errnos(t *harness.T) {
	a, _ := pair(t, unix.SOCK_DGRAM)
	for _, nr := range []uintptr{unix.SYS_SENDMMSG, unix.SYS_RECVMMSG} {
		_, err := call(nr, 998, vector([][]byte{{1}}), 0)
		t.Errno("closed", err, unix.EBADF)
		_, err = call(nr, 0, vector([][]byte{{1}}), 0)
		t.Errno("no socket", err, unix.ENOTSOCK)
		_, err = harness.Sys(nr, a, 16, 1, unix.MSG_DONTWAIT, nil)
		t.Errno("bad vector", err, unix.EFAULT)
		n, err := call(nr, a, nil, 0)
		t.ObserveRet(fmt.Sprintf("%d of none", nr), n, err)
	}
}
