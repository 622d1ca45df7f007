// SPDX-License-Identifier: Apache-2.0

// This file lets the sandbox ask about its network: AF_NETLINK's routing family (rtnetlink(7)), as far as it only tells.

package inet

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// netlinkError says why there is no such socket of AF_NETLINK.
func netlinkError(kind, protocol int) error {
	switch {
	case kind != unix.SOCK_RAW && kind != unix.SOCK_DGRAM:
		return unix.ESOCKTNOSUPPORT
	case protocol != unix.NETLINK_ROUTE:
		return unix.EPROTONOSUPPORT
	}
	return nil
}

// questions are the requests that the host gets.
var questions = map[uint16]bool{
	unix.RTM_GETLINK: true, unix.RTM_GETADDR: true, unix.RTM_GETROUTE: true, unix.RTM_GETNEIGH: true, unix.RTM_GETRULE: true,
	unix.NLMSG_NOOP: true, unix.NLMSG_DONE: true,
}

// onlyAsks looks at the requests of one message: EPERM if one of them is no question. What is too short for a
// request the host overlooks.
func onlyAsks(p []byte) error {
	for len(p) >= unix.SizeofNlMsghdr {
		size := binary.NativeEndian.Uint32(p)
		if size < unix.SizeofNlMsghdr || uint64(size) > uint64(len(p)) {
			return nil // netlink_rcv_skb ends there
		}
		if !questions[binary.NativeEndian.Uint16(p[4:])] {
			return unix.EPERM
		}
		p = p[min(uint64(len(p)), (uint64(size)+3)&^3):]
	}
	return nil
}
