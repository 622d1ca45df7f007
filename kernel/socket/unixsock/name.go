// SPDX-License-Identifier: Apache-2.0

package unixsock

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Names of sockets: in the file system (by the inode that bind made), and abstract.

var namespace = struct {
	mu       sync.Mutex
	abstract map[key]*Socket
	inodes   map[vfs.Inode]*Socket
	next     uint32 // for autobind
}{abstract: map[key]*Socket{}, inodes: map[vfs.Inode]*Socket{}}

// key is what an abstract name is found by: each network namespace has its own, and each type.
type key struct {
	net  *netns.Network
	typ  int
	name string
}

// ParseName takes a struct sockaddr_un apart. The name is "" for an address of
// the family alone, begins with NUL if it is abstract, and is a path otherwise.
// EINVAL for another family or a bad length.
func ParseName(sa []byte) (string, error) {
	const pathOff, max = 2, 110
	if len(sa) < pathOff || len(sa) > max || binary.LittleEndian.Uint16(sa) != unix.AF_UNIX {
		return "", unix.EINVAL
	}
	p := sa[pathOff:]
	if len(p) == 0 || p[0] == 0 {
		return string(p), nil
	}
	if i := bytes.IndexByte(p, 0); i >= 0 {
		p = p[:i]
	}
	return string(p), nil
}

// Sockaddr is the struct sockaddr_un of a name.
func Sockaddr(name string) []byte {
	sa := append(binary.LittleEndian.AppendUint16(nil, unix.AF_UNIX), name...)
	if name != "" && name[0] != 0 {
		sa = append(sa, 0)
	}
	return sa
}

// BindAbstract gives the socket an abstract name, or one of its own choice for
// "" (autobind): EADDRINUSE, EINVAL if it has one.
func (s *Socket) BindAbstract(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.name != "" {
		if name == "" {
			return nil
		}
		return unix.EINVAL
	}
	namespace.mu.Lock()
	defer namespace.mu.Unlock()
	for auto := name == ""; auto; {
		namespace.next++
		name = fmt.Sprintf("\x00%05x", namespace.next&0xfffff)
		auto = namespace.abstract[key{s.net, s.typ, name}] != nil
	}
	if namespace.abstract[key{s.net, s.typ, name}] != nil {
		return unix.EADDRINUSE
	}
	namespace.abstract[key{s.net, s.typ, name}] = s
	s.name = name
	return nil
}

// Bound tells whether the socket has a name.
func (s *Socket) Bound() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.name != ""
}

// BindNode gives the socket the path of an inode that was just made for it.
func (s *Socket) BindNode(path string, node vfs.Inode) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.name != "" {
		return unix.EINVAL
	}
	namespace.mu.Lock()
	defer namespace.mu.Unlock()
	namespace.inodes[node] = s
	s.name, s.node = path, node
	return nil
}

// unbind frees the name for others. mu is held.
func (s *Socket) unbind() {
	namespace.mu.Lock()
	defer namespace.mu.Unlock()
	if k := (key{s.net, s.typ, s.name}); namespace.abstract[k] == s {
		delete(namespace.abstract, k)
	}
	if s.node != nil && namespace.inodes[s.node] == s {
		delete(namespace.inodes, s.node)
	}
}

// FindAbstract is the socket of the same network namespace bound to an abstract name: ECONNREFUSED.
func (s *Socket) FindAbstract(typ int, name string) (*Socket, error) {
	namespace.mu.Lock()
	defer namespace.mu.Unlock()
	if s := namespace.abstract[key{s.net, typ, name}]; s != nil {
		return s, nil
	}
	return nil, unix.ECONNREFUSED
}

// FindNode is the socket bound to an inode: ECONNREFUSED.
func FindNode(node vfs.Inode) (*Socket, error) {
	namespace.mu.Lock()
	defer namespace.mu.Unlock()
	if s := namespace.inodes[node]; s != nil {
		return s, nil
	}
	return nil, unix.ECONNREFUSED
}

// Name is the socket's own address; "" if it has none.
func (s *Socket) Name() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.name
}

// PeerName is the other end's address: ENOTCONN.
func (s *Socket) PeerName() (string, error) {
	s.mu.Lock()
	peer, connected, gone := s.peer, s.connected, s.peerName
	s.mu.Unlock()
	if connected && peer == nil && s.connecting() {
		return gone, nil
	}
	if !connected || peer == nil {
		return "", unix.ENOTCONN
	}
	return peer.Name(), nil
}

// PeerCred is SO_PEERCRED.
func (s *Socket) PeerCred() Ucred {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peerCred.Ucred
}

// PeerGroups is SO_PEERGROUPS: ENODATA without a peer.
func (s *Socket) PeerGroups() ([]cred.GID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.peerCred.Ucred == Nobody {
		return nil, unix.ENODATA
	}
	return s.peerCred.Groups, nil
}

// PeerProcess is SO_PEERPIDFD's process: nil without a peer.
func (s *Socket) PeerProcess() *task.ThreadGroup {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peerCred.Process
}

// Domain is what restricted whoever made the socket.
func (s *Socket) Domain() cred.Domain { return s.owner.Domain }

// Listening tells whether it takes connections.
func (s *Socket) Listening() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listening
}

// Has tells whether peer is the other end already.
func (s *Socket) Has(peer *Socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peer == peer
}
