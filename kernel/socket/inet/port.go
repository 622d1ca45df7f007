// SPDX-License-Identifier: Apache-2.0

// This file is the ends of AF_NETLINK: port ids are the sandbox's own, so that what it binds to meets nobody else's, and answers of the
// kernel's own wait beside the host's.

package inet

import (
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/socket"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// netlink is what a socket of AF_NETLINK has besides.
type netlink struct {
	protocol int

	// Under the socket's mu.
	bound    bool
	port     uint32 // nl_pid, once bound
	hostPort uint32
	groups   uint32
	passCred bool // SO_PASSCRED
	capAck   bool // NETLINK_CAP_ACK
	answers  [][]byte
}

type portKey struct {
	net      *netns.Network
	protocol int
	port     uint32
}

// portTable has the port ids in use. Its mu is a leaf.
type portTable struct {
	mu     sync.Mutex
	used   map[portKey]bool
	byHost map[portKey]uint32
}

var ports = portTable{used: map[portKey]bool{}, byHost: map[portKey]uint32{}}

// take takes a port id; for 0 it is the process's id, or another if that is in use (netlink_autobind).
func (t *portTable) take(n *netns.Network, protocol int, port, process uint32) (uint32, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if port != 0 {
		if t.used[portKey{n, protocol, port}] {
			return 0, unix.EADDRINUSE
		}
		t.used[portKey{n, protocol, port}] = true
		return port, nil
	}
	const firstRover = ^uint32(4096) + 1
	port = process
	for next := firstRover; port == 0 || t.used[portKey{n, protocol, port}]; next-- {
		port = next
	}
	t.used[portKey{n, protocol, port}] = true
	return port, nil
}

func (t *portTable) give(n *netns.Network, protocol int, port, host uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.used, portKey{n, protocol, port})
	delete(t.byHost, portKey{n, protocol, host})
}

func (t *portTable) link(n *netns.Network, protocol int, port, host uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byHost[portKey{n, protocol, host}] = port
}

func (t *portTable) virtual(n *netns.Network, protocol int, host uint32) (uint32, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	port, ok := t.byHost[portKey{n, protocol, host}]
	return port, ok
}

// nladdr is a struct sockaddr_nl.
func nladdr(port, groups uint32) []byte {
	sa := binary.NativeEndian.AppendUint16(nil, unix.AF_NETLINK)
	sa = binary.NativeEndian.AppendUint32(append(sa, 0, 0), port)
	return binary.NativeEndian.AppendUint32(sa, groups)
}

func parseNladdr(sa []byte) (port, groups uint32, err error) {
	if len(sa) < unix.SizeofSockaddrNetlink || binary.NativeEndian.Uint16(sa) != unix.AF_NETLINK {
		return 0, 0, unix.EINVAL
	}
	return binary.NativeEndian.Uint32(sa[4:]), binary.NativeEndian.Uint32(sa[8:]), nil
}

// processOf is the caller's process id, as itself knows it.
func processOf(ctx vfs.Ctx) uint32 {
	if t, ok := ctx.(interface{ TGID() int32 }); ok {
		return uint32(t.TGID())
	}
	return 0
}

// bindNetlink is netlink_bind.
func (s *Socket) bindNetlink(ctx vfs.Ctx, sa []byte) error {
	port, groups, err := parseNladdr(sa)
	if err != nil {
		return err
	}
	n := s.nl
	if groups != 0 && n.protocol == unix.NETLINK_AUDIT && !ctx.Creds().Capable(unix.CAP_AUDIT_READ) {
		return unix.EPERM
	}
	s.mu.Lock()
	bound, own := n.bound, n.port
	s.mu.Unlock()
	if bound {
		if port != own {
			return unix.EINVAL
		}
	} else if err := s.takePort(ctx, port); err != nil {
		return err
	}
	return s.join(groups)
}

// takePort gives a socket that has none its port id, at the host too.
func (s *Socket) takePort(ctx vfs.Ctx, port uint32) error {
	n := s.nl
	port, err := ports.take(s.net, n.protocol, port, processOf(ctx))
	if err != nil {
		return err
	}
	if err := hostio.Bind(s.fd, nladdr(0, 0)); err != nil && err != unix.EINVAL {
		ports.give(s.net, n.protocol, port, 0)
		return err
	}
	var host uint32
	if sa, err := hostio.Getsockname(s.fd); err == nil {
		host, _, _ = parseNladdr(sa)
	}
	s.mu.Lock()
	raced := n.bound
	if !raced {
		n.bound, n.port, n.hostPort = true, port, host
	}
	s.mu.Unlock()
	if raced {
		ports.give(s.net, n.protocol, port, 0)
		return nil
	}
	ports.link(s.net, n.protocol, port, host)
	return nil
}

// autobind gives the socket a port id if it has none yet.
func (s *Socket) autobind(ctx vfs.Ctx) error {
	s.mu.Lock()
	bound := s.nl.bound
	s.mu.Unlock()
	if bound {
		return nil
	}
	return s.takePort(ctx, 0)
}

// join is in exactly these of the first 32 groups from now on.
func (s *Socket) join(groups uint32) error {
	n := s.nl
	s.mu.Lock()
	same, host := n.groups == groups, n.hostPort
	s.mu.Unlock()
	if !same && !placeholder(n.protocol) {
		if err := hostio.Bind(s.fd, nladdr(host, groups)); err != nil {
			return err
		}
	}
	s.mu.Lock()
	n.groups = groups
	s.mu.Unlock()
	return nil
}

