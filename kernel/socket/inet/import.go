// SPDX-License-Identifier: Apache-2.0

// This file is sockets that the sandbox is handed by the host (socket activation).

package inet

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/netns"
)

// Import is a socket of AF_INET or AF_INET6 that the host has made, wherever, as one of a network namespace. It takes
// over the descriptor, whose O_NONBLOCK is set: no other sleeps on the host.
// EAFNOSUPPORT, ESOCKTNOSUPPORT.
func Import(c *cred.Creds, n *netns.Network, fd int) (*Socket, error) {
	family, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return nil, err
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	switch {
	case err != nil:
		return nil, err
	case family != unix.AF_INET && family != unix.AF_INET6 || poller.Load() == nil:
		return nil, unix.EAFNOSUPPORT
	case kind != unix.SOCK_STREAM && kind != unix.SOCK_DGRAM:
		return nil, unix.ESOCKTNOSUPPORT
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	return watch(&Socket{fd: fd, net: n, family: family, kind: kind, stream: kind == unix.SOCK_STREAM, ports: true, owner: c})
}
