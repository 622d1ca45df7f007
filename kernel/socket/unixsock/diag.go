// SPDX-License-Identifier: Apache-2.0

// This file is what netlink's SOCK_DIAG tells of these sockets (unix_diag, sock_diag(7)).

package unixsock

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// diagRequest is a struct unix_diag_req: which sockets, and what of them.
type diagRequest struct {
	states uint32 // by number, from 0
	ino    uint32
	show   uint32
	cookie uint64
}

// What is shown (UDIAG_SHOW_), and the attributes that show it (UNIX_DIAG_).
const (
	showName, showVFS, showPeer, showIcons, showQueue, showMemory, showUID = 1, 2, 4, 8, 16, 32, 64

	diagName, diagVFS, diagPeer, diagIcons, diagQueue, diagMemory, diagShutdown, diagUID = 0, 1, 2, 3, 4, 5, 6, 7
)

// The states of a socket here, which are TCP's.
const (
	stateEstablished = 1
	stateClose       = 7
	stateListen      = 10
)

const sizeofDiagRequest = 24

// Diagnose answers a question about the sockets of a network namespace, with a struct unix_diag_msg and its attributes for each; dump:
// about all that are in the states asked for, otherwise about one. EINVAL, ENOENT, ESTALE.
func Diagnose(ctx vfs.Ctx, n *netns.Network, request []byte, dump bool) (answers [][]byte, err error) {
	if len(request) < sizeofDiagRequest {
		return nil, unix.EINVAL
	}
	word := func(at int) uint32 { return binary.NativeEndian.Uint32(request[at:]) }
	r := diagRequest{states: word(4), ino: word(8), show: word(12), cookie: binary.NativeEndian.Uint64(request[16:])}
	if !dump && r.ino == 0 {
		return nil, unix.EINVAL
	}
	for _, s := range live.List() {
		ino := uint32(s.ino.Number())
		if s.net != n || ino == 0 { // one that is to be accepted yet has none
			continue
		}
		switch {
		case dump:
			if b := s.diagnose(ctx, r); r.states&(1<<b[2]) != 0 {
				answers = append(answers, b)
			}
		case ino == r.ino:
			if r.cookie != ^uint64(0) && r.cookie != s.Cookie() {
				return nil, unix.ESTALE
			}
			return [][]byte{s.diagnose(ctx, r)}, nil
		}
	}
	if !dump {
		return nil, unix.ENOENT
	}
	return answers, nil
}

// diagnosed is what one look at a socket sees.
type diagnosed struct {
	state     byte
	name      string
	node      vfs.Inode
	peer      *Socket
	pending   []*Socket
	connected bool
	backlog   int
	shutdown  byte
	sndbuf    int
	rcvbuf    int
}

func (s *Socket) look() diagnosed {
	s.mu.Lock()
	defer s.mu.Unlock()
	const rcv, snd = 1, 2 // RCV_SHUTDOWN, SEND_SHUTDOWN
	d := diagnosed{state: stateClose, name: s.name, node: s.node, peer: s.peer, connected: s.connected, backlog: s.backlog,
		sndbuf: s.sndbuf, rcvbuf: s.rcvbuf}
	switch {
	case s.listening:
		d.state = stateListen
		d.pending = append(d.pending, s.pending...)
	case s.connected || s.reached: // it stays so when the peer goes
		d.state = stateEstablished
	}
	if s.rdShut {
		d.shutdown |= rcv
	}
	if s.wrShut {
		d.shutdown |= snd
	}
	return d
}

// diagnose is sk_diag_fill.
func (s *Socket) diagnose(ctx vfs.Ctx, r diagRequest) []byte {
	d := s.look()
	b := []byte{unix.AF_UNIX, byte(s.typ), d.state, 0}
	b = binary.NativeEndian.AppendUint32(b, uint32(s.ino.Number()))
	b = binary.NativeEndian.AppendUint64(b, s.Cookie())
	words := func(kind uint16, values ...uint32) {
		var v []byte
		for _, w := range values {
			v = binary.NativeEndian.AppendUint32(v, w)
		}
		b = appendAttr(b, kind, v)
	}
	if r.show&showName != 0 && d.name != "" {
		b = appendAttr(b, diagName, Sockaddr(d.name)[2:])
	}
	if r.show&showVFS != 0 && d.node != nil {
		if a, err := d.node.Attr(ctx); err == nil {
			const minorBits = 20 // of the kernel's own dev_t
			words(diagVFS, uint32(a.Ino), unix.Major(a.Dev)<<minorBits|unix.Minor(a.Dev))
		}
	}
	if r.show&showPeer != 0 && d.connected {
		words(diagPeer, d.peer.shownIno()) // 0: it is gone
	}
	if r.show&showIcons != 0 && d.state == stateListen {
		words(diagIcons, inosOfClients(d.pending)...)
	}
	if r.show&showQueue != 0 {
		if d.state == stateListen {
			words(diagQueue, uint32(len(d.pending)), uint32(d.backlog))
		} else {
			n, _ := s.waiting()
			words(diagQueue, uint32(n), uint32(s.unread()))
		}
	}
	if r.show&showMemory != 0 {
		// SK_MEMINFO_VARS of them: what was received is accounted to who sent it.
		words(diagMemory, 0, uint32(d.rcvbuf), uint32(s.unread()), uint32(d.sndbuf), 0, 0, 0, 0, 0)
	}
	b = appendAttr(b, diagShutdown, []byte{d.shutdown})
	if r.show&showUID != 0 {
		words(diagUID, ctx.Creds().NS().ShowUID(s.owner.UID))
	}
	return b
}

// inosOfClients are the inodes of those that wait to be accepted.
func inosOfClients(pending []*Socket) (inos []uint32) {
	for _, c := range pending {
		c.mu.Lock()
		client := c.peer
		c.mu.Unlock()
		inos = append(inos, client.shownIno())
	}
	return inos
}

// shownIno is the number of a socket's inode, 0 of one that is closed, or nil.
func (s *Socket) shownIno() uint32 {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0
	}
	return uint32(s.ino.Number())
}

// appendAttr appends a struct nlattr with its value, aligned.
func appendAttr(b []byte, kind uint16, value []byte) []byte {
	const head = 4
	b = binary.NativeEndian.AppendUint16(b, uint16(head+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
