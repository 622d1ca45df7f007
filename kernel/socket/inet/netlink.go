// SPDX-License-Identifier: Apache-2.0

// This file is AF_NETLINK's requests (netlink(7), rtnetlink(7), sock_diag(7)): which the host answers, and which are answered here.

package inet

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// netlinkError says why there is no such socket of AF_NETLINK.
func netlinkError(kind, protocol int) error {
	switch {
	case kind != unix.SOCK_RAW && kind != unix.SOCK_DGRAM:
		return unix.ESOCKTNOSUPPORT
	case protocol != unix.NETLINK_ROUTE && protocol != unix.NETLINK_SOCK_DIAG && !placeholder(protocol):
		return unix.EPROTONOSUPPORT
	}
	return nil
}

// placeholder tells whether the host must not know the protocol: the socket that it gives stands for one on which nothing comes.
// There are no devices that could come and go, and nobody audits.
func placeholder(protocol int) bool {
	return protocol == unix.NETLINK_KOBJECT_UEVENT || protocol == unix.NETLINK_AUDIT
}

// hostProtocol is the protocol of the host's socket.
func hostProtocol(protocol int) int {
	if placeholder(protocol) {
		return unix.NETLINK_ROUTE
	}
	return protocol
}

// verdict is what becomes of a request.
type verdict int

const (
	pass  verdict = -1 // the host answers
	quiet verdict = -2 // nobody does
	ours  verdict = -3 // a Diagnosis does
	// Otherwise it is acknowledged with this errno.
)

// judge looks at one message.
func (s *Socket) judge(ctx vfs.Ctx, m []byte) verdict {
	n := s.nl
	kind, flags := binary.NativeEndian.Uint16(m[4:]), binary.NativeEndian.Uint16(m[6:])
	const least = 0x10 // NLMSG_MIN_TYPE
	if n.protocol != unix.NETLINK_KOBJECT_UEVENT && (flags&unix.NLM_F_REQUEST == 0 || kind < least) {
		if placeholder(n.protocol) {
			return acknowledged(flags, 0)
		}
		return pass // netlink_rcv_skb acknowledges it, if that is asked for
	}
	switch n.protocol {
	case unix.NETLINK_ROUTE:
		return s.judgeRoute(ctx, kind, flags, m)
	case unix.NETLINK_SOCK_DIAG:
		return judgeDiag(kind, m[unix.SizeofNlMsghdr:])
	case unix.NETLINK_AUDIT:
		return acknowledged(flags, auditErrno(ctx.Creds(), kind))
	}
	return quiet
}

func acknowledged(flags uint16, errno unix.Errno) verdict {
	if errno == 0 && flags&unix.NLM_F_ACK == 0 {
		return quiet
	}
	return verdict(errno)
}

const (
	sockDiagByFamily = 20
	sockDestroy      = 21
	diagFamily       = 0 // offset of sdiag_family
	diagProtocol     = 1 // of sdiag_protocol
)

// Diagnosis answers a question about the sockets of a family that the host knows nothing of: the bodies of as many messages, of more than
// one only if dump.
type Diagnosis func(ctx vfs.Ctx, n *netns.Network, request []byte, dump bool) ([][]byte, error)

// UnixDiagnosis is AF_UNIX's; nil: there is none. It is set before there are sockets.
var UnixDiagnosis Diagnosis

// judgeDiag lets questions about TCP and UDP through. What others there are only the sandbox knows: who asks reads /proc/net when that
// is ENOENT, as of a kernel without the module.
func judgeDiag(kind uint16, request []byte) verdict {
	switch {
	case kind == sockDestroy:
		return verdict(unix.EPERM)
	case kind != sockDiagByFamily || len(request) < 2:
		return verdict(unix.EINVAL)
	}
	family, protocol := request[diagFamily], request[diagProtocol]
	if family >= unix.AF_MAX {
		return verdict(unix.EINVAL)
	}
	if family == unix.AF_UNIX && UnixDiagnosis != nil {
		return ours
	}
	inet := family == unix.AF_INET || family == unix.AF_INET6
	if inet && (protocol == unix.IPPROTO_TCP || protocol == unix.IPPROTO_UDP || protocol == unix.IPPROTO_UDPLITE) {
		return pass
	}
	return verdict(unix.ENOENT)
}

// auditErrno is audit_netlink_ok of a pid namespace that is not the first, where auditing is off.
func auditErrno(c *cred.Creds, kind uint16) unix.Errno {
	const (
		get, set, list, add, del, user = 1000, 1001, 1002, 1003, 1004, 1005
		signalInfo, getFeature         = 1010, 1019 // and what lies between
		firstUser, lastUser            = 1100, 1199
		firstUser2, lastUser2          = 2100, 2999
	)
	switch {
	case kind == list || kind == add || kind == del:
		return unix.EOPNOTSUPP
	case kind == user || kind >= firstUser && kind <= lastUser || kind >= firstUser2 && kind <= lastUser2:
		if !c.Capable(unix.CAP_AUDIT_WRITE) {
			return unix.EPERM
		}
		return 0
	case kind == get || kind == set || kind >= signalInfo && kind <= getFeature:
		return unix.EPERM
	}
	return unix.EINVAL
}

