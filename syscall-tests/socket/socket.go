// SPDX-License-Identifier: Apache-2.0

// Package socket tests socket from Go: a table of families, types and protocols.
package socket

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("table", "", table)
	harness.Case("interfaces", "", interfaces)
	harness.Case("not_connected", "", notConnected)
}

func table(t *harness.T) {
	for _, family := range []int{unix.AF_UNIX, unix.AF_UNSPEC, 200, -1} {
		for _, typ := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET, unix.SOCK_RAW, unix.SOCK_RDM, 0, 11, 1 << 20} {
			for _, proto := range []int{0, 1, 5} {
				fd, err := unix.Socket(family, typ, proto)
				t.ObserveErr(fmt.Sprintf("%d %d %d", family, typ, proto), err)
				unix.Close(fd)
			}
		}
	}
}

func notConnected(t *harness.T) {
	for _, typ := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET} {
		fd, err := unix.Socket(unix.AF_UNIX, typ|unix.SOCK_NONBLOCK, 0)
		t.Must("socket", err)
		_, err = unix.Read(fd, make([]byte, 4))
		t.ObserveErr(fmt.Sprintf("%d: read", typ), err)
		t.ObserveErr(fmt.Sprintf("%d: send", typ), unix.Send(fd, []byte("x"), unix.MSG_NOSIGNAL))
		_, err = unix.Getpeername(fd)
		t.ObserveErr(fmt.Sprintf("%d: getpeername", typ), err)
		_, _, err = unix.Accept(fd)
		t.ObserveErr(fmt.Sprintf("%d: accept", typ), err)
		t.ObserveErr(fmt.Sprintf("%d: listen", typ), unix.Listen(fd, 1))
	}
}

// interfaces asks by AF_NETLINK what network there is.
func interfaces(t *harness.T) {
	list, err := net.Interfaces()
	t.Must("interfaces", err)
	for _, i := range list {
		if i.Flags&net.FlagLoopback == 0 {
			continue
		}
		t.Observe("loopback", "%s %d %d %v", i.Name, i.Index, i.MTU, i.Flags)
		addrs, err := i.Addrs()
		t.Must("addresses", err)
		t.Observe("addresses", "%v", addrs)
	}
	for _, typ := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_RAW, unix.SOCK_SEQPACKET} {
		fd, err := unix.Socket(unix.AF_NETLINK, typ, unix.NETLINK_ROUTE)
		t.ObserveErr(fmt.Sprintf("type %d", typ), err)
		unix.Close(fd)
	}
}
