// SPDX-License-Identifier: Apache-2.0

// This file makes the calls for host sockets, with addresses, options and control messages as the bytes that they are.
// The sockets are non-blocking, so that none of the calls waits.

package hostio

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func result(n uintptr, e unix.Errno) (int, error) {
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}

// withAddress makes a call of a descriptor, an address and its length.
func withAddress(nr uintptr, fd int, sa []byte) error {
	for {
		_, _, e := unix.Syscall(nr, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(sa))), uintptr(len(sa)))
		switch e {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return e
		}
	}
}

// Bind is bind(2).
func Bind(fd int, sa []byte) error { return withAddress(unix.SYS_BIND, fd, sa) }

// Connect is connect(2).
func Connect(fd int, sa []byte) error { return withAddress(unix.SYS_CONNECT, fd, sa) }

// sockaddrMax is sizeof(struct sockaddr_storage).
const sockaddrMax = 128

// Accept is accept4(2), with SOCK_NONBLOCK and SOCK_CLOEXEC.
func Accept(fd int) (int, []byte, error) {
	sa := make([]byte, sockaddrMax)
	size := uint32(len(sa))
	n, _, e := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(sa))), uintptr(unsafe.Pointer(&size)),
		unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	if e != 0 {
		return -1, nil, e
	}
	return int(n), sa[:min(int(size), len(sa))], nil
}

// Getsockname is getsockname(2).
func Getsockname(fd int) ([]byte, error) { return name(unix.SYS_GETSOCKNAME, fd) }

// Getpeername is getpeername(2).
func Getpeername(fd int) ([]byte, error) { return name(unix.SYS_GETPEERNAME, fd) }

func name(nr uintptr, fd int) ([]byte, error) {
	sa := make([]byte, sockaddrMax)
	size := uint32(len(sa))
	if _, _, e := unix.RawSyscall(nr, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(sa))), uintptr(unsafe.Pointer(&size))); e != 0 {
		return nil, e
	}
	return sa[:min(int(size), len(sa))], nil
}

// Setsockopt is setsockopt(2).
func Setsockopt(fd, level, option int, value []byte) error {
	_, _, e := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option), uintptr(unsafe.Pointer(unsafe.SliceData(value))), uintptr(len(value)), 0)
	if e != 0 {
		return e
	}
	return nil
}

// Getsockopt is getsockopt(2): how many bytes of value it filled in.
func Getsockopt(fd, level, option int, value []byte) (int, error) {
	size := uint32(len(value))
	_, _, e := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option), uintptr(unsafe.Pointer(unsafe.SliceData(value))),
		uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 {
		return 0, e
	}
	return min(int(size), len(value)), nil
}

// FaultySetsockopt is setsockopt(2) with a value that is not there: what is wrong with it first.
func FaultySetsockopt(fd, level, option, length int) error {
	const nowhere = 1
	_, _, e := unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option), nowhere, uintptr(length), 0)
	if e != 0 {
		return e
	}
	return nil
}

// NegativeGetsockopt is getsockopt(2) with a negative length, which some options take for a long one.
func NegativeGetsockopt(fd, level, option int, given []byte) ([]byte, error) {
	value := make([]byte, 64<<10) // more than any of those writes
	copy(value, given)
	size := int32(-1)
	_, _, e := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option), uintptr(unsafe.Pointer(unsafe.SliceData(value))),
		uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 {
		return nil, e
	}
	return value[:min(int(max(size, 0)), len(value))], nil
}

// Ioctl is ioctl(2) of a command that reads and writes the bytes of arg.
func Ioctl(fd int, cmd uint32, arg []byte) error {
	if _, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), uintptr(cmd), uintptr(unsafe.Pointer(unsafe.SliceData(arg)))); e != 0 {
		return e
	}
	return nil
}

// Ifconf is ioctl(2) of SIOCGIFCONF: how many bytes of list it filled in, or would for nil.
func Ifconf(fd int, list []byte) (int, error) {
	conf := struct {
		size int32
		list *byte
	}{int32(len(list)), nil}
	if list != nil {
		conf.list = unsafe.SliceData(list)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGIFCONF, uintptr(unsafe.Pointer(&conf))); e != 0 {
		return 0, e
	}
	return int(conf.size), nil
}

// AttachFilter is setsockopt(2) of an option whose value is a classic BPF program (struct sock_fprog).
func AttachFilter(fd, option int, prog []unix.SockFilter) error {
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, option, &unix.SockFprog{Len: uint16(len(prog)), Filter: unsafe.SliceData(prog)})
}

// Filter is getsockopt(2) of SO_GET_FILTER, whose lengths count instructions.
func Filter(fd int) ([]unix.SockFilter, error) {
	const most = 4096 // BPF_MAXINSNS
	prog := make([]unix.SockFilter, most)
	n := uint32(most)
	_, _, e := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, uintptr(unsafe.Pointer(unsafe.SliceData(prog))),
		uintptr(unsafe.Pointer(&n)), 0)
	if e != 0 {
		return nil, e
	}
	return prog[:min(n, most)], nil
}

// Message is what goes with the data of a message (struct msghdr). Receiving shortens
// Name and Control to what came.
type Message struct {
	Name    []byte
	Control []byte
	Flags   int // msg_flags of a receive
}

func (m *Message) header(iov *unix.Iovec, data []byte) unix.Msghdr {
	h := unix.Msghdr{Iov: iov, Iovlen: 1, Namelen: uint32(len(m.Name)), Controllen: uint64(len(m.Control))}
	iov.Base, iov.Len = unsafe.SliceData(data), uint64(len(data))
	if len(m.Name) > 0 {
		h.Name = unsafe.SliceData(m.Name)
	}
	if len(m.Control) > 0 {
		h.Control = unsafe.SliceData(m.Control)
	}
	return h
}

// Send is sendmsg(2) that does not wait and raises no signal.
func Send(fd int, data []byte, m *Message, flags int) (int, error) {
	var iov unix.Iovec
	h := m.header(&iov, data)
	n, _, e := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&h)),
		uintptr(flags|unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL))
	return result(n, e)
}

// Receive is recvmsg(2) that does not wait.
func Receive(fd int, data []byte, m *Message, flags int) (int, error) {
	var iov unix.Iovec
	h := m.header(&iov, data)
	n, _, e := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&h)), uintptr(flags|unix.MSG_DONTWAIT))
	if e != 0 {
		return 0, e
	}
	m.Name = m.Name[:min(int(h.Namelen), len(m.Name))]
	m.Control = m.Control[:min(int(h.Controllen), len(m.Control))]
	m.Flags = int(h.Flags)
	return int(n), nil
}

// IoctlData is ioctl(2) of a command whose struct ifreq points to further bytes, which are read and written.
func IoctlData(fd int, cmd uint32, name [16]byte, data []byte) error {
	ifreq := struct {
		name [16]byte
		data *byte
		_    [16]byte
	}{name: name, data: unsafe.SliceData(data)}
	if _, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), uintptr(cmd), uintptr(unsafe.Pointer(&ifreq))); e != 0 {
		return e
	}
	return nil
}
