// SPDX-License-Identifier: Apache-2.0

package unixsock

import (
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/socket"
)

var live socket.Set[*Socket]

// The state of a socket, as /proc/net/unix has it (enum socket_state).
const (
	unconnected = 1
	connecting  = 2 // is to be accepted yet
	connected   = 3
)

// Info is what /proc/net/unix tells of a socket.
type Info struct {
	Refs  int
	Flags int // 0x10000 (__SO_ACCEPTCON): it listens
	Type  int
	State int
	Ino   uint64
	Name  string
}

// List is all the sockets of a network namespace, the oldest first.
func List(n *netns.Network) []Info {
	const acceptcon = 1 << 16
	var list []Info
	for _, s := range live.List() {
		if s.net != n {
			continue
		}
		s.mu.Lock()
		i := Info{Refs: 2, Type: s.typ, State: unconnected, Ino: s.ino.Number(), Name: s.name}
		if s.listening {
			i.Flags = acceptcon
		}
		if s.peer != nil {
			i.Refs, i.State = 3, connected
			if i.Ino == 0 {
				i.State = connecting
			}
		}
		s.mu.Unlock()
		list = append(list, i)
	}
	return list
}

// Shown is the name as /proc/net/unix shows it: with @ for each NUL.
func (i *Info) Shown() string {
	b := []byte(i.Name)
	for n, c := range b {
		if c == 0 {
			b[n] = '@'
		}
	}
	return string(b)
}
