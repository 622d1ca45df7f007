// SPDX-License-Identifier: Apache-2.0

// This file makes, names and connects sockets. What a family has to say to that is in unixsocket.go and inetsocket.go.

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/socket/unixsock"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// sockaddrMax is sizeof(struct sockaddr_storage).
const sockaddrMax = 128

// anySocket is a socket of any family, as the calls use it: addresses, options and control messages are the bytes that
// the application has.
type anySocket interface {
	file(flags uint32) *vfs.File
	bind(t *task.Task, f *vfs.File, sa []byte) error
	connect(t *task.Task, f *vfs.File, sa []byte) error
	listen(t *task.Task, backlog int) error
	accept(t *task.Task, f *vfs.File) (anySocket, []byte, error) // and who it is
	name() ([]byte, error)
	peerName() ([]byte, error)
	shutdown(how int) error

	// level tells whether there are options of a level at all.
	level(level int) error
	mayAsk(level, name int) error // what is wrong with one before the length of its value is looked at
	setOption(t *task.Task, level, name int, value []byte) error
	faultyOption(t *task.Task, level, name, length int) error // what is wrong with one whose value can't be read
	option(t *task.Task, level, name, room int, given []byte) ([]byte, error)

	// Filters of packets; name tells which kind.
	mayFilter(t *task.Task) bool
	filterLocked() bool
	attachFilter(name int, insns []bpf.Insn) error
	filter() ([]bpf.Insn, error)

	send(t *task.Task, f *vfs.File, buf *user.Buf, m outgoing, flags uint32) (int, error)
	recv(t *task.Task, f *vfs.File, buf *user.Buf, flags uint32, want wanted) (int, incoming, error)
	// takeError and setError are what recvmmsg does with the pending error.
	takeError() error
	setError(err error)
}

// checkSocket checks socket(2)'s arguments, as far as they are the same for every family.
func checkSocket(family, typ int32) error {
	const flags = unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK
	kind := typ &^ flags
	switch {
	case kind&^0xf != 0:
		return unix.EINVAL
	case family < 0 || family >= unix.AF_MAX:
		return unix.EAFNOSUPPORT
	case kind < 0 || kind >= 11: // SOCK_MAX
		return unix.EINVAL
	}
	return nil
}

// newSocket is socket(2) up to the descriptor.
func newSocket(t *task.Task, family, typ, protocol int32) (anySocket, error) {
	if err := checkSocket(family, typ); err != nil {
		return nil, err
	}
	switch family = realFamily(family, typ); family {
	case unix.AF_UNIX:
		return newUnix(t, typ, protocol)
	case unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK, unix.AF_PACKET:
		return newInet(t, family, typ, protocol)
	}
	return nil, unix.EAFNOSUPPORT
}

// realFamily is AF_PACKET for an old way to ask for it, which Linux takes to this day.
func realFamily(family, typ int32) int32 {
	if family == unix.AF_INET && typ&0xf == unix.SOCK_PACKET {
		return unix.AF_PACKET
	}
	return family
}

func installSocket(t *task.Task, s anySocket, typ int32) (int, error) {
	return install(t, s.file(uint32(typ)&unix.O_NONBLOCK), 0, typ&unix.SOCK_CLOEXEC != 0)
}

//ditto:syscall socket partial AF_UNIX, AF_INET, AF_INET6, AF_PACKET and AF_NETLINK only: of the internet TCP, UDP, ICMP and raw sockets, no MPTCP; of netlink ROUTE, SOCK_DIAG of TCP, UDP and AF_UNIX, KOBJECT_UEVENT on which nothing comes, AUDIT as where auditing is off
func socket(t *task.Task, family, typ, protocol int32) (int, error) {
	s, err := newSocket(t, family, typ, protocol)
	if err != nil {
		return 0, err
	}
	return installSocket(t, s, typ)
}

//ditto:syscall socketpair full
func socketpair(t *task.Task, family, typ, protocol int32, vec user.Addr) (err error) {
	if typ&^(unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)&^0xf != 0 {
		return unix.EINVAL
	}
	a, b, failed := newPair(t, family, typ, protocol)
	if failed != nil {
		// Linux takes and stores the numbers first and makes the sockets then: a pair stands in.
		if a, b, err = newPair(t, unix.AF_UNIX, unix.SOCK_STREAM, 0); err != nil {
			return err
		}
	}
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
			uninstall(t, bfd)
		}
	}
	if err != nil {
		uninstall(t, afd)
	}
	return err
}

// newPair is socketpair(2) up to the descriptors.
func newPair(t *task.Task, family, typ, protocol int32) (a, b anySocket, err error) {
	if err := checkSocket(family, typ); err != nil {
		return nil, nil, err
	}
	switch family = realFamily(family, typ); family {
	case unix.AF_UNIX:
		return newUnixPair(t, typ, protocol)
	case unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK, unix.AF_PACKET:
		s, err := newInet(t, family, typ, protocol)
		if err != nil {
			return nil, nil, err
		}
		s.file(0).DecRef()
		return nil, nil, unix.EOPNOTSUPP
	}
	return nil, nil, unix.EAFNOSUPPORT
}

// asSocket is a file's socket; nil if it is none.
func asSocket(f *vfs.File) anySocket {
	switch s := f.Ops.(type) {
	case *unixsock.Socket:
		return unixSocket{s}
	case *inet.Socket:
		return inetSocket{s}
	}
	return nil
}

