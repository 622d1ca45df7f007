// SPDX-License-Identifier: Apache-2.0

// Package sendmsg tests sendmsg from Go: descriptors that travel, and packets that are cut.
package sendmsg

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("rights", "", rights)
	harness.Case("packets", "", packets)
}

var types = []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET}

func pair(t *harness.T, typ int) (int, int) {
	s, err := unix.Socketpair(unix.AF_UNIX, typ|unix.SOCK_CLOEXEC, 0)
	t.Must("socketpair", err)
	return s[0], s[1]
}

// Descriptors that are sent work at the other end, and are others.
func rights(t *harness.T) {
	for _, typ := range types {
		a, b := pair(t, typ)
		t.Must("write", os.WriteFile("f", []byte("content"), 0o644))
		f := t.FD("f", unix.O_RDONLY)
		t.Must("sendmsg", unix.Sendmsg(a, []byte("two"), unix.UnixRights(f, f), nil, 0))
		buf, oob := make([]byte, 16), make([]byte, 64)
		n, oobn, flags, _, err := unix.Recvmsg(b, buf, oob, unix.MSG_CMSG_CLOEXEC)
		t.Must("recvmsg", err)
		t.Observe(fmt.Sprintf("type %d", typ), "%q, %d bytes of control, flags %#x", buf[:n], oobn, flags)
		msgs, err := unix.ParseSocketControlMessage(oob[:oobn])
		t.Must("parse", err)
		fds, err := unix.ParseUnixRights(&msgs[0])
		t.Must("rights", err)
		t.Equal("descriptors", len(fds), 2)
		for _, fd := range fds {
			t.Check(fd != f, "it is the same number")
			n, err := unix.Pread(fd, buf, 0)
			t.Must("pread", err)
			t.Equal("content", string(buf[:n]), "content")
		}
	}
}

func packets(t *harness.T) {
	for _, typ := range types {
		a, b := pair(t, typ)
		for i, size := range []int{1, 10, 100} {
			t.Must("send", unix.Send(a, harness.Pattern(size), 0))
			buf := make([]byte, 10)
			n, from, err := unix.Recvfrom(b, buf, unix.MSG_TRUNC|unix.MSG_PEEK)
			t.Observe(fmt.Sprintf("type %d, %d: peek", typ, i), "%d %v %s", n, from, harness.ErrnoName(err))
			n, _, err = unix.Recvfrom(b, buf, 0)
			t.ObserveRet(fmt.Sprintf("type %d, %d", typ, i), n, err)
		}
		_, _, err := unix.Recvfrom(b, make([]byte, 1000), unix.MSG_DONTWAIT)
		t.ObserveErr(fmt.Sprintf("type %d, then", typ), err)
	}
}
