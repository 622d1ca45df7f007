// SPDX-License-Identifier: Apache-2.0

// This file makes, names and connects sockets. Only AF_UNIX is there yet.

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/socket/unixsock"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// sockaddrMax is sizeof(struct sockaddr_storage).
const sockaddrMax = 128

// ucred is what a task's sockets and messages are stamped with.
func ucred(t *task.Task) unixsock.Ucred {
	c := t.Creds()
	return unixsock.Ucred{PID: t.Group().ID(), UID: c.EUID, GID: c.EGID}
}

// newSocket checks socket(2)'s arguments and makes a socket.
func newSocket(t *task.Task, family, typ, protocol int32) (*unixsock.Socket, error) {
	const flags = unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK
	kind := typ &^ flags
	switch {
	case kind&^0xf != 0:
		return nil, unix.EINVAL
	case family < 0 || family >= unix.AF_MAX:
		return nil, unix.EAFNOSUPPORT
	case kind < 0 || kind >= 11: // SOCK_MAX
		return nil, unix.EINVAL
	case family != unix.AF_UNIX:
		return nil, unix.EAFNOSUPPORT
	case protocol != 0 && protocol != unix.AF_UNIX:
		return nil, unix.EPROTONOSUPPORT
	}
	return unixsock.New(int(kind), ucred(t))
}

func installSocket(t *task.Task, s *unixsock.Socket, typ int32) (int, error) {
	return install(t, s.File(uint32(typ)&unix.O_NONBLOCK), 0, typ&unix.SOCK_CLOEXEC != 0)
}

//ditto:syscall socket partial AF_UNIX only; other families answer EAFNOSUPPORT
func socket(t *task.Task, family, typ, protocol int32) (int, error) {
	s, err := newSocket(t, family, typ, protocol)
	if err != nil {
		return 0, err
	}
	return installSocket(t, s, typ)
}

//ditto:syscall socketpair partial AF_UNIX only; other families answer EAFNOSUPPORT
func socketpair(t *task.Task, family, typ, protocol int32, vec user.Addr) (err error) {
	if typ&^(unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)&^0xf != 0 {
		return unix.EINVAL
	}
	a, failed := newSocket(t, family, typ, protocol)
	kind := unix.SOCK_STREAM
	if failed == nil {
		kind = a.Type()
	} else if a, err = unixsock.New(kind, ucred(t)); err != nil { // a stand-in, see below
		return err
	}
	b, err := unixsock.New(kind, ucred(t))
	if err != nil {
		return err
	}
	unixsock.Pair(a, b)
	afd, err := installSocket(t, a, typ)
	if err != nil {
		return err
	}
	bfd, err := installSocket(t, b, typ)
	if err == nil {
		p := binary.LittleEndian.AppendUint32(nil, uint32(afd))
		if _, err = t.Memory().CopyOut(vec, binary.LittleEndian.AppendUint32(p, uint32(bfd))); err != nil {
			uninstall(t, bfd)
		} else if err = failed; err != nil {
			// Linux takes and stores the numbers first and makes the sockets then.
			uninstall(t, bfd)
		}
	}
	if err != nil {
		uninstall(t, afd)
	}
	return err
}

// socketAt is the socket at a descriptor, with its file's reference: EBADF,
// ENOTSOCK.
func socketAt(t *task.Task, fd vfs.FD) (*vfs.File, *unixsock.Socket, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return nil, nil, err
	}
	s, ok := f.Ops.(*unixsock.Socket)
	if !ok {
		f.DecRef()
		return nil, nil, unix.ENOTSOCK
	}
	return f, s, nil
}

// sockaddrIn copies an address in (move_addr_to_kernel).
func sockaddrIn(t *task.Task, addr user.Addr, length int32) ([]byte, error) {
	if length < 0 || length > sockaddrMax {
		return nil, unix.EINVAL
	}
	sa := make([]byte, length)
	_, err := t.Memory().CopyIn(addr, sa)
	return sa, err
}

// sockaddrOut copies an address out, as much as the caller has room for, and
// its whole length (move_addr_to_user).
func sockaddrOut(t *task.Task, sa []byte, addr, lenAddr user.Addr) error {
	var b [4]byte
	if _, err := t.Memory().CopyIn(lenAddr, b[:]); err != nil {
		return err
	}
	room := int32(binary.LittleEndian.Uint32(b[:]))
	if room < 0 {
		return unix.EINVAL
	}
	if _, err := t.Memory().CopyOut(addr, sa[:min(len(sa), int(room))]); err != nil {
		return err
	}
	binary.LittleEndian.PutUint32(b[:], uint32(len(sa)))
	_, err := t.Memory().CopyOut(lenAddr, b[:])
	return err
}

//ditto:syscall bind partial AF_UNIX only
func bind(t *task.Task, fd vfs.FD, addr user.Addr, length int32) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	sa, err := sockaddrIn(t, addr, length)
	if err != nil {
		return err
	}
	name, err := unixsock.ParseName(sa)
	if err != nil {
		return err
	}
	if name == "" || name[0] == 0 {
		return s.BindAbstract(name)
	}
	if s.Bound() {
		return unix.EINVAL
	}
	mode := f.Inode.Mode()&0o777 | unix.S_IFSOCK
	p, err := vfs.MknodAt(t, t.FS().At(), name, mode, t.FS().Umask(), 0)
	if err == unix.EEXIST {
		return unix.EADDRINUSE
	}
	if err != nil {
		return err
	}
	return s.BindNode(name, p.Inode())
}