// socketAt is the socket at a descriptor, with its file's reference: EBADF,
// ENOTSOCK.
func socketAt(t *task.Task, fd vfs.FD) (*vfs.File, anySocket, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return nil, nil, err
	}
	s := asSocket(f)
	if s == nil {
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
	binary.LittleEndian.PutUint32(b[:], uint32(len(sa))) // first, as do_getsockname has it
	if _, err := t.Memory().CopyOut(lenAddr, b[:]); err != nil {
		return err
	}
	_, err := t.Memory().CopyOut(addr, sa[:min(len(sa), int(room))])
	return err
}

//ditto:syscall bind partial on --network=host ports below 1024 only if the caller of ditto may have them
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
	return s.bind(t, f, sa)
}

//ditto:syscall connect full
func connect(t *task.Task, fd vfs.FD, addr user.Addr, length int32) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	sa, err := sockaddrIn(t, addr, length)
	if err != nil {
		return err
	}
	s := asSocket(f) // looked at after the address, unlike by bind
	if s == nil {
		return unix.ENOTSOCK
	}
	return s.connect(t, f, sa)
}

//ditto:syscall listen full
func listen(t *task.Task, fd vfs.FD, backlog int32) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return s.listen(t, int(backlog))
}

//ditto:syscall accept full
func accept(t *task.Task, fd vfs.FD, addr, length user.Addr) (int, error) {
	return accept4(t, fd, addr, length, 0)
}

//ditto:syscall accept4 full
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
	c, name, err := s.accept(t, f)
	if err != nil {
		return 0, err
	}
	nfd, err := installSocket(t, c, flags)
	if err != nil || addr == 0 {
		return nfd, err
	}
	if err := sockaddrOut(t, name, addr, length); err != nil {
		uninstall(t, nfd)
		return 0, err
	}
	return nfd, nil
}

//ditto:syscall getsockname full
func getsockname(t *task.Task, fd vfs.FD, addr, length user.Addr) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	sa, err := s.name()
	if err != nil {
		return err
	}
	return sockaddrOut(t, sa, addr, length)
}

//ditto:syscall getpeername full
func getpeername(t *task.Task, fd vfs.FD, addr, length user.Addr) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	sa, err := s.peerName()
	if err != nil {
		return err
	}
	return sockaddrOut(t, sa, addr, length)
}

//ditto:syscall shutdown full
func shutdown(t *task.Task, fd vfs.FD, how int32) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return s.shutdown(int(how))
}

//ditto:syscall setsockopt partial of AF_INET and AF_INET6 no TCP_ULP (ENOENT), no TCP_REPAIR (EPERM), no IPT_SO_ and MRT_
func setsockopt(t *task.Task, fd vfs.FD, level, name int32, value user.Addr, length int32) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if length < 0 {
		return unix.EINVAL
	}
	if err := s.level(int(level)); err != nil {
		return err
	}
	if isFilterOption(level, name) {
		return attachFilter(t, s, name, value, length)
	}
	if level == unix.SOL_SOCKET && (name == unix.SO_ATTACH_BPF || name == unix.SO_ATTACH_REUSEPORT_EBPF) {
		return attachBPF(t, value, length)
	}
	if level == unix.SOL_SOCKET && name != unix.SO_BINDTODEVICE && length < 4 {
		return unix.EINVAL // before the value is looked at (sk_setsockopt)
	}
	most := int32(64)
	if level != unix.SOL_SOCKET {
		most = inet.OptionMax
	}
	v := make([]byte, min(length, most))
	if _, err := t.Memory().CopyIn(value, v); err != nil {
		return s.faultyOption(t, int(level), int(name), int(length))
	}
	return s.setOption(t, int(level), int(name), v)
}

//ditto:syscall getsockopt partial of TCP nothing is mapped by TCP_ZEROCOPY_RECEIVE (EINVAL); no IPT_SO_ and MRT_
func getsockopt(t *task.Task, fd vfs.FD, level, name int32, value, length user.Addr) error {
	f, s, err := socketAt(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if err := s.mayAsk(int(level), int(name)); err != nil {
		return err
	}
	var b [4]byte
	if _, err := t.Memory().CopyIn(length, b[:]); err != nil {
		return err
	}
	room := int32(binary.LittleEndian.Uint32(b[:]))
	if room < 0 && level == unix.SOL_SOCKET {
		return unix.EINVAL
	}
	if level == unix.SOL_SOCKET && name == unix.SO_ATTACH_FILTER {
		return getFilter(t, s, value, length, int(room))
	}
	var given []byte
	if inet.AskedByValue(int(level), int(name)) {
		given = make([]byte, min(uint32(room), inet.OptionMax))
		n, _ := t.Memory().CopyIn(value, given)
		given = given[:n]
	}
	v, err := s.option(t, int(level), int(name), int(room), given)
	if err == unix.ERANGE && v != nil {
		if err := putUint32(t, length, uint32(len(v))); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	whole := v
	if room >= 0 {
		v = v[:min(len(v), int(room))]
	}
	_, err = t.Memory().CopyOut(value, v)
	if err == nil {
		binary.LittleEndian.PutUint32(b[:], uint32(len(v)))
		_, err = t.Memory().CopyOut(length, b[:])
	}
	if err != nil && level == unix.SOL_SOCKET && name == unix.SO_PEERPIDFD {
		_ = close_(t, vfs.FD(binary.LittleEndian.Uint32(whole))) // whose number nobody knows
	}
	return err
}
