// SPDX-License-Identifier: Apache-2.0

// Package unixsock has the sockets of AF_UNIX (unix(7)): streams, datagrams
// and sequenced packets between tasks of the sandbox, with descriptors and
// credentials passed along.
//
// Lock order: a socket's mu, and under it namespace.mu or flight.mu. Never two sockets' at
// once: what concerns a pair is done on one end and then on the other.
package unixsock

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/socket"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// DefaultBuffer is SO_SNDBUF and SO_RCVBUF of a fresh socket (net.core.wmem_default).
const DefaultBuffer = 212992

// Ucred is who stands behind a socket or a message (struct ucred).
type Ucred struct {
	PID int32
	UID cred.UID
	GID cred.GID

	Process *task.ThreadGroup // that of PID; nil if there is none
}

// Who is a task as the other end may ask for it.
type Who struct {
	Ucred
	Groups []cred.GID // never changed
	FSUID  cred.UID
	FSGID  cred.GID
	Domain cred.Domain // what restricts it
}

// Nobody is the credentials of a peer that is not there.
var Nobody = Ucred{UID: ^cred.UID(0), GID: ^cred.GID(0)}

// Socket is one socket. It is the operations of its open file.
type Socket struct {
	vfs.BaseFile
	vfs.OwnMmap
	net   *netns.Network
	typ   int
	owner Who
	ino   socket.Ino

	opened atomic.Pointer[vfs.File] // the socket's file, as long as it is open

	queue wait.Queue // who waits for what the socket's own owner may do
	room  wait.Queue // who waits to send here

	mu        sync.Mutex
	name      string // bound address: "" none, "\x00..." abstract, else a path
	node      vfs.Inode
	listening bool
	backlog   int
	pending   []*Socket // connections to accept
	peer      *Socket   // of a connection, or a datagram socket's default
	connected bool      // was once; stays when the peer goes
	reached   bool      // a datagram socket that another connected to, which SOCK_DIAG takes for a connection
	peerCred  Who
	peerName  string // of one that is gone
	closed    bool
	rdShut    bool // nothing more comes
	wrShut    bool // nothing more may be sent
	err       error
	messages  []*message
	queued    int              // bytes in messages
	oob       *message         // of messages: the one whose byte is out-of-band, until it is read or passed
	inline    bool             // SO_OOBINLINE
	watchers  map[*Socket]bool // sockets that send here and wait for room
	passed    int              // bytes of out-of-band data that nobody received

	passCred       bool
	passPidfd      bool // SO_PASSPIDFD
	noRights       bool // SO_PASSRIGHTS is off
	tellInq        bool // SO_INQ
	rcvTimeo       time.Duration
	sndTimeo       time.Duration
	sndbuf, rcvbuf int
	rcvlowat       int32         // 0 is as 1
	peekOff        int32         // SO_PEEK_OFF; negative: none
	stamps         int           // SO_TIMESTAMP, SO_TIMESTAMPNS or 0: who wants to be told the time
	kept           map[int]int32 // options that do nothing here but stay
	linger         [2]int32      // l_onoff, l_linger
	txtime         [2]int32      // SO_TXTIME: clock, flags
	unpaced        uint64        // the complement of SO_MAX_PACING_RATE
	cookie         uint64        // SO_COOKIE; 0 before it was asked for
	filter         *bpf.Program  // SO_ATTACH_FILTER
	filterSource   []bpf.Insn
}

// New is an unconnected socket in a network namespace, of a type (SOCK_STREAM, SOCK_DGRAM,
// SOCK_SEQPACKET; SOCK_RAW is a datagram socket as on Linux): ESOCKTNOSUPPORT.
func New(typ int, owner Who, net *netns.Network) (*Socket, error) {
	switch typ {
	case unix.SOCK_RAW:
		typ = unix.SOCK_DGRAM
	case unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET:
	default:
		return nil, unix.ESOCKTNOSUPPORT
	}
	s := &Socket{net: net, typ: typ, owner: owner, peerCred: Who{Ucred: Nobody}, peekOff: -1, sndbuf: DefaultBuffer, rcvbuf: DefaultBuffer}
	live.Add(s)
	return s, nil
}