// split parts a datagram's messages into those for the host and the answers of our own. What is too short for a
// request the host overlooks.
func (s *Socket) split(ctx vfs.Ctx, p []byte) (host []byte, answers [][]byte) {
	whole := !placeholder(s.nl.protocol)
	for at := 0; len(p)-at >= unix.SizeofNlMsghdr; {
		size := uint64(binary.NativeEndian.Uint32(p[at:]))
		if size < unix.SizeofNlMsghdr || size > uint64(len(p)-at) {
			break // netlink_rcv_skb ends there
		}
		m := p[at : at+int(size)]
		end := at + int(min(uint64(len(p)-at), (size+3)&^3))
		v := s.judge(ctx, m)
		if v == pass {
			host = append(host, p[at:end]...)
		} else if whole = false; v == ours {
			answers = append(answers, s.diagnose(ctx, m)...)
		} else if v >= 0 {
			answers = append(answers, s.nl.acknowledge(m, unix.Errno(v)))
		}
		at = end
	}
	if whole {
		return p, nil
	}
	return host, answers
}

// diagnose answers a question of SOCK_DIAG, in datagrams as long as Linux's.
func (s *Socket) diagnose(ctx vfs.Ctx, m []byte) (datagrams [][]byte) {
	flags := binary.NativeEndian.Uint16(m[6:])
	dump := flags&unix.NLM_F_DUMP != 0
	bodies, err := UnixDiagnosis(ctx, s.net, m[unix.SizeofNlMsghdr:], dump)
	if errno, ok := err.(unix.Errno); ok {
		return [][]byte{s.nl.acknowledge(m, errno)}
	}
	multi := uint16(0)
	if dump {
		multi = unix.NLM_F_MULTI
	}
	const goodSize = 3776 // NLMSG_GOODSIZE
	var d []byte
	for _, b := range bodies {
		b = s.nl.reply(m, sockDiagByFamily, multi, b)
		if len(d) > 0 && len(d)+len(b) > goodSize {
			datagrams, d = append(datagrams, d), nil
		}
		d = append(d, b...)
	}
	if len(d) > 0 {
		datagrams = append(datagrams, d)
	}
	switch {
	case dump:
		return append(datagrams, s.nl.reply(m, unix.NLMSG_DONE, multi, make([]byte, 4)))
	case flags&unix.NLM_F_ACK != 0:
		return append(datagrams, s.nl.acknowledge(m, 0))
	}
	return datagrams
}

// reply is a message that answers m.
func (n *netlink) reply(m []byte, kind, flags uint16, body []byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = append(b, m[8:12]...) // nlmsg_seq
	b = binary.NativeEndian.AppendUint32(b, n.port)
	return append(b, body...)
}

// Tell queues a datagram of the kernel's own. It does nothing to a socket of another family: see IsNetlink.
func (s *Socket) Tell(p []byte) {
	if s.nl == nil {
		return
	}
	s.mu.Lock()
	s.nl.answers = append(s.nl.answers, p)
	s.mu.Unlock()
	s.queue.Notify(wait.Readable)
}

// IsNetlink tells whether the socket is one of AF_NETLINK.
func (s *Socket) IsNetlink() bool { return s.nl != nil }

// acknowledge is the NLMSG_ERROR that answers a message (netlink_ack).
func (n *netlink) acknowledge(m []byte, errno unix.Errno) []byte {
	const capped = 0x100 // NLM_F_CAPPED
	echo, flags := m, uint16(0)
	if errno == 0 || n.capAck {
		echo, flags = m[:unix.SizeofNlMsghdr], capped
	}
	body := binary.NativeEndian.AppendUint32(nil, uint32(-int32(errno)))
	return n.reply(m, unix.NLMSG_ERROR, flags, append(body, echo...))
}

// relabel puts the sandbox's own port ids, owners and inodes into what the host answered.
func (s *Socket) relabel(p []byte) {
	n := s.nl
	var own map[uint64]Owner
	for len(p) >= unix.SizeofNlMsghdr {
		size := int(min(uint64(binary.NativeEndian.Uint32(p)), uint64(len(p))))
		if size < unix.SizeofNlMsghdr {
			return
		}
		if port, ok := ports.virtual(s.net, n.protocol, binary.NativeEndian.Uint32(p[12:])); ok {
			binary.NativeEndian.PutUint32(p[12:], port)
		}
		if n.protocol == unix.NETLINK_SOCK_DIAG && binary.NativeEndian.Uint16(p[4:]) == sockDiagByFamily {
			if own == nil {
				own = Owners()
			}
			relabelDiag(p[unix.SizeofNlMsghdr:size], own)
		}
		p = p[min(len(p), (size+3)&^3):]
	}
}

// relabelDiag is relabel of a struct inet_diag_msg.
func relabelDiag(m []byte, own map[uint64]Owner) {
	const uidAt, inodeAt, size = 64, 68, 72
	if len(m) < size {
		return
	}
	if o, ok := own[uint64(binary.NativeEndian.Uint32(m[inodeAt:]))]; ok {
		binary.NativeEndian.PutUint32(m[uidAt:], uint32(o.UID))
		binary.NativeEndian.PutUint32(m[inodeAt:], uint32(o.Ino))
	}
}

// kernelName is the address of the kernel's side (struct sockaddr_nl).
var kernelName = append(binary.NativeEndian.AppendUint16(nil, unix.AF_NETLINK), bytes.Repeat([]byte{0}, 10)...)
