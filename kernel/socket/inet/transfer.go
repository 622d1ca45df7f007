// SPDX-License-Identifier: Apache-2.0

// This file has the state of one call that sends or receives, in as many pieces as it takes.

package inet

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// sender is one call that sends.
type sender struct {
	s        *Socket
	m        *hostio.Message
	flags    int
	nonblock bool
	timeout  time.Duration
}

// receiver is one call that receives.
type receiver struct {
	s             *Socket
	m             *hostio.Message
	name, control []byte // the room for them
	dst           *user.Buf
	buf           []byte
	flags         int
	want          int  // bytes to wait for
	total         int  // bytes received
	nonblock      bool // take what there is
	patient       bool // don't begin before the host says that enough is there (SO_RCVLOWAT)
	last          bool // see Recv
}

// try receives what there is. It is done if that is enough, or nothing more comes.
func (c *receiver) try() (bool, error) {
	if c.patient && c.total == 0 && !c.s.hasKept() && !c.s.ready() {
		return false, nil
	}
	for {
		p := c.buf[:min(len(c.buf), c.dst.Len())]
		before := *c.m
		c.m.Name, c.m.Control = c.name, c.control
		if c.s.hasKept() && c.takesKept() {
			c.total += c.s.takeKept(c.dst, c.flags&unix.MSG_PEEK != 0)
			if c.total == 0 {
				return true, unix.EFAULT
			}
			if c.flags&unix.MSG_PEEK != 0 || c.dst.Len() == 0 || c.s.hasKept() || c.total >= c.want {
				return true, nil
			}
			continue
		}
		n, err := hostio.Receive(c.s.fd, p, c.m, c.flags&^unix.MSG_WAITALL)
		switch {
		case err == unix.EAGAIN:
			if *c.m = before; c.total == 0 {
				c.m.Name, c.m.Control = nil, nil
			}
			return c.total > 0 && (c.nonblock || c.total >= c.want), nil
		case err != nil:
			return true, err
		case !c.s.stream || c.flags&(unix.MSG_ERRQUEUE|unix.MSG_OOB|unix.MSG_TRUNC) != 0:
			c.total = n
			return true, c.out(p[:min(n, len(p))], c.flags&unix.MSG_TRUNC == 0 || !c.s.stream)
		case n == 0:
			return true, nil
		case c.flags&unix.MSG_PEEK != 0:
			if n < c.want && n < len(p) && !c.nonblock && !c.atEnd() {
				return false, nil
			}
			c.total = n
			return true, c.out(p[:n], true)
		}
		c.total += n
		if err := c.out(p[:n], true); err != nil {
			return true, err
		}
		if c.dst.Len() == 0 || n < len(p) && c.total >= c.want {
			return true, nil
		}
	}
}

// out copies what was received out. A stream that is asked for its length (MSG_TRUNC) throws its data away.
func (c *receiver) out(p []byte, wanted bool) error {
	if !wanted || len(p) == 0 {
		return nil
	}
	put := c.dst.CopyOut
	if c.last && (c.dst.Len() == len(p) || !c.s.stream || len(p) < len(c.buf) && c.want == 1) {
		put = c.dst.CopyOutLast
	}
	n, err := put(p)
	if err != nil {
		c.total -= min(len(p)-n, c.total)
		if c.s.stream && c.flags&(unix.MSG_PEEK|unix.MSG_ERRQUEUE|unix.MSG_OOB) == 0 {
			c.s.keep(p[n:])
		}
	}
	return err
}

// takesKept tells whether this is a receive of the stream's data.
func (c *receiver) takesKept() bool {
	return c.flags&(unix.MSG_ERRQUEUE|unix.MSG_OOB|unix.MSG_TRUNC) == 0
}

// keep keeps data of a stream that came from the host and could not be given to the application, for the next receive.
func (s *Socket) keep(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(slices.Clone(p), s.kept...)
	s.keeps.Store(len(s.kept) > 0)
}

func (s *Socket) hasKept() bool { return s.keeps.Load() }

// takeKept gives as much as it can of what was kept.
func (s *Socket) takeKept(dst *user.Buf, peek bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, _ := dst.CopyOut(s.kept[:min(len(s.kept), dst.Len())])
	if !peek {
		s.kept = s.kept[n:]
		s.keeps.Store(len(s.kept) > 0)
	}
	return n
}

// atEnd tells whether the peer sends no more.
func (c *receiver) atEnd() bool { return c.s.rdHup() }