// netlinkName is getsockname(2).
func (s *Socket) netlinkName() ([]byte, error) {
	groups := s.nl.groups
	if !placeholder(s.nl.protocol) { // setsockopt joins groups too
		if sa, err := hostio.Getsockname(s.fd); err == nil {
			_, groups, _ = parseNladdr(sa)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return nladdr(s.nl.port, groups), nil
}

// connectNetlink is netlink_connect: there is nobody to talk to but the kernel.
func (s *Socket) connectNetlink(ctx vfs.Ctx, sa []byte) error {
	if len(sa) < 2 {
		return unix.EINVAL
	}
	if binary.NativeEndian.Uint16(sa) == unix.AF_UNSPEC {
		return nil
	}
	if len(sa) < unix.SizeofSockaddrNetlink {
		return unix.EINVAL
	}
	port, groups, err := parseNladdr(sa)
	if err != nil {
		return err
	}
	if port != 0 || groups != 0 {
		return unix.EPERM
	}
	return s.autobind(ctx)
}

// sendNetlink is netlink_sendmsg: the host gets what it may answer.
func (s *Socket) sendNetlink(ctx vfs.Ctx, p []byte, c *sender) (int, error) {
	if len(c.m.Name) > 0 {
		port, groups, err := parseNladdr(c.m.Name)
		if err != nil {
			return 0, err
		}
		if port != 0 || groups != 0 {
			if s.admin(ctx.Creds()) && groups == 0 {
				return 0, unix.ECONNREFUSED
			}
			return 0, unix.EPERM
		}
	}
	if err := s.autobind(ctx); err != nil {
		return 0, err
	}
	host, answers := s.split(ctx, p)
	if len(answers) == 0 && len(host) == len(p) && !placeholder(s.nl.protocol) {
		return c.put(ctx, p, c.flags)
	}
	if len(host) > 0 {
		if _, err := c.put(ctx, host, c.flags); err != nil {
			return 0, err
		}
	}
	if len(answers) > 0 {
		s.mu.Lock()
		s.nl.answers = append(s.nl.answers, answers...)
		s.mu.Unlock()
		s.queue.Notify(wait.Readable)
	}
	return len(p), nil
}

// recvNetlink receives one datagram: an answer of our own, or one of the host's.
func (s *Socket) recvNetlink(ctx vfs.Ctx, nonblock bool, dst *user.Buf, m *hostio.Message, flags int, buf []byte) (int, error) {
	s.mu.Lock()
	timeout := s.rcvTimeo
	s.mu.Unlock()
	name, control, n := m.Name, m.Control, 0
	var p []byte
	err := socket.Block(ctx, nonblock, timeout, &s.queue, wait.Readable|wait.Err, func() (bool, error) {
		if p = s.answer(flags&unix.MSG_PEEK != 0); p != nil {
			n = len(p)
			m.Name, m.Control, m.Flags = name[:copy(name, kernelName)], nil, 0
			return true, nil
		}
		m.Name, m.Control = name, control
		var err error
		// In full, so that what is there can be relabelled.
		n, err = hostio.Receive(s.fd, buf, m, flags|unix.MSG_TRUNC)
		if err == unix.EAGAIN {
			return false, nil
		}
		if err == nil {
			p = buf[:min(n, len(buf))]
			s.relabel(p)
		}
		return true, err
	})
	if err != nil {
		return 0, err
	}
	got, err := dst.CopyOut(p[:min(len(p), dst.Len())])
	if err != nil {
		return 0, err
	}
	s.attest(m, control)
	m.Flags &^= unix.MSG_TRUNC
	if n > got {
		m.Flags |= unix.MSG_TRUNC
	}
	if flags&unix.MSG_TRUNC != 0 {
		return n, nil
	}
	return got, nil
}

// attest adds that the message is the kernel's (SO_PASSCRED), as far as there is room.
func (s *Socket) attest(m *hostio.Message, room []byte) {
	s.mu.Lock()
	wanted := s.nl.passCred
	s.mu.Unlock()
	if !wanted {
		return
	}
	const size = unix.SizeofCmsghdr + unix.SizeofUcred
	b := binary.NativeEndian.AppendUint64(nil, size)
	b = binary.NativeEndian.AppendUint32(b, unix.SOL_SOCKET)
	b = binary.NativeEndian.AppendUint32(b, unix.SCM_CREDENTIALS)
	b = append(b, make([]byte, unix.SizeofUcred+4)...) // of the kernel all ids are 0
	used := (len(m.Control) + 7) &^ 7
	if left := len(room) - used; left < size {
		m.Flags |= unix.MSG_CTRUNC
		if left < unix.SizeofCmsghdr {
			return
		}
		binary.NativeEndian.PutUint64(b, uint64(left))
	}
	m.Control = room[:used+copy(room[used:], b)]
}

// answer takes the first answer of our own.
func (s *Socket) answer(peek bool) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.nl.answers) == 0 {
		return nil
	}
	p := s.nl.answers[0]
	if !peek {
		s.nl.answers = s.nl.answers[1:]
	}
	return p
}

// releaseNetlink gives the port id back.
func (s *Socket) releaseNetlink() {
	s.mu.Lock()
	bound, port, host := s.nl.bound, s.nl.port, s.nl.hostPort
	s.mu.Unlock()
	if bound {
		ports.give(s.net, s.nl.protocol, port, host)
	}
}

// NetlinkInfo is what /proc/net/netlink tells of a socket.
type NetlinkInfo struct {
	Protocol     int
	Port, Groups uint32
	Ino          uint64
}

// Netlinks are the sockets of AF_NETLINK in a network namespace.
func Netlinks(n *netns.Network) []NetlinkInfo {
	var list []NetlinkInfo
	for _, s := range live.List() {
		if s.nl != nil && s.net == n {
			s.mu.Lock()
			list = append(list, NetlinkInfo{s.nl.protocol, s.nl.port, s.nl.groups, s.ino.Number()})
			s.mu.Unlock()
		}
	}
	return list
}
