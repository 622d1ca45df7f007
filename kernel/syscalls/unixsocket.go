// SPDX-License-Identifier: Apache-2.0

// This file is AF_UNIX as the socket calls see it: names that are paths, and control messages that
// carry descriptors and credentials.

package syscalls

import (
	"cmp"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/landlock"
	"github.com/ditto-kernel/ditto/kernel/socket/unixsock"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// unixSocket implements anySocket.
type unixSocket struct{ *unixsock.Socket }

// ucred is what a task's sockets and messages are stamped with.
func ucred(t *task.Task) unixsock.Ucred {
	c := t.Creds()
	return unixsock.Ucred{PID: t.Group().ID(), UID: c.EUID, GID: c.EGID, Process: t.Group()}
}

// who is a task as the other end may ask for it.
func who(t *task.Task) unixsock.Who {
	c := t.Creds()
	return unixsock.Who{Ucred: ucred(t), Groups: c.Groups, FSUID: c.FSUID, FSGID: c.FSGID, Domain: c.Domain}
}

func newUnix(t *task.Task, typ, protocol int32) (anySocket, error) {
	if protocol != 0 && protocol != unix.AF_UNIX {
		return nil, unix.EPROTONOSUPPORT
	}
	s, err := unixsock.New(int(typ)&0xf, who(t), t.Network())
	return unixSocket{s}, err
}

func newUnixPair(t *task.Task, typ, protocol int32) (anySocket, anySocket, error) {
	a, err := newUnix(t, typ, protocol)
	if err != nil {
		return nil, nil, err
	}
	b, err := newUnix(t, typ, protocol)
	if err != nil {
		return nil, nil, err
	}
	unixsock.Pair(a.(unixSocket).Socket, b.(unixSocket).Socket)
	return a, b, nil
}

func (s unixSocket) file(flags uint32) *vfs.File { return s.File(flags) }

func (s unixSocket) bind(t *task.Task, f *vfs.File, sa []byte) error {
	name, err := unixsock.ParseName(sa)
	if err != nil {
		return err
	}
	if name == "" || name[0] == 0 {
		return s.BindAbstract(name)
	}
	mode := f.Inode.Mode()&0o777 | unix.S_IFSOCK
	p, err := vfs.MknodAt(t, t.FS().At(), name, mode, t.FS().Umask(), 0)
	if err == unix.EEXIST {
		return unix.EADDRINUSE
	}
	if err != nil {
		return err
	}
	// That it is bound already is found with the file made, which goes again (unix_bind_bsd).
	if err = s.BindNode(name, p.Inode()); err != nil {
		_ = vfs.Unlink(t, t.FS().At(), name)
	}
	return err
}

// findSocket is the socket that an address names to another.
func findSocket(t *task.Task, from *unixsock.Socket, sa []byte, typ int) (*unixsock.Socket, error) {
	name, err := unixsock.ParseName(sa)
	switch {
	case err != nil:
		return nil, err
	case name == "":
		return nil, unix.EINVAL
	case name[0] == 0:
		return from.FindAbstract(typ, name)
	}
	p, err := vfs.Lookup(t, t.FS().At(), name, vfs.Follow)
	if err != nil {
		return nil, err
	}
	if err := vfs.Access(t, t.Creds(), p, vfs.MayWrite); err != nil {
		return nil, err
	}
	if p.Inode().Mode()&unix.S_IFMT != unix.S_IFSOCK {
		return nil, unix.ECONNREFUSED
	}
	return unixsock.FindNode(p.Inode())
}

// mayReach tells whether a task's restriction lets it have a socket for its peer: one that has an abstract name may be out of its scope.
func mayReach(t *task.Task, target *unixsock.Socket) bool {
	name := target.Name()
	return name == "" || name[0] != 0 || landlock.MayReach(t.Creds().Domain, target.Domain(), landlock.ScopeAbstract)
}

func (s unixSocket) connect(t *task.Task, f *vfs.File, sa []byte) error {
	if len(sa) >= 2 && binary.LittleEndian.Uint16(sa) == unix.AF_UNSPEC {
		return s.Disconnect()
	}
	target, err := findSocket(t, s.Socket, sa, s.Type())
	if err != nil {
		return err
	}
	if !mayReach(t, target) && (s.Type() == unix.SOCK_DGRAM || target.Listening()) {
		return unix.EPERM
	}
	return s.Connect(t, f, target, who(t))
}

func (s unixSocket) listen(t *task.Task, backlog int) error { return s.Listen(backlog, who(t)) }

func (s unixSocket) accept(t *task.Task, f *vfs.File) (anySocket, []byte, error) {
	c, err := s.Accept(t, f)
	if err != nil {
		return nil, nil, err
	}
	name, _ := c.PeerName() // a peer that is gone has no name
	return unixSocket{c}, unixsock.Sockaddr(name), nil
}

func (s unixSocket) name() ([]byte, error) { return unixsock.Sockaddr(s.Name()), nil }

func (s unixSocket) peerName() ([]byte, error) {
	name, err := s.PeerName()
	return unixsock.Sockaddr(name), err
}

func (s unixSocket) shutdown(how int) error { return s.Shutdown(how) }

func (s unixSocket) level(level int) error {
	if level != unix.SOL_SOCKET {
		return unix.EOPNOTSUPP
	}
	return nil
}

func (s unixSocket) mayAsk(level, _ int) error { return s.level(level) }

func (s unixSocket) setOption(t *task.Task, _, name int, value []byte) error {
	return s.SetOption(t.Creds(), name, value)
}

func (s unixSocket) faultyOption(*task.Task, int, int, int) error { return unix.EFAULT }

func (s unixSocket) option(t *task.Task, _, name, room int, _ []byte) ([]byte, error) {
	switch name {
	case unix.SO_PEERGROUPS:
		return s.peerGroups(t, room)
	case unix.SO_PEERPIDFD:
		return s.peerPidfd(t)
	case unix.SO_PEERNAME:
		sa, err := s.peerName()
		if err == nil && len(sa) < room {
			err = unix.EINVAL
		}
		return sa, err
	}
	v, err := s.Option(name, room)
	if err != nil {
		return nil, err
	}
	if peer := s.PeerCred(); name == unix.SO_PEERCRED && peer != unixsock.Nobody {
		binary.LittleEndian.PutUint32(v, uint32(t.ShowPid(peer.PID)))
		binary.LittleEndian.PutUint32(v[4:], showUID(t, peer.UID))
		binary.LittleEndian.PutUint32(v[8:], showGID(t, peer.GID))
	}
	return v, nil
}

// peerPidfd is SO_PEERPIDFD: ENODATA without a peer.
func (s unixSocket) peerPidfd(t *task.Task) ([]byte, error) {
	g := s.PeerProcess()
	if g == nil {
		return nil, unix.ENODATA
	}
	fd, err := install(t, g.NewPidFD(nil, 0), 0, true)
	return binary.LittleEndian.AppendUint32(nil, uint32(fd)), err
}

// peerGroups is SO_PEERGROUPS: ERANGE, and how much room it takes, if there is not enough.
func (s unixSocket) peerGroups(t *task.Task, room int) ([]byte, error) {
	groups, err := s.PeerGroups()
	if err != nil {
		return nil, err
	}
	v := []byte{}
	for _, g := range groups {
		v = binary.LittleEndian.AppendUint32(v, showGID(t, g))
	}
	if len(v) > room {
		return v, unix.ERANGE
	}
	return v, nil
}

func (s unixSocket) takeError() error   { return s.TakeError() }
func (s unixSocket) setError(err error) { s.SetError(err) }

func (s unixSocket) mayFilter(*task.Task) bool   { return true }
func (s unixSocket) filterLocked() bool          { return s.FilterLocked() }
func (s unixSocket) filter() ([]bpf.Insn, error) { return s.Filter(), nil }

func (s unixSocket) attachFilter(name int, insns []bpf.Insn) error {
	if name != unix.SO_ATTACH_FILTER { // there are no groups of SO_REUSEPORT
		if _, err := bpf.NewSocket(insns); err != nil {
			return err
		}
		return unix.EINVAL
	}
	return s.AttachFilter(insns)
}

func (s unixSocket) send(t *task.Task, f *vfs.File, buf *user.Buf, m outgoing, flags uint32) (int, error) {
	if err := s.Unready(); err != nil {
		return 0, err
	}
	c, err := controlIn(t, m.control)
	if err != nil {
		return 0, err
	}
	if flags&unix.MSG_OOB != 0 && (s.Type() != unix.SOCK_STREAM || buf.Len() == 0) {
		dropFiles(c.Files)
		return 0, unix.EOPNOTSUPP // before the address is looked at (unix_dgram_sendmsg, unix_stream_sendmsg)
	}
	dest, err := s.destination(t, m.name)
	if err != nil && err != unix.EINVAL && s.Type() == unix.SOCK_DGRAM { // an address is looked up when the message is made
		err = cmp.Or(s.Unsendable(buf), err)
	}
	if err != nil {
		dropFiles(c.Files)
		return 0, err
	}
	n, err := s.Send(t, f, buf, dest, c, flags)
	if err != nil {
		dropFiles(c.Files)
	}
	return n, err
}

// destination is the socket that a message is addressed to, or nil for the peer.
func (s unixSocket) destination(t *task.Task, sa []byte) (*unixsock.Socket, error) {
	if len(sa) == 0 {
		return nil, nil
	}
	if s.Type() == unix.SOCK_STREAM {
		if _, err := s.PeerName(); err == nil {
			return nil, unix.EISCONN
		}
		return nil, unix.EOPNOTSUPP
	}
	if s.Type() == unix.SOCK_SEQPACKET {
		return nil, nil // the address is not looked at
	}
	to, err := findSocket(t, s.Socket, sa, s.Type())
	if err == nil && to.Type() != s.Type() {
		err = unix.EPROTOTYPE
	}
	if err == nil && (!to.TakesFrom(s.Socket) || !s.Has(to) && !mayReach(t, to)) {
		err = unix.EPERM
	}
	return to, err
}

func (s unixSocket) recv(t *task.Task, f *vfs.File, buf *user.Buf, flags uint32, want wanted) (int, incoming, error) {
	n, r, err := s.Recv(t, f, buf, flags, want.last)
	if err != nil {
		dropFiles(r.Files)
		return 0, incoming{}, err
	}
	in := incoming{name: fromAddr(r), files: r.Files, control: func(c *controlRoom) { c.putReceived(t, r, flags&unix.MSG_CMSG_CLOEXEC != 0) }}
	if s.Type() != unix.SOCK_STREAM && !r.HasFrom {
		in.control = func(*controlRoom) {} // the end: no packet
	}
	if r.Size > n && s.Type() != unix.SOCK_STREAM {
		in.flags = unix.MSG_TRUNC
	}
	if r.Urgent {
		in.flags |= unix.MSG_OOB
	}
	return reported(n, r, flags), in, nil
}
