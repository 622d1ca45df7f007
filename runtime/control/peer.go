// SPDX-License-Identifier: Apache-2.0

// This file is about the process at the other end of a connection.

package control

import (
	"time"

	"golang.org/x/sys/unix"
)

// Peer is the process that made a connection.
type Peer struct{ pidfd int }

// Peer is the process at the other end, or nil where the host does not tell (before Linux 6.5). Close it.
func (c *Conn) Peer() *Peer {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return nil
	}
	pidfd := -1
	err = raw.Control(func(fd uintptr) {
		if n, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PEERPIDFD); err == nil {
			pidfd = n
		}
	})
	if err != nil || pidfd < 0 {
		return nil
	}
	return &Peer{pidfd}
}

// Close closes it; of nil too.
func (p *Peer) Close() {
	if p != nil {
		unix.Close(p.pidfd)
	}
}

// AwaitReaped waits until the process's parent has taken note of its end, for as long as the limit at most. A
// pidfd tells of an end (POLLIN) and of that (POLLHUP), but wakes nobody for the second.
func (p *Peer) AwaitReaped(limit time.Duration) {
	if p == nil {
		return
	}
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(time.Millisecond) {
		fds := []unix.PollFd{{Fd: int32(p.pidfd), Events: unix.POLLIN}}
		if n, err := unix.Poll(fds, 0); err == nil && n == 1 && fds[0].Revents&unix.POLLHUP != 0 {
			return
		}
	}
}
