// SPDX-License-Identifier: Apache-2.0

package inet

import (
	"encoding/binary"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/socket"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// OptionMax is the size of the longest value that an option has.
const OptionMax = 1024

// AskedByValue tells whether getsockopt looks at what the value was before.
func AskedByValue(level, name int) bool {
	switch level {
	case unix.IPPROTO_IP:
		return name == unix.IP_MSFILTER || name == unix.MCAST_MSFILTER
	case unix.IPPROTO_IPV6:
		return name == ipv6FlowlabelMgr || name == unix.MCAST_MSFILTER
	}
	return false
}

// Option is getsockopt(2)'s value, cut to the room for it, of which given is what was there before (AskedByValue): ENOPROTOOPT for
// what is not in the list.
func (s *Socket) Option(level, name, room int, given []byte) ([]byte, error) {
	if level == unix.SOL_SOCKET && name == unix.SO_PEERGROUPS {
		return nil, unix.ENODATA // no credentials go along
	}
	if level == unix.SOL_SOCKET && name == unix.SO_PEERPIDFD {
		return nil, unix.ENODATA
	}
	if !known(level, name) {
		if s.family == unix.AF_INET && !s.speaks(level) {
			return nil, unix.EOPNOTSUPP // do_ip_getsockopt
		}
		if room < 0 && level != unix.IPPROTO_IPV6 {
			return nil, unix.EINVAL
		}
		return nil, unix.ENOPROTOOPT
	}
	if level == unix.SOL_SOCKET {
		if v := s.ownOption(name); v != nil {
			return v[:min(len(v), room)], nil
		}
	}
	switch {
	case room < 0:
		return hostio.NegativeGetsockopt(s.fd, level, name, given)
	case s.stream && level == unix.IPPROTO_TCP && name == unix.TCP_ZEROCOPY_RECEIVE:
		return nil, unix.EINVAL // nothing is mapped
	}
	v := make([]byte, min(room, OptionMax))
	copy(v, given)
	n, err := hostio.Getsockopt(s.fd, level, name, v)
	return v[:n], err
}

// MayAsk is what getsockopt(2) finds wrong with an option before it looks at the length: a level that the socket does not
// speak, multicast routing (ip_mroute_getsockopt).
func (s *Socket) MayAsk(level, name int) error {
	switch {
	case !s.stream && !s.isUDP() && s.nl == nil:
		return nil
	case s.isMulticastRouting(level, name):
		return unix.EOPNOTSUPP
	case s.speaks(level), s.nl == nil && s.family == unix.AF_INET6 && level == unix.IPPROTO_IPV6:
		return nil
	case s.nl == nil && s.family == unix.AF_INET:
		return unix.EOPNOTSUPP
	}
	return unix.ENOPROTOOPT
}

// isUDP: there is UDP-Lite too, whose options are the same.
func (s *Socket) isUDP() bool {
	return s.ports && !s.stream && s.nl == nil && (s.family == unix.AF_INET || s.family == unix.AF_INET6)
}

// isMulticastRouting tells whether an option is of that (MRT_BASE to MRT_MAX), which is for raw sockets.
func (s *Socket) isMulticastRouting(level, name int) bool {
	const first, last = 200, 212
	if s.nl != nil || !s.stream && !s.ports || name < first || name > last {
		return false
	}
	return level == unix.IPPROTO_IP || level == unix.IPPROTO_IPV6 && s.family == unix.AF_INET6
}

// unknownOption is what is wrong with setting an option that is none: some protocols look at the value before the name.
func (s *Socket) unknownOption(level, name, length int, readable bool) error {
	own := s.stream && level == unix.IPPROTO_TCP || s.isUDP() && (level == unix.IPPROTO_UDP || level == unix.IPPROTO_UDPLITE)
	reads := own || level == unix.SOL_SOCKET || s.nl != nil && level == unix.SOL_NETLINK ||
		s.nl == nil && s.family == unix.AF_INET6 && level == unix.IPPROTO_IPV6
	switch {
	case length < 4 && (own || level == unix.SOL_SOCKET):
		return unix.EINVAL
	case length >= 4 && reads && !readable:
		return unix.EFAULT
	case s.isMulticastRouting(level, name):
		return unix.EOPNOTSUPP
	}
	return unix.ENOPROTOOPT
}

// speaks tells whether a level is one of the socket's.
func (s *Socket) speaks(level int) bool {
	own := unix.IPPROTO_UDP
	switch {
	case s.nl != nil:
		return level == unix.SOL_SOCKET || level == unix.SOL_NETLINK
	case s.isUDP() && level == unix.IPPROTO_UDPLITE:
		return true
	case s.stream:
		own = unix.IPPROTO_TCP
	case !s.ports:
		own = unix.SOL_RAW
	}
	return level == unix.SOL_SOCKET || level == unix.IPPROTO_IP || level == own
}

// ownOption is the value of what is ours to know: the timeouts, an error that SetError left; nil if it isn't.
func (s *Socket) ownOption(name int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch name {
	case unix.SO_RCVTIMEO, unix.SO_RCVTIMEO_NEW:
		return socket.Timeval(s.rcvTimeo)
	case unix.SO_SNDTIMEO, unix.SO_SNDTIMEO_NEW:
		return socket.Timeval(s.sndTimeo)
	case unix.SO_PROTOCOL:
		if s.nl != nil {
			return binary.NativeEndian.AppendUint32(nil, uint32(s.nl.protocol))
		}
	case unix.SO_PASSCRED:
		if s.nl != nil {
			on := uint32(0)
			if s.nl.passCred {
				on = 1
			}
			return binary.NativeEndian.AppendUint32(nil, on)
		}
	case unix.SO_ERROR:
		if e, ok := s.err.(unix.Errno); ok {
			s.err = nil
			return binary.NativeEndian.AppendUint32(nil, uint32(e))
		}
	}
	return nil
}

// SetOption is setsockopt(2) of someone.
func (s *Socket) SetOption(c *cred.Creds, level, name int, value []byte) error {
	if !known(level, name) {
		return s.unknownOption(level, name, len(value), true)
	}
	if err := s.privileged(c, level, name, value); err != nil {
		return err
	}
	if level == unix.SOL_SOCKET {
		switch name {
		case unix.SO_RCVTIMEO, unix.SO_RCVTIMEO_NEW:
			return s.setTimeout(&s.rcvTimeo, value)
		case unix.SO_SNDTIMEO, unix.SO_SNDTIMEO_NEW:
			return s.setTimeout(&s.sndTimeo, value)
		}
	}
	if level == unix.SOL_SOCKET && name == unix.SO_PASSCRED && s.nl != nil {
		if len(value) < 4 {
			return unix.EINVAL
		}
		s.mu.Lock()
		s.nl.passCred = binary.NativeEndian.Uint32(value) != 0
		s.mu.Unlock()
		return nil
	}
	if level == unix.SOL_NETLINK && s.nl != nil && placeholder(s.nl.protocol) && membership(name) {
		return nil // of groups to which nothing is ever sent
	}
	if err := s.refusedOption(level, name, len(value)); err != nil {
		return err
	}
	err := hostio.Setsockopt(s.fd, level, name, value)
	if err == nil && level == unix.IPPROTO_IPV6 && name == unix.IPV6_ADDRFORM {
		s.family = unix.AF_INET
	}
	if err == nil && s.nl != nil && level == unix.SOL_NETLINK && name == unix.NETLINK_CAP_ACK {
		s.mu.Lock()
		s.nl.capAck = len(value) >= 4 && binary.NativeEndian.Uint32(value) != 0
		s.mu.Unlock()
	}
	if err == nil && level == unix.SOL_SOCKET {
		s.note(name, value)
	}
	return err
}

func membership(name int) bool {
	return name == unix.NETLINK_ADD_MEMBERSHIP || name == unix.NETLINK_DROP_MEMBERSHIP
}

func (s *Socket) setTimeout(to *time.Duration, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return socket.SetTimeout(to, value)
}

// note keeps what decides how we wait. The host accepted the value.
func (s *Socket) note(name int, value []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch name {
	case unix.SO_RCVLOWAT:
		s.lowat = int(int32(binary.NativeEndian.Uint32(value)))
		if s.lowat < 0 {
			s.lowat = math.MaxInt32
		}
	case unix.SO_LINGER:
		on, seconds := binary.NativeEndian.Uint32(value) != 0, binary.NativeEndian.Uint32(value[4:])
		s.lingers, s.linger = on && seconds != 0, time.Duration(seconds)*time.Second
	case unix.SO_ZEROCOPY:
		s.zero.on = binary.NativeEndian.Uint32(value) != 0
	}
}

// TakeError is the pending error, which is then forgotten (sock_error).
func (s *Socket) TakeError() error {
	if err := s.takeOwnError(); err != nil {
		return err
	}
	if v, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR); err == nil && v != 0 {
		return unix.Errno(v)
	}
	return nil
}

