// SPDX-License-Identifier: Apache-2.0

// This file is what only the privileged may set or send. The host lets the kernel process do all of it where the network is the
// sandbox's own.

package inet

import (
	"encoding/binary"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/hostio"
)

// admin and raw tell who has which capability over the socket's network.
func (s *Socket) admin(c *cred.Creds) bool { return s.net.Capable(c, unix.CAP_NET_ADMIN) }
func (s *Socket) raw(c *cred.Creds) bool   { return s.net.Capable(c, unix.CAP_NET_RAW) }
func (s *Socket) either(c *cred.Creds) bool {
	return s.raw(c) || s.admin(c)
}

// number is an option's value, 0 if it has none.
func number(value []byte) int32 {
	if len(value) < 4 {
		return 0
	}
	return int32(binary.NativeEndian.Uint32(value))
}

// privileged is the checks of sk_setsockopt and of the protocols' own.
func (s *Socket) privileged(c *cred.Creds, level, name int, value []byte) error {
	v := number(value)
	ok := true
	if s.nl != nil && level != unix.SOL_SOCKET && level != unix.SOL_NETLINK || level == unix.IPPROTO_IPV6 && s.family != unix.AF_INET6 {
		return nil // the host knows no such options of this socket
	}
	switch level {
	case unix.SOL_NETLINK:
		ok = s.nl == nil || name != unix.NETLINK_LISTEN_ALL_NSID || s.net.Capable(c, unix.CAP_NET_BROADCAST)
	case unix.SOL_SOCKET:
		switch {
		case name == unix.SO_BINDTODEVICE:
		case len(value) < 4:
			return unix.EINVAL
		case name == unix.SO_TXTIME:
			return s.mayTime(c, value)
		}
		ok = s.mayGeneric(c, name, v)
		if !ok && name == unix.SO_DEBUG {
			return unix.EACCES
		}
	case unix.IPPROTO_IP:
		if name == unix.IP_OPTIONS && !s.raw(c) && !plainOptions(value) {
			return unix.EINVAL
		}
		switch name {
		case unix.IP_TRANSPARENT:
			ok = v == 0 || s.either(c)
		case unix.IP_IPSEC_POLICY, unix.IP_XFRM_POLICY:
			ok = s.admin(c)
		}
	case unix.IPPROTO_IPV6:
		switch name {
		case unix.IPV6_TRANSPARENT:
			ok = v == 0 || s.either(c)
		case unix.IPV6_IPSEC_POLICY, unix.IPV6_XFRM_POLICY:
			ok = s.admin(c)
		case unix.IPV6_HOPOPTS, unix.IPV6_RTHDRDSTOPTS, unix.IPV6_DSTOPTS:
			ok = s.raw(c)
		case unix.IPV6_JOIN_ANYCAST:
			ok = len(value) < unix.SizeofIPv6Mreq || s.admin(c)
		}
	case unix.IPPROTO_TCP:
		ok = name != unix.TCP_CONGESTION || s.admin(c) || s.mayCongest(value)
	}
	if !ok {
		return unix.EPERM
	}
	return nil
}

// mayTime is the check of SO_TXTIME: a clock other than CLOCK_MONOTONIC is for administrators.
func (s *Socket) mayTime(c *cred.Creds, value []byte) error {
	const known = 3 // SOF_TXTIME_FLAGS_MASK
	switch {
	case len(value) != 8 || binary.NativeEndian.Uint32(value[4:])&^known != 0:
		return unix.EINVAL
	case number(value) != unix.CLOCK_MONOTONIC && !s.admin(c):
		return unix.EPERM
	}
	return nil
}

// MayFilter tells whether someone may attach a filter: to a socket of TCP only an administrator (Linux 6.18).
func (s *Socket) MayFilter(c *cred.Creds) bool { return !s.stream || s.nl != nil || s.admin(c) }

func (s *Socket) mayGeneric(c *cred.Creds, name int, v int32) bool {
	switch name {
	case unix.SO_DEBUG:
		return v == 0 || c.Capable(unix.CAP_NET_ADMIN)
	case unix.SO_SNDBUFFORCE, unix.SO_RCVBUFFORCE:
		return s.admin(c)
	case unix.SO_MARK:
		return s.either(c)
	case unix.SO_PREFER_BUSY_POLL:
		return v == 0 || s.admin(c)
	case unix.SO_BUSY_POLL_BUDGET:
		return v <= 0 || s.admin(c)
	case unix.SO_PRIORITY:
		return v >= 0 && v <= 6 || s.either(c)
	case unix.SO_BINDTODEVICE, unix.SO_BINDTOIFINDEX:
		bound, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX)
		return err != nil || bound == 0 || s.raw(c)
	}
	return true
}

// mayCongest tells whether everybody may use a congestion control. One that there isn't is the host's to refuse.
func (s *Socket) mayCongest(value []byte) bool {
	if s.net.Sysctl == nil {
		return true
	}
	name, _, _ := strings.Cut(string(value), "\x00")
	allowed, err := s.net.Sysctl.Read("./ipv4/tcp_allowed_congestion_control")
	if err != nil || slices.Contains(strings.Fields(string(allowed)), name) {
		return true
	}
	available, _ := s.net.Sysctl.Read("./ipv4/tcp_available_congestion_control")
	return !slices.Contains(strings.Fields(string(available)), name)
}

// plainOptions tells whether all IP options are of those that everybody may send (__ip_options_compile).
func plainOptions(value []byte) bool {
	const end, noop = 0, 1
	const recordRoute, timestamp, looseRoute, strictRoute, alert = 7, 68, 131, 137, 148
	for len(value) > 0 && value[0] != end {
		if value[0] == noop {
			value = value[1:]
			continue
		}
		if !slices.Contains([]byte{recordRoute, timestamp, looseRoute, strictRoute, alert}, value[0]) {
			return false
		}
		if len(value) < 2 || value[1] < 2 || int(value[1]) > len(value) {
			return true // the host refuses it
		}
		value = value[value[1]:]
	}
	return true
}

// mayControl tells whether someone may send a control message.
func (s *Socket) mayControl(c *cred.Creds, level, kind uint32, data []byte) bool {
	switch level {
	case unix.SOL_SOCKET:
		if kind == unix.SO_MARK || kind == unix.SO_PRIORITY {
			return s.mayGeneric(c, int(kind), number(data))
		}
	case unix.IPPROTO_IPV6:
		switch kind {
		case unix.IPV6_HOPOPTS, unix.IPV6_2292HOPOPTS, unix.IPV6_DSTOPTS, unix.IPV6_2292DSTOPTS, unix.IPV6_RTHDRDSTOPTS:
			return s.raw(c)
		}
	}
	return true
}

// changeDevice is an ioctl that sets something of a device (dev_ioctl): EPERM.
func (s *Socket) changeDevice(c *cred.Creds, cmd uint32, p []byte) error {
	if !s.admin(c) {
		return unix.EPERM
	}
	return hostio.Ioctl(s.fd, cmd, p)
}