// Pair connects two fresh sockets to each other (socketpair(2)).
func Pair(a, b *Socket) {
	a.attach(b, b.owner)
	b.attach(a, a.owner)
}

func (s *Socket) attach(peer *Socket, who Who) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peer, s.connected, s.peerCred = peer, true, who
}

// File is an open file of the socket; flags may have O_NONBLOCK.
func (s *Socket) File(flags uint32) *vfs.File {
	f := socket.NewFile(s, &s.ino, s.owner.FSUID, s.owner.FSGID, flags)
	s.opened.Store(f)
	return f
}

// ProtocolName is what the socket's attribute says.
func (s *Socket) ProtocolName() (string, error) {
	if s.typ == unix.SOCK_STREAM {
		return "UNIX-STREAM", nil
	}
	return "UNIX", nil
}

// Type is SO_TYPE.
func (s *Socket) Type() int { return s.typ }

func (s *Socket) streaming() bool { return s.typ == unix.SOCK_STREAM }
func (s *Socket) connecting() bool {
	return s.typ == unix.SOCK_STREAM || s.typ == unix.SOCK_SEQPACKET
}

// Listen is listen(2).
func (s *Socket) Listen(backlog int, who Who) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.connecting():
		return unix.EOPNOTSUPP
	case s.name == "" || s.connected:
		return unix.EINVAL
	}
	if backlog < 0 || backlog > 4096 { // net.core.somaxconn
		backlog = 4096
	}
	s.listening, s.backlog = true, backlog
	s.peerCred = who
	s.queue.Notify(wait.Writable) // there may be more room
	return nil
}

// Accept takes the first waiting connection (accept(2)).
func (s *Socket) Accept(ctx vfs.Ctx, f *vfs.File) (*Socket, error) {
	s.mu.Lock()
	ok, wait1 := s.listening, s.rcvTimeo
	s.mu.Unlock()
	switch {
	case !s.connecting():
		return nil, unix.EOPNOTSUPP
	case !ok:
		return nil, unix.EINVAL
	}
	var got *Socket
	err := socket.Block(ctx, f.NonBlock(), wait1, &s.queue, wait.Readable, func() (bool, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case len(s.pending) > 0:
			got = s.pending[0]
			s.pending = s.pending[1:]
			return true, nil
		case s.rdShut && !f.NonBlock():
			return true, unix.EINVAL
		}
		return false, nil
	})
	if err == nil {
		s.queue.Notify(wait.Writable) // room for another that connects
	}
	return got, err
}

// TakesFrom tells whether a datagram socket lets s send to it: one that has a
// peer takes from that one only (unix_may_send).
func (target *Socket) TakesFrom(s *Socket) bool {
	target.mu.Lock()
	defer target.mu.Unlock()
	return target.peer == nil || target.peer == s
}

// Connect is connect(2): to a listener, or the default target of a datagram
// socket. who is the caller.
func (s *Socket) Connect(ctx vfs.Ctx, f *vfs.File, target *Socket, who Who) error {
	if s.typ != target.typ {
		return unix.EPROTOTYPE
	}
	if !s.connecting() {
		if !target.TakesFrom(s) {
			return unix.EPERM
		}
		s.attach(target, target.owner)
		target.mu.Lock()
		target.reached = true
		target.mu.Unlock()
		return nil
	}
	s.mu.Lock()
	switch {
	case s.connected:
		s.mu.Unlock()
		return unix.EISCONN
	case s.listening:
		s.mu.Unlock()
		return unix.EINVAL
	}
	timeout := s.sndTimeo
	s.mu.Unlock()
	// The other end exists before it is accepted, and may be written to.
	server := &Socket{net: target.net, typ: s.typ, owner: target.owner, peerCred: who, peekOff: -1, sndbuf: DefaultBuffer, rcvbuf: DefaultBuffer,
		peer: s, connected: true}
	err := socket.Block(ctx, f.NonBlock(), timeout, &target.queue, wait.Writable, func() (bool, error) {
		target.mu.Lock()
		defer target.mu.Unlock()
		switch {
		case !target.listening || target.closed || target.rdShut:
			return true, unix.ECONNREFUSED
		case len(target.pending) > target.backlog:
			return false, nil
		}
		server.name, server.node = target.name, target.node
		server.passCred = target.passCred
		target.pending = append(target.pending, server)
		live.Add(server)
		s.attach(server, target.peerCred)
		return true, nil
	})
	if err != nil {
		return err
	}
	target.queue.Notify(wait.Readable)
	s.queue.Notify(wait.Writable)
	return nil
}

