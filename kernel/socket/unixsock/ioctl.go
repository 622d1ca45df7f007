// SPDX-License-Identifier: Apache-2.0

package unixsock

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Ioctl implements vfs.FileOps: SIOCINQ, SIOCOUTQ and SIOCATMARK (unix_ioctl), and what there is to ask about devices.
func (s *Socket) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	var n int
	var err error
	switch cmd {
	case unix.TIOCINQ:
		n, err = s.waiting()
	case unix.TIOCOUTQ:
		n = s.unread()
	case unix.SIOCATMARK:
		if !s.streaming() {
			return 0, unix.EOPNOTSUPP
		}
		s.mu.Lock()
		n = int(bit(s.atMark()))
		s.mu.Unlock()
	default:
		return inet.DeviceIoctl(ctx, cmd, arg)
	}
	if err != nil {
		return 0, err
	}
	_, err = ctx.Memory().CopyOut(user.Addr(arg), binary.LittleEndian.AppendUint32(nil, uint32(n)))
	return 0, err
}

// waiting is how much can be received; of datagrams, the first one alone (unix_inq_len).
func (s *Socket) waiting() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.listening:
		return 0, unix.EINVAL
	case !s.connecting() && len(s.messages) > 0:
		return len(s.messages[0].data), nil
	}
	return s.queued + s.passed, nil
}

// unread is what the peer has not received yet.
func (s *Socket) unread() int {
	s.mu.Lock()
	peer := s.peer
	s.mu.Unlock()
	if peer == nil {
		return 0
	}
	peer.mu.Lock()
	defer peer.mu.Unlock()
	return peer.queued
}
