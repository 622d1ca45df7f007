// SPDX-License-Identifier: Apache-2.0

// This file is AF_INET, AF_INET6, AF_PACKET and AF_NETLINK as the socket calls see them.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/landlock"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// inetSocket implements anySocket.
type inetSocket struct{ *inet.Socket }

func newInet(t *task.Task, family, typ, protocol int32) (anySocket, error) {
	s, err := inet.New(t.Creds(), t.Network(), int(family), int(typ)&0xf, int(protocol))
	return inetSocket{s}, err
}

func (s inetSocket) file(flags uint32) *vfs.File { return s.File(flags) }

func (s inetSocket) bind(t *task.Task, _ *vfs.File, sa []byte) error {
	if err := s.mayUse(t, sa, landlock.BindTCP); err != nil {
		return err
	}
	return s.Bind(t, sa)
}

func (s inetSocket) connect(t *task.Task, f *vfs.File, sa []byte) error {
	if err := s.mayUse(t, sa, landlock.ConnectTCP); err != nil {
		return err
	}
	return s.Connect(t, f, sa)
}

// mayUse asks the task's restriction about an address, if the socket is one of TCP.
func (s inetSocket) mayUse(t *task.Task, sa []byte, want landlock.Ports) error {
	if t.Creds().Domain == nil || !s.IsTCP() {
		return nil
	}
	return landlock.MayUseAddress(t.Creds(), s.Family(), sa, want)
}

func (s inetSocket) listen(_ *task.Task, backlog int) error { return s.Listen(backlog) }

func (s inetSocket) accept(t *task.Task, f *vfs.File) (anySocket, []byte, error) {
	c, name, err := s.Accept(t, f)
	return inetSocket{c}, name, err
}

func (s inetSocket) name() ([]byte, error)     { return s.Name() }
func (s inetSocket) peerName() ([]byte, error) { return s.PeerName() }
func (s inetSocket) shutdown(how int) error    { return s.Shutdown(how) }
func (s inetSocket) level(int) error           { return nil }

func (s inetSocket) mayAsk(level, name int) error { return s.MayAsk(level, name) }

func (s inetSocket) setOption(t *task.Task, level, name int, value []byte) error {
	return s.SetOption(t.Creds(), level, name, value)
}

func (s inetSocket) faultyOption(t *task.Task, level, name, length int) error {
	return s.FaultyOption(t.Creds(), level, name, length)
}

func (s inetSocket) option(_ *task.Task, level, name, room int, given []byte) ([]byte, error) {
	return s.Option(level, name, room, given)
}

func (s inetSocket) takeError() error   { return s.TakeError() }
func (s inetSocket) setError(err error) { s.SetError(err) }

func (s inetSocket) mayFilter(t *task.Task) bool { return s.MayFilter(t.Creds()) }
func (s inetSocket) filterLocked() bool          { return s.FilterLocked() }
func (s inetSocket) filter() ([]bpf.Insn, error) { return s.Filter() }
func (s inetSocket) attachFilter(name int, insns []bpf.Insn) error {
	return s.AttachFilter(name, insns)
}

func (s inetSocket) send(t *task.Task, f *vfs.File, buf *user.Buf, m outgoing, flags uint32) (int, error) {
	return s.Send(t, f, buf, &hostio.Message{Name: m.name, Control: m.control}, int(flags))
}

func (s inetSocket) recv(t *task.Task, f *vfs.File, buf *user.Buf, flags uint32, want wanted) (int, incoming, error) {
	var m hostio.Message
	if want.name {
		m.Name = make([]byte, sockaddrMax)
	}
	m.Control = make([]byte, min(want.control, controlMax))
	n, err := s.Recv(t, f, buf, &m, int(flags), want.last)
	if err != nil {
		return 0, incoming{}, err
	}
	in := incoming{name: m.Name, flags: uint32(m.Flags) &^ unix.MSG_CMSG_CLOEXEC, control: func(c *controlRoom) { c.putRaw(t, m.Control) }}
	return n, in, nil
}
