// SPDX-License-Identifier: Apache-2.0

// This file is the sockets below the transport protocols: raw ones (raw(7)), those of ICMP's echoes (icmp(7)), and those of devices
// (packet(7)). The host makes them wherever it lets the kernel process; who else may have one is decided here.

package inet

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// rawError is inet_create's check.
func rawError(c *cred.Creds, n *netns.Network) error {
	if !n.Capable(c, unix.CAP_NET_RAW) {
		return unix.EPERM
	}
	return nil
}

// packetError is packet_create's. The obsolete SOCK_PACKET is not there.
func packetError(c *cred.Creds, n *netns.Network, kind int) error {
	switch {
	case !n.Capable(c, unix.CAP_NET_RAW):
		return unix.EPERM
	case kind != unix.SOCK_RAW && kind != unix.SOCK_DGRAM:
		return unix.ESOCKTNOSUPPORT
	}
	return nil
}

// pings tells whether a protocol is that of a family's echoes.
func pings(family, protocol int) bool {
	return family == unix.AF_INET && protocol == unix.IPPROTO_ICMP || family == unix.AF_INET6 && protocol == unix.IPPROTO_ICMPV6
}

// pingError is ping_init_sock's check: who is in a group of net.ipv4.ping_group_range.
func pingError(c *cred.Creds, n *netns.Network) error {
	low, high := n.PingRange()
	for _, g := range append([]cred.GID{c.EGID}, c.Groups...) {
		if low <= g && g <= high {
			return nil
		}
	}
	return unix.EACCES
}

// lowOptions are the options of these sockets alone.
var lowOptions = map[int]map[int]bool{
	unix.SOL_RAW:        set(unix.ICMP_FILTER, unix.IPV6_CHECKSUM),
	unix.IPPROTO_ICMPV6: set(unix.ICMPV6_FILTER),
	unix.IPPROTO_IP:     set(unix.IP_HDRINCL),
	unix.IPPROTO_IPV6:   set(unix.IPV6_CHECKSUM, unix.IPV6_HDRINCL),
	unix.SOL_PACKET: set(unix.PACKET_ADD_MEMBERSHIP, unix.PACKET_DROP_MEMBERSHIP, unix.PACKET_STATISTICS, unix.PACKET_AUXDATA,
		unix.PACKET_ORIGDEV, unix.PACKET_VERSION, unix.PACKET_HDRLEN, unix.PACKET_RESERVE, unix.PACKET_LOSS, unix.PACKET_VNET_HDR,
		unix.PACKET_TIMESTAMP, unix.PACKET_FANOUT, unix.PACKET_TX_HAS_OFF, unix.PACKET_QDISC_BYPASS, unix.PACKET_ROLLOVER_STATS,
		unix.PACKET_IGNORE_OUTGOING, unix.PACKET_COPY_THRESH, unix.PACKET_RX_RING, unix.PACKET_TX_RING),
}

// Mappable implements vfs.FileOps: the rings of packets are memory of the host's socket. Nothing can be mapped of others; TCP's pages
// would not be those of the application.
func (s *Socket) Mappable(_ vfs.Ctx, _ *vfs.File, prot, _ uint32) (int, error) {
	switch {
	case s.family == unix.AF_PACKET:
	case s.stream && prot&(unix.PROT_WRITE|unix.PROT_EXEC) != 0: // tcp_mmap
		return -1, unix.EPERM
	default:
		return -1, unix.ENODEV
	}
	return s.fd, nil
}
