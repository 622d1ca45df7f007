// SPDX-License-Identifier: Apache-2.0

// This file is connect(2), and what becomes of a connection that is shut down while somebody waits for it.

package inet

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/socket"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Connect is connect(2). Like Linux's it may be interrupted and begun again: the connection goes on meanwhile.
func (s *Socket) Connect(ctx vfs.Ctx, f *vfs.File, sa []byte) error {
	if s.nl != nil {
		return s.connectNetlink(ctx, sa)
	}
	s.mu.Lock()
	timeout := s.sndTimeo
	s.mu.Unlock()
	var first error // EINPROGRESS, or EALREADY of one that was begun before
	shuts := s.shuts.Load()
	err := socket.Block(ctx, f.NonBlock(), timeout, &s.queue, wait.Writable, func() (bool, error) {
		if first != nil && s.disconnected(shuts) {
			return true, s.disconnectError()
		}
		err := hostio.Connect(s.fd, sa)
		waits := err == unix.EINPROGRESS || err == unix.EALREADY
		if waits && first == nil {
			first = err
		}
		return !waits, err
	})
	if err == unix.EAGAIN && first != nil {
		return first
	}
	return err
}

// disconnected tells whether shutdown(2) has ended a connection under way since it had been called so often. The host's socket is as
// new then, and would begin another.
func (s *Socket) disconnected(shuts uint32) bool {
	return s.stream && s.shuts.Load() != shuts && s.state() == tcpClose
}

// disconnectError is what who waited for the connection is told (__inet_stream_connect).
func (s *Socket) disconnectError() error {
	if err := s.TakeError(); err != nil {
		return err
	}
	return unix.ECONNABORTED
}