// findSocket is the socket that an address names.
func findSocket(t *task.Task, sa []byte, typ int) (*unixsock.Socket, error) {
	name, err := unixsock.ParseName(sa)
	switch {
	case err != nil:
		return nil, err
	case name == "":
		return nil, unix.EINVAL
	case name[0] == 0:
		return unixsock.FindAbstract(typ, name)
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

//ditto:syscall connect partial AF_UNIX only
func connect(t *task.Task, fd vfs.FD, addr user.Addr, length int32) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	sa, err := sockaddrIn(t, addr, length)
	if err != nil {
		return err
	}
	if len(sa) >= 2 && binary.LittleEndian.Uint16(sa) == unix.AF_UNSPEC {
		return s.Disconnect()
	}
	target, err := findSocket(t, sa, s.Type())
	if err != nil {
		return err
	}
	return s.Connect(t, f, target, ucred(t))
}

//ditto:syscall listen partial AF_UNIX only
func listen(t *task.Task, fd vfs.FD, backlog int32) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return s.Listen(int(backlog), ucred(t))
}

//ditto:syscall accept partial AF_UNIX only
func accept(t *task.Task, fd vfs.FD, addr, length user.Addr) (int, error) {
	return accept4(t, fd, addr, length, 0)
}

//ditto:syscall accept4 partial AF_UNIX only
func accept4(t *task.Task, fd vfs.FD, addr, length user.Addr, flags int32) (int, error) {
	if f, err := t.Files().Get(fd); err != nil {
		return 0, err
	} else {
		f.DecRef()
	}
	if flags&^(unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK) != 0 {
		return 0, unix.EINVAL
	}
	if !t.Files().HasRoom(t.RLimit(unix.RLIMIT_NOFILE)) {
		return 0, unix.EMFILE // before a connection is taken, which would be lost
	}
	f, s, err := socketAt(t, fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	c, err := s.Accept(t, f)
	if err != nil {
		return 0, err
	}
	nfd, err := installSocket(t, c, flags)
	if err != nil || addr == 0 {
		return nfd, err
	}
	name, _ := c.PeerName() // a peer that is gone has no name
	if err := sockaddrOut(t, unixsock.Sockaddr(name), addr, length); err != nil {
		uninstall(t, nfd)
		return 0, err
	}
	return nfd, nil
}

//ditto:syscall getsockname partial AF_UNIX only
func getsockname(t *task.Task, fd vfs.FD, addr, length user.Addr) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return sockaddrOut(t, unixsock.Sockaddr(s.Name()), addr, length)
}

//ditto:syscall getpeername partial AF_UNIX only
func getpeername(t *task.Task, fd vfs.FD, addr, length user.Addr) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	name, err := s.PeerName()
	if err != nil {
		return err
	}
	return sockaddrOut(t, unixsock.Sockaddr(name), addr, length)
}

//ditto:syscall shutdown partial AF_UNIX only
func shutdown(t *task.Task, fd vfs.FD, how int32) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return s.Shutdown(int(how))
}

//ditto:syscall setsockopt partial AF_UNIX only; SO_PEEK_OFF only as -1, no BPF filters
func setsockopt(t *task.Task, fd vfs.FD, level, name int32, value user.Addr, length int32) error {
	if length < 0 {
		return unix.EINVAL
	}
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if level != unix.SOL_SOCKET {
		return unix.EOPNOTSUPP
	}
	v := make([]byte, min(length, 64))
	if _, err := t.Memory().CopyIn(value, v); err != nil {
		return err
	}
	return s.SetOption(t.Creds(), int(name), v)
}

//ditto:syscall getsockopt partial AF_UNIX only; no SO_PEERGROUPS
func getsockopt(t *task.Task, fd vfs.FD, level, name int32, value, length user.Addr) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if level != unix.SOL_SOCKET {
		return unix.EOPNOTSUPP
	}
	var b [4]byte
	if _, err := t.Memory().CopyIn(length, b[:]); err != nil {
		return err
	}
	room := int32(binary.LittleEndian.Uint32(b[:]))
	if room < 0 {
		return unix.EINVAL
	}
	v, err := s.Option(int(name))
	if err != nil {
		return err
	}
	if peer := s.PeerCred(); name == unix.SO_PEERCRED && peer != unixsock.Nobody {
		binary.LittleEndian.PutUint32(v, uint32(t.ShowPid(peer.PID)))
		binary.LittleEndian.PutUint32(v[4:], showUID(t, peer.UID))
		binary.LittleEndian.PutUint32(v[8:], showGID(t, peer.GID))
	}
	v = v[:min(len(v), int(room))]
	if _, err := t.Memory().CopyOut(value, v); err != nil {
		return err
	}
	binary.LittleEndian.PutUint32(b[:], uint32(len(v)))
	_, err = t.Memory().CopyOut(length, b[:])
	return err
}
