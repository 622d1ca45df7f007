// SPDX-License-Identifier: Apache-2.0

// This file is the conversations with the maker and the agents (runtime/confine has the other ends): a request of four numbers and perhaps
// a name, a reply of four numbers, of which the first is an errno, and what was asked for.

package netns

import (
	"encoding/binary"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/hostio"
)

// Maker makes network namespaces.
type Maker struct {
	mu     sync.Mutex // of what is sent
	socket int
}

// NewMaker asks the maker at the other end of the socket.
func NewMaker(socket int) *Maker { return &Maker{socket: socket} }

// New makes a namespace that belongs to a user namespace of the sandbox's: ENOSPC when the host has no more to give.
func (m *Maker) New(owner *cred.UserNS) (*Network, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, unix.ENOMEM
	}
	m.mu.Lock()
	err = send(m.socket, request{}, "", pair[1])
	m.mu.Unlock()
	unix.Close(pair[1])
	var fds []int
	if err == nil {
		_, fds, err = receive(pair[0])
	}
	if err == nil && len(fds) != 2 || err == unix.ENETDOWN {
		err = unix.ENOSPC
	}
	if err != nil {
		closeAll(append(fds, pair[0]))
		return nil, err
	}
	a := &agent{socket: pair[0]}
	n := &Network{Owner: owner, Own: true, fd: fds[0], agent: a, Net: hostio.TreeAt(fds[1]), Sysctl: settings{a}}
	n.prepare()
	runtime.AddCleanup(n, closeAll, []int{pair[0], fds[0], fds[1]})
	return n, nil
}

// agent is the process in a namespace.
type agent struct {
	mu     sync.Mutex // of a conversation
	socket int
}

// ask makes a request and returns what came of it: data, and a descriptor or -1.
func (a *agent) ask(r request, name string) ([]byte, int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := send(a.socket, r, name, -1); err != nil {
		return nil, -1, unix.ENETDOWN
	}
	b, fds, err := receive(a.socket)
	if err != nil || len(fds) == 0 {
		return b, -1, err
	}
	return b, fds[0], nil
}

// settings is /proc/sys/net of an agent's namespace. It implements Tree.
type settings struct{ *agent }

const (
	askOpen = -1
	askList = -2
)

func (s settings) open(name string, flags int) (int, error) {
	_, fd, err := s.ask(request{askOpen, int32(flags)}, name)
	if err == nil && fd < 0 {
		err = unix.ENETDOWN
	}
	return fd, err
}

// Read implements Tree.
func (s settings) Read(name string) ([]byte, error) {
	fd, err := s.open(name, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return hostio.ReadAll(fd)
}

// Write implements Tree.
func (s settings) Write(name string, data []byte) error {
	fd, err := s.open(name, unix.O_WRONLY)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, data)
	return err
}

// Mode implements Tree.
func (s settings) Mode(name string) (uint32, error) {
	fd, err := s.open(name, unix.O_PATH)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	err = unix.Fstat(fd, &st)
	return st.Mode, err
}

// Names implements Tree.
func (s settings) Names(name string) ([]string, error) {
	b, _, err := s.ask(request{askList}, name)
	var names []string
	if err == nil {
		_, _, names = unix.ParseDirent(b, -1, nil)
	}
	slices.Sort(names)
	return names, err
}

func closeAll(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}

// request is the numbers of a request or a reply.
type request [4]int32

func send(socket int, r request, name string, fd int) error {
	var b []byte
	for _, v := range r {
		b = binary.NativeEndian.AppendUint32(b, uint32(v))
	}
	if name != "" {
		b = append(append(b, name...), 0)
	}
	var rights []byte
	if fd >= 0 {
		rights = unix.UnixRights(fd)
	}
	for {
		if err := unix.Sendmsg(socket, b, rights, nil, unix.MSG_NOSIGNAL); err != unix.EINTR {
			return err
		}
	}
}

// receive waits for a reply, and returns what is behind its numbers, and the error that it says: ENETDOWN if there is nobody to reply.
func receive(socket int) (b []byte, fds []int, err error) {
	b = make([]byte, 16+32<<10)
	oob := make([]byte, unix.CmsgSpace(4*4))
	n, oobn := 0, 0
	for {
		n, oobn, _, _, err = unix.Recvmsg(socket, b, oob, unix.MSG_CMSG_CLOEXEC)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil || n < 16 {
		return nil, nil, unix.ENETDOWN
	}
	messages, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		return nil, nil, unix.ENETDOWN
	}
	for i := range messages {
		more, _ := unix.ParseUnixRights(&messages[i])
		fds = append(fds, more...)
	}
	if errno := binary.NativeEndian.Uint32(b); errno != 0 {
		closeAll(fds)
		return nil, nil, unix.Errno(errno)
	}
	return b[16:n], fds, nil
}