func (s *Socket) takeOwnError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.err
	s.err = nil
	return err
}

func (s *Socket) hasOwnError() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil
}

// SetError leaves an error for the next call.
func (s *Socket) SetError(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *Socket) rdHup() bool { return hostpoll.Ready(s.fd)&(wait.RdHup|wait.Hup|wait.Err) != 0 }

// known tells whether the host is asked about an option. Those are missing that take pointers or descriptors of programs (filters), and
// that need the host's capabilities for everything they do (IPT_SO_*, MRT_*).
func known(level, name int) bool { return options[level][name] || lowOptions[level][name] }

func set(names ...int) map[int]bool {
	m := map[int]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

var options = map[int]map[int]bool{
	unix.SOL_SOCKET: set(unix.SO_DEBUG, unix.SO_REUSEADDR, unix.SO_TYPE, unix.SO_ERROR, unix.SO_DONTROUTE, unix.SO_BROADCAST,
		unix.SO_SNDBUF, unix.SO_RCVBUF, unix.SO_SNDBUFFORCE, unix.SO_RCVBUFFORCE, unix.SO_KEEPALIVE, unix.SO_OOBINLINE,
		unix.SO_NO_CHECK, unix.SO_PRIORITY, unix.SO_LINGER, unix.SO_BSDCOMPAT, unix.SO_REUSEPORT, unix.SO_PEERCRED,
		unix.SO_RCVLOWAT, unix.SO_SNDLOWAT, unix.SO_RCVTIMEO, unix.SO_SNDTIMEO, unix.SO_RCVTIMEO_NEW, unix.SO_SNDTIMEO_NEW,
		unix.SO_BINDTODEVICE, unix.SO_TIMESTAMP, unix.SO_TIMESTAMPNS, unix.SO_TIMESTAMPING, unix.SO_TIMESTAMP_NEW,
		unix.SO_TIMESTAMPNS_NEW, unix.SO_TIMESTAMPING_NEW, unix.SO_ACCEPTCONN, unix.SO_MARK, unix.SO_PROTOCOL, unix.SO_DOMAIN,
		unix.SO_RXQ_OVFL, unix.SO_PEEK_OFF, unix.SO_BUSY_POLL, unix.SO_MAX_PACING_RATE, unix.SO_INCOMING_CPU, unix.SO_COOKIE,
		unix.SO_INCOMING_NAPI_ID, unix.SO_SELECT_ERR_QUEUE, unix.SO_LOCK_FILTER, unix.SO_MEMINFO, unix.SO_BINDTOIFINDEX,
		unix.SO_TXREHASH, unix.SO_RCVMARK, unix.SO_DETACH_FILTER, unix.SO_DETACH_REUSEPORT_BPF, unix.SO_PEERNAME, unix.SO_PEERSEC, unix.SO_PASSSEC,
		unix.SO_WIFI_STATUS, unix.SO_NOFCS, unix.SO_BPF_EXTENSIONS, unix.SO_CNX_ADVICE, unix.SO_ZEROCOPY, unix.SO_TXTIME,
		unix.SO_PREFER_BUSY_POLL, unix.SO_BUSY_POLL_BUDGET, unix.SO_NETNS_COOKIE, unix.SO_BUF_LOCK, unix.SO_RESERVE_MEM,
		unix.SO_PASSCRED, unix.SO_PASSPIDFD, unix.SO_PASSRIGHTS, unix.SO_RCVPRIORITY, unix.SO_PEERGROUPS, unix.SO_PEERPIDFD,
		unix.SO_DEVMEM_LINEAR, unix.SO_DEVMEM_DMABUF, unix.SO_DEVMEM_DONTNEED, unix.SO_INQ),
	unix.IPPROTO_TCP: set(unix.TCP_NODELAY, unix.TCP_MAXSEG, unix.TCP_CORK, unix.TCP_KEEPIDLE, unix.TCP_KEEPINTVL, unix.TCP_KEEPCNT,
		unix.TCP_SYNCNT, unix.TCP_LINGER2, unix.TCP_DEFER_ACCEPT, unix.TCP_WINDOW_CLAMP, unix.TCP_INFO, unix.TCP_QUICKACK,
		unix.TCP_CONGESTION, unix.TCP_THIN_LINEAR_TIMEOUTS, unix.TCP_THIN_DUPACK, unix.TCP_USER_TIMEOUT, unix.TCP_FASTOPEN,
		unix.TCP_TIMESTAMP, unix.TCP_NOTSENT_LOWAT, unix.TCP_CC_INFO, unix.TCP_SAVE_SYN, unix.TCP_SAVED_SYN, unix.TCP_INQ,
		unix.TCP_TX_DELAY, unix.TCP_MD5SIG, unix.TCP_MD5SIG_EXT, unix.TCP_ULP, unix.TCP_REPAIR, unix.TCP_REPAIR_QUEUE, unix.TCP_QUEUE_SEQ,
		unix.TCP_REPAIR_OPTIONS, unix.TCP_REPAIR_WINDOW, unix.TCP_FASTOPEN_CONNECT, unix.TCP_FASTOPEN_KEY, unix.TCP_FASTOPEN_NO_COOKIE,
		unix.TCP_RTO_MAX_MS, unix.TCP_RTO_MIN_US, unix.TCP_DELACK_MAX_US,
		unix.TCP_ZEROCOPY_RECEIVE),
	unix.SOL_NETLINK: set(unix.NETLINK_ADD_MEMBERSHIP, unix.NETLINK_DROP_MEMBERSHIP, unix.NETLINK_LIST_MEMBERSHIPS,
		unix.NETLINK_BROADCAST_ERROR, unix.NETLINK_NO_ENOBUFS, unix.NETLINK_PKTINFO, unix.NETLINK_CAP_ACK, unix.NETLINK_EXT_ACK, unix.NETLINK_GET_STRICT_CHK,
		unix.NETLINK_LISTEN_ALL_NSID, unix.NETLINK_RX_RING, unix.NETLINK_TX_RING),
	unix.IPPROTO_UDP: set(unix.UDP_CORK, unix.UDP_SEGMENT, unix.UDP_GRO, unix.UDP_NO_CHECK6_TX, unix.UDP_NO_CHECK6_RX, unix.UDP_ENCAP),
	unix.IPPROTO_IP: set(unix.IP_TOS, unix.IP_TTL, unix.IP_OPTIONS, unix.IP_ROUTER_ALERT, unix.IP_RECVOPTS, unix.IP_RETOPTS,
		unix.IP_PKTINFO, unix.IP_MTU_DISCOVER, unix.IP_RECVERR, unix.IP_RECVTTL, unix.IP_RECVTOS, unix.IP_MTU, unix.IP_FREEBIND,
		unix.IP_PASSSEC, unix.IP_TRANSPARENT, unix.IP_RECVORIGDSTADDR, unix.IP_MINTTL, unix.IP_NODEFRAG, unix.IP_CHECKSUM,
		unix.IP_BIND_ADDRESS_NO_PORT, unix.IP_RECVFRAGSIZE, unix.IP_RECVERR_RFC4884, unix.IP_MULTICAST_IF, unix.IP_MULTICAST_TTL,
		unix.IP_MULTICAST_LOOP, unix.IP_MULTICAST_ALL, unix.IP_ADD_MEMBERSHIP, unix.IP_DROP_MEMBERSHIP,
		unix.IP_ADD_SOURCE_MEMBERSHIP, unix.IP_DROP_SOURCE_MEMBERSHIP, unix.IP_BLOCK_SOURCE, unix.IP_UNBLOCK_SOURCE,
		unix.IP_UNICAST_IF, unix.IP_LOCAL_PORT_RANGE, unix.IP_PROTOCOL, unix.MCAST_JOIN_GROUP, unix.MCAST_LEAVE_GROUP,
		unix.MCAST_JOIN_SOURCE_GROUP, unix.MCAST_LEAVE_SOURCE_GROUP, unix.MCAST_BLOCK_SOURCE, unix.MCAST_UNBLOCK_SOURCE,
		unix.IP_MSFILTER, unix.MCAST_MSFILTER, unix.IP_PKTOPTIONS, unix.IP_IPSEC_POLICY, unix.IP_XFRM_POLICY, unix.IP_HDRINCL),
	unix.IPPROTO_IPV6: set(unix.IPV6_V6ONLY, unix.IPV6_UNICAST_HOPS, unix.IPV6_MULTICAST_IF, unix.IPV6_MULTICAST_HOPS,
		unix.IPV6_MULTICAST_LOOP, unix.IPV6_MULTICAST_ALL, unix.IPV6_JOIN_GROUP, unix.IPV6_LEAVE_GROUP, unix.IPV6_MTU,
		unix.IPV6_MTU_DISCOVER, unix.IPV6_RECVERR, unix.IPV6_RECVERR_RFC4884, unix.IPV6_RECVPKTINFO, unix.IPV6_2292PKTINFO,
		unix.IPV6_RECVHOPLIMIT, unix.IPV6_2292HOPLIMIT, unix.IPV6_RECVTCLASS, unix.IPV6_TCLASS, unix.IPV6_DONTFRAG,
		unix.IPV6_RECVPATHMTU, unix.IPV6_PATHMTU, unix.IPV6_AUTOFLOWLABEL, unix.IPV6_FREEBIND, unix.IPV6_TRANSPARENT,
		unix.IPV6_RECVORIGDSTADDR, unix.IPV6_MINHOPCOUNT, unix.IPV6_RECVFRAGSIZE, unix.IPV6_UNICAST_IF, unix.IPV6_ADDR_PREFERENCES,
		unix.IPV6_PKTINFO, unix.IPV6_HOPLIMIT, unix.MCAST_JOIN_GROUP, unix.MCAST_LEAVE_GROUP, unix.MCAST_JOIN_SOURCE_GROUP,
		unix.MCAST_LEAVE_SOURCE_GROUP, unix.MCAST_BLOCK_SOURCE, unix.MCAST_UNBLOCK_SOURCE, unix.MCAST_MSFILTER, unix.IPV6_ADDRFORM,
		unix.IPV6_2292HOPOPTS, unix.IPV6_2292DSTOPTS, unix.IPV6_2292RTHDR, unix.IPV6_2292PKTOPTIONS, unix.IPV6_CHECKSUM, unix.IPV6_NEXTHOP,
		unix.IPV6_AUTHHDR, ipv6Flowinfo, unix.IPV6_ROUTER_ALERT, unix.IPV6_ROUTER_ALERT_ISOLATE, unix.IPV6_JOIN_ANYCAST,
		unix.IPV6_LEAVE_ANYCAST, ipv6FlowlabelMgr, ipv6FlowinfoSend, unix.IPV6_IPSEC_POLICY, unix.IPV6_XFRM_POLICY, unix.IPV6_HDRINCL,
		unix.IPV6_RECVHOPOPTS, unix.IPV6_HOPOPTS, unix.IPV6_RTHDRDSTOPTS, unix.IPV6_RECVRTHDR, unix.IPV6_RTHDR, unix.IPV6_RECVDSTOPTS,
		unix.IPV6_DSTOPTS),
}

// Options of IPPROTO_IPV6 that x/sys/unix has no name for.
const (
	ipv6Flowinfo     = 11
	ipv6FlowlabelMgr = 32
	ipv6FlowinfoSend = 33
)

// refusedOption are the settings that the host would grant to whoever has the rights there, or that change what is spoken on a
// connection: who asks has no such rights, and there is no such protocol.
func (s *Socket) refusedOption(level, name, length int) error {
	if level != unix.IPPROTO_TCP || !s.stream {
		return nil
	}
	switch {
	case name == unix.TCP_REPAIR && length >= 4:
		return unix.EPERM
	case name == unix.TCP_ULP && length > 0:
		return unix.ENOENT
	}
	return nil
}

// FaultyOption is setsockopt of a value that is not there: EFAULT, if nothing is wrong before that.
func (s *Socket) FaultyOption(c *cred.Creds, level, name, length int) error {
	switch {
	case !known(level, name):
		return s.unknownOption(level, name, length, false)
	case s.nl == nil && level == unix.IPPROTO_IP && (name == unix.IP_IPSEC_POLICY || name == unix.IP_XFRM_POLICY) && !s.admin(c):
		return unix.EPERM
	}
	if s.refusedOption(level, name, length) != nil {
		return unix.EFAULT
	}
	if err := hostio.FaultySetsockopt(s.fd, level, name, length); err != nil {
		return err
	}
	return unix.EFAULT
}
