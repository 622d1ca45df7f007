// SPDX-License-Identifier: Apache-2.0

package inet

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Flush implements vfs.FileOps. The last close of a connection that lingers (SO_LINGER) waits until the peer has all of it, the time is
// over, or a signal comes (tcp_close, sk_stream_wait_close); but not at the end of a process.
func (s *Socket) Flush(ctx vfs.Ctx, f *vfs.File) error {
	s.mu.Lock()
	lingers, left := s.lingers, s.linger
	s.mu.Unlock()
	if !s.stream || !lingers || f.Refs() > 1 {
		return nil
	}
	if t, ok := ctx.(interface{ Exiting() bool }); ok && t.Exiting() {
		return nil
	}
	if n, err := unix.IoctlGetInt(s.fd, unix.TIOCINQ); err != nil || n > 0 || s.hasKept() {
		return nil // with data left unread the connection is reset
	}
	if !s.sending() || unix.Shutdown(s.fd, unix.SHUT_WR) != nil {
		return nil
	}
	_ = wait.Until(ctx, &s.queue, wait.All, time.Now().Add(left), func() bool { return !s.closing() })
	return nil
}

// States of a connection (enum in net/tcp_states.h).
const (
	tcpEstablished = 1
	tcpFinWait1    = 4
	tcpClose       = 7
	tcpCloseWait   = 8
	tcpLastAck     = 9
	tcpClosing     = 11
)

func (s *Socket) state() uint8 {
	info, err := unix.GetsockoptTCPInfo(s.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return 0
	}
	return info.State
}

// sending tells whether the peer may lack something of what was sent.
func (s *Socket) sending() bool {
	state := s.state()
	return state == tcpEstablished || state == tcpCloseWait || s.closing()
}

// closing is sk_stream_closing: the end was sent, and is not acknowledged.
func (s *Socket) closing() bool {
	state := s.state()
	return state == tcpFinWait1 || state == tcpClosing || state == tcpLastAck
}
