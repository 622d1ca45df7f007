// SPDX-License-Identifier: Apache-2.0

// This file prints socket addresses and messages.

package strace

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
)

const maxSockaddr = 128 // sizeof(struct sockaddr_storage)

func (c *Call) sockaddr(addr user.Addr, n uint64) string {
	if addr == 0 {
		return "NULL"
	}
	b := make([]byte, min(n, maxSockaddr))
	if _, err := c.mem.CopyIn(addr, b); err != nil || len(b) < 2 {
		return address(uint64(addr))
	}
	family := binary.LittleEndian.Uint16(b)
	head := "{sa_family=" + setAddressFamily.format(uint64(family))
	switch {
	case family == unix.AF_UNIX && len(b) == 2:
		return head + "}"
	case family == unix.AF_UNIX && b[2] == 0:
		return head + ", sun_path=@" + quote(b[3:]) + "}"
	case family == unix.AF_UNIX:
		return head + ", sun_path=" + quote(zero(b[2:])) + "}"
	case family == unix.AF_INET && len(b) >= 8:
		ip := netip.AddrFrom4([4]byte(b[4:8]))
		return fmt.Sprintf(`%s, sin_port=htons(%d), sin_addr=inet_addr("%s")}`, head, binary.BigEndian.Uint16(b[2:]), ip)
	case family == unix.AF_INET6 && len(b) >= 28:
		ip := netip.AddrFrom16([16]byte(b[8:24]))
		return fmt.Sprintf(`%s, sin6_port=htons(%d), sin6_flowinfo=htonl(%d), inet_pton(AF_INET6, "%s", &sin6_addr), sin6_scope_id=%d}`,
			head, binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[4:]), ip, u32(b, 24))
	case family == unix.AF_NETLINK && len(b) >= 12:
		return fmt.Sprintf("%s, nl_pid=%d, nl_groups=%08x}", head, u32(b, 4), u32(b, 8))
	}
	return head + ", sa_data=" + quote(b[2:]) + "}"
}

// sockopt prints the value of an option: most are an int.
func (c *Call) sockopt(addr user.Addr, n uint64) string {
	if n == 4 {
		return c.memory(addr, 4, func(b []byte) string { return "[" + signed32(c, b) + "]" })
	}
	return c.buffer(addr, n)
}

// message prints a message that holds so many bytes of data; nameLength is how its length of the name reads.
func (c *Call) message(b []byte, held uint64, nameLength string) string {
	name := address(u64(b, 0))
	if u32(b, 8) > 0 {
		name = c.sockaddr(user.Addr(u64(b, 0)), uint64(u32(b, 8)))
	}
	return fmt.Sprintf("{msg_name=%s, msg_namelen=%s, msg_iov=%s, msg_iovlen=%d, msg_controllen=%d, msg_flags=%s}",
		name, nameLength, c.ranges(user.Addr(u64(b, 16)), u64(b, 24), held), u64(b, 24), u64(b, 40), setMsg.format(uint64(u32(b, 48))))
}

// msghdr prints the message of sendmsg, before the call, or of recvmsg, after it.
func (c *Call) msghdr(b []byte) string {
	length := number(uint64(u32(b, 8)))
	if !c.after {
		c.nameLength = length
		return c.message(b, ^uint64(0), length)
	}
	if c.nameLength != "" && c.nameLength != length {
		length = c.nameLength + " => " + length
	}
	return c.message(b, uint64(max(c.ret, 0)), length)
}

// mmsghdr prints one of many messages, with as much data as was sent or received.
func (c *Call) mmsghdr(b []byte) string {
	held := ^uint64(0)
	if c.after {
		held = uint64(u32(b, 56))
	}
	return "{msg_hdr=" + c.message(b, held, number(uint64(u32(b, 8)))) + ", msg_len=" + number(uint64(u32(b, 56))) + "}"
}
