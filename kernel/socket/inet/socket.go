// SPDX-License-Identifier: Apache-2.0

// Package inet has the sockets of AF_INET and AF_INET6 (ip(7), ipv6(7), tcp(7), udp(7), icmp(7), raw(7)), of AF_PACKET (packet(7)), and
// those of AF_NETLINK (rtnetlink(7), sock_diag(7)). Each stands on a socket of the
// host, in the network namespace of whoever made it (netns). The host's protocols
// answer; what is ours is waiting, since the host's sockets never block, and who may do what.
//
// Lock order: a socket's mu is a leaf; it is not held in calls of the host.
package inet

import (
	"encoding/binary"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/socket"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

var poller atomic.Pointer[hostpoll.Poller]

// Start gives the package the poller that watches its sockets. Without it there are no such families.
func Start(p *hostpoll.Poller) { poller.Store(p) }

// Socket is one socket. It is the operations of its open file.
type Socket struct {
	vfs.BaseFile
	vfs.OwnMmap
	fd     int
	net    *netns.Network
	family int
	kind   int
	nl     *netlink // of AF_NETLINK
	stream bool
	ports  bool // its addresses have ports that not everybody may bind
	owner  *cred.Creds
	ino    socket.Ino
	opened atomic.Pointer[vfs.File] // the socket's file, as long as it is open
	queue  wait.Queue
	reg    *hostpoll.Registration
	owned  sync.Once
	awaits wait.Entry // is there for the owner of the file: it has to hear of out-of-band data at once

	keeps atomic.Bool // there is something in kept
	urged atomic.Bool // SIGURG was sent for the out-of-band data that is there

	mu       sync.Mutex
	kept     []byte // data that came and did not get to the application
	err      error  // what SetError left
	rcvTimeo time.Duration
	sndTimeo time.Duration
	lowat    int  // SO_RCVLOWAT; 0 is as 1
	lingers  bool // a close may take its time
	linger   time.Duration
	zero     zerocopy

	shuts atomic.Uint32 // calls of shutdown(2)
}

// New is a fresh socket in a network namespace: ESOCKTNOSUPPORT, EPROTONOSUPPORT, EPERM, EINVAL, as inet_create has them. Of the
// protocols there are TCP, UDP and what raw sockets and those of ICMP speak.
func New(c *cred.Creds, n *netns.Network, family, kind, protocol int) (*Socket, error) {
	if poller.Load() == nil || n == nil {
		return nil, unix.EAFNOSUPPORT
	}
	if err := protocolError(c, n, family, kind, protocol); err != nil {
		return nil, err
	}
	s := &Socket{net: n, family: family, kind: kind, stream: kind == unix.SOCK_STREAM, owner: c}
	s.ports = s.stream || kind == unix.SOCK_DGRAM && !pings(family, protocol)
	if family == unix.AF_NETLINK {
		s.nl = &netlink{protocol: protocol}
		protocol = hostProtocol(protocol)
	}
	var err error
	if s.fd, err = n.Socket(family, kind, protocol); err != nil {
		return nil, err
	}
	return watch(s)
}

// protocolError says why there is no such socket. The host isn't asked, as it might load a module.
func protocolError(c *cred.Creds, n *netns.Network, family, kind, protocol int) error {
	switch family {
	case unix.AF_NETLINK:
		return netlinkError(kind, protocol)
	case unix.AF_PACKET:
		return packetError(c, n, kind)
	}
	const protocolMax = 263 // IPPROTO_MAX
	own := map[int]int{unix.SOCK_STREAM: unix.IPPROTO_TCP, unix.SOCK_DGRAM: unix.IPPROTO_UDP}
	switch {
	case protocol < 0 || protocol >= protocolMax:
		return unix.EINVAL
	case kind == unix.SOCK_RAW && protocol == 0:
		return unix.EPROTONOSUPPORT
	case kind == unix.SOCK_RAW:
		return rawError(c, n)
	case own[kind] == 0:
		return unix.ESOCKTNOSUPPORT
	case kind == unix.SOCK_DGRAM && pings(family, protocol):
		return pingError(c, n)
	case kind == unix.SOCK_DGRAM && protocol == unix.IPPROTO_UDPLITE: // goes with UDP
	case protocol != 0 && protocol != own[kind]:
		return unix.EPROTONOSUPPORT
	}
	return nil
}

func watch(s *Socket) (*Socket, error) {
	reg, err := poller.Load().AddLazy(s.fd, s, &s.queue)
	if err != nil {
		unix.Close(s.fd)
		return nil, err
	}
	s.reg = reg
	live.Add(s)
	return s, nil
}

// File is an open file of the socket; flags may have O_NONBLOCK.
func (s *Socket) File(flags uint32) *vfs.File {
	f := socket.NewFile(s, &s.ino, s.owner.FSUID, s.owner.FSGID, flags)
	s.opened.Store(f)
	return f
}

// ProtocolName is what the host's socket says of itself.
func (s *Socket) ProtocolName() (string, error) {
	var b [32]byte
	n, err := unix.Fgetxattr(s.fd, "system.sockprotoname", b[:])
	return strings.TrimRight(string(b[:max(n, 0)]), "\x00"), err
}

// HostReady implements hostpoll.Watcher.
func (s *Socket) HostReady(m wait.Mask) {
	if s.stream && s.nl == nil {
		s.urgent(m&wait.Pri != 0)
	}
	s.queue.Notify(m)
}

// OwnerSet implements vfs.Owned.
func (s *Socket) OwnerSet() {
	s.owned.Do(func() {
		s.queue.Source().Take() // what came before is not for the owner
		s.awaits = wait.Entry{Func: func(wait.Mask) {}, Mask: wait.Pri}
		s.queue.Add(&s.awaits)
	})
}

// urgent sends SIGURG when out-of-band data came. The host tells that it is there as often as it tells anything.
func (s *Socket) urgent(there bool) {
	if was := s.urged.Swap(there); there && !was {
		socket.RaiseURG(s.opened.Load())
	}
}

// Bind is bind(2). The host lets the kernel process have any port of a network of its own, so that who may is decided here.
func (s *Socket) Bind(ctx vfs.Ctx, sa []byte) error {
	if s.nl != nil {
		return s.bindNetlink(ctx, sa)
	}
	if s.ports && len(sa) >= 4 && int(binary.NativeEndian.Uint16(sa)) == s.family {
		if port := binary.BigEndian.Uint16(sa[2:]); port != 0 && !s.net.Unprivileged(int(port)) && !s.net.Capable(ctx.Creds(), unix.CAP_NET_BIND_SERVICE) {
			return unix.EACCES
		}
	}
	return hostio.Bind(s.fd, sa)
}

// Listen is listen(2).
func (s *Socket) Listen(backlog int) error { return unix.Listen(s.fd, backlog) }

// Accept takes the first waiting connection, and tells who it is (accept(2)).
func (s *Socket) Accept(ctx vfs.Ctx, f *vfs.File) (*Socket, []byte, error) {
	s.mu.Lock()
	timeout := s.rcvTimeo
	c := &Socket{net: s.net, family: s.family, kind: s.kind, stream: s.stream, ports: s.ports, owner: ctx.Creds(), rcvTimeo: s.rcvTimeo, sndTimeo: s.sndTimeo,
		lowat: s.lowat, lingers: s.lingers, linger: s.linger, zero: zerocopy{on: s.zero.on}}
	s.mu.Unlock()
	var name []byte
	err := socket.Block(ctx, f.NonBlock(), timeout, &s.queue, wait.Readable, func() (bool, error) {
		var err error
		c.fd, name, err = hostio.Accept(s.fd)
		return err != unix.EAGAIN, err
	})
	if err != nil {
		return nil, nil, err
	}
	c, err = watch(c)
	return c, name, err
}

// IsTCP tells whether it is a TCP socket.
func (s *Socket) IsTCP() bool { return s.stream && s.nl == nil }

// Family is the address family that it was made with.
func (s *Socket) Family() int { return s.family }

// Name is the socket's own address.
func (s *Socket) Name() ([]byte, error) {
	if s.nl != nil {
		return s.netlinkName()
	}
	return hostio.Getsockname(s.fd)
}

// PeerName is the other end's address: ENOTCONN.
func (s *Socket) PeerName() ([]byte, error) { return hostio.Getpeername(s.fd) }

// Shutdown is shutdown(2).
func (s *Socket) Shutdown(how int) error {
	s.shuts.Add(1) // before, so that who wakes up knows
	err := unix.Shutdown(s.fd, how)
	s.queue.Notify(wait.All) // who waits in accept or recv must look again
	return err
}

// Release implements vfs.FileOps: the socket is closed.
func (s *Socket) Release(*vfs.File) {
	s.opened.Store(nil)
	live.Remove(s)
	s.reg.Remove()
	s.queue.Remove(&s.awaits)
	if s.nl != nil {
		s.releaseNetlink()
	}
	s.mu.Lock()
	lingers := s.lingers
	s.mu.Unlock()
	if lingers {
		go unix.Close(s.fd) // the host's close waits, and nobody could interrupt it
		return
	}
	unix.Close(s.fd)
}

// Queue implements vfs.FileOps.
func (s *Socket) Queue(*vfs.File) *wait.Queue { return &s.queue }

// Poll implements vfs.FileOps.
func (s *Socket) Poll(*vfs.File) wait.Mask {
	m := hostpoll.Ready(s.fd)
	if s.hasKept() {
		m |= wait.Readable
	}
	if s.nl != nil && s.answer(true) != nil {
		m |= wait.Readable
	}
	if s.tells() || s.hasOwnError() {
		m |= wait.Err
	}
	return m
}