// Disconnect is connect(2) to AF_UNSPEC: a datagram socket forgets its target.
func (s *Socket) Disconnect() error {
	if s.connecting() {
		return unix.EINVAL
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peer, s.connected, s.reached = nil, false, false
	return nil
}

// Shutdown is shutdown(2).
func (s *Socket) Shutdown(how int) error {
	if how < unix.SHUT_RD || how > unix.SHUT_RDWR {
		return unix.EINVAL
	}
	s.mu.Lock()
	rd, wr := how != unix.SHUT_WR, how != unix.SHUT_RD
	s.rdShut = s.rdShut || rd
	s.wrShut = s.wrShut || wr
	peer := s.peer
	s.mu.Unlock()
	if peer != nil && s.connecting() {
		peer.mu.Lock()
		peer.rdShut = peer.rdShut || wr
		peer.wrShut = peer.wrShut || rd
		peer.mu.Unlock()
		peer.changed()
	}
	s.changed()
	return nil
}

// changed tells everyone to look again.
func (s *Socket) changed() {
	s.queue.Notify(wait.All)
	s.room.Notify(wait.All)
}

// Release implements vfs.FileOps: the socket is closed.
func (s *Socket) Release(*vfs.File) {
	s.opened.Store(nil)
	s.close(false)
	flight.collect()
}

// close ends the socket; embryo: it was to be accepted yet.
func (s *Socket) close(embryo bool) {
	live.Remove(s)
	s.mu.Lock()
	s.closed, s.rdShut, s.wrShut = true, true, true
	peer, pending, messages, name := s.peer, s.pending, s.messages, s.name
	watchers := s.watchers
	s.watchers = nil
	unread := len(messages) > 1 || len(messages) == 1 && (!s.streaming() || len(messages[0].data) > 0)
	s.peer, s.pending, s.messages, s.oob, s.queued = nil, nil, nil, nil, 0
	s.unbind()
	s.mu.Unlock()
	for _, m := range messages {
		m.drop()
	}
	for _, c := range pending {
		c.close(true)
	}
	if peer != nil && s.connecting() {
		peer.mu.Lock()
		peer.rdShut, peer.wrShut = true, true
		if unread || embryo {
			peer.err = unix.ECONNRESET
		}
		peer.peer, peer.peerName = nil, name
		peer.mu.Unlock()
		peer.changed()
	}
	s.changed()
	for w := range watchers {
		w.queue.Notify(wait.Writable)
	}
}

// Queue implements vfs.FileOps.
func (s *Socket) Queue(*vfs.File) *wait.Queue { return &s.queue }

// Poll implements vfs.FileOps (unix_poll, unix_dgram_poll).
func (s *Socket) Poll(*vfs.File) wait.Mask {
	s.mu.Lock()
	defer s.mu.Unlock()
	var m wait.Mask
	if s.err != nil {
		m |= wait.Err
	}
	if s.rdShut && s.wrShut {
		m |= wait.Hup
	}
	if s.rdShut {
		m |= wait.RdHup | wait.Readable
	}
	if len(s.messages) > 0 || len(s.pending) > 0 {
		m |= wait.Readable
	}
	if s.oob != nil {
		m |= wait.Pri
	}
	if s.connecting() && !s.connected && !s.listening {
		m |= wait.Hup
	}
	if !s.listening && (s.wrShut || s.peer == nil || s.peer.hasRoom(s)) {
		m |= wait.Writable | wait.WrBand
	}
	return m
}
