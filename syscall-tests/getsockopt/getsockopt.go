// SPDX-License-Identifier: Apache-2.0

// Package getsockopt tests getsockopt from Go: options by table, for sockets of every type.
package getsockopt

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("table", "", table)
	harness.Case("timeouts", "", timeouts)
}

var types = []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET}

func pair(t *harness.T, typ int) (int, int) {
	s, err := unix.Socketpair(unix.AF_UNIX, typ|unix.SOCK_CLOEXEC, 0)
	t.Must("socketpair", err)
	return s[0], s[1]
}

func table(t *harness.T) {
	for _, typ := range types {
		a, _ := pair(t, typ)
		for _, opt := range []int{unix.SO_TYPE, unix.SO_DOMAIN, unix.SO_PROTOCOL, unix.SO_ERROR, unix.SO_SNDBUF, unix.SO_RCVBUF,
			unix.SO_PASSCRED, unix.SO_REUSEADDR, unix.SO_KEEPALIVE, unix.SO_ACCEPTCONN, unix.SO_RCVLOWAT, 5555} {
			v, err := unix.GetsockoptInt(a, unix.SOL_SOCKET, opt)
			t.ObserveRet(fmt.Sprintf("type %d, option %d", typ, opt), v, err)
			for _, value := range []int{1, 0, 10000} {
				err := unix.SetsockoptInt(a, unix.SOL_SOCKET, opt, value)
				t.ObserveErr(fmt.Sprintf("type %d, option %d = %d", typ, opt, value), err)
				v, err = unix.GetsockoptInt(a, unix.SOL_SOCKET, opt)
				t.ObserveRet(fmt.Sprintf("type %d, option %d = %d, then", typ, opt, value), v, err)
			}
		}
		c, err := unix.GetsockoptUcred(a, unix.SOL_SOCKET, unix.SO_PEERCRED)
		t.Must("SO_PEERCRED", err)
		t.Equal("peer", int(c.Pid), unix.Getpid())
		t.Equal("user", int(c.Uid), unix.Getuid())
	}
}

func timeouts(t *harness.T) {
	a, _ := pair(t, unix.SOCK_STREAM)
	t.Must("set", unix.SetsockoptTimeval(a, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 20000}))
	err := error(unix.EINTR) // the runtime's own signals may end the wait, which is not restarted
	for err == unix.EINTR {
		_, err = unix.Read(a, make([]byte, 1))
	}
	t.ObserveErr("read", err)
	t.Errno("microseconds", unix.SetsockoptTimeval(a, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 1e6}), unix.EDOM)
}
