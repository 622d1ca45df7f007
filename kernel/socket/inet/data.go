// SPDX-License-Identifier: Apache-2.0

package inet

import (
	"encoding/binary"
	"math"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/socket"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// chunk is how much of a stream one call of the host moves, and more than the longest datagram.
const chunk = 64<<10 + 64

var buffers = sync.Pool{New: func() any { return new([chunk]byte) }}

// messages are those of reads and writes, with nothing in them.
var messages = sync.Pool{New: func() any { return new(hostio.Message) }}

func putMessage(m *hostio.Message) {
	*m = hostio.Message{}
	messages.Put(m)
}

// Send sends src (sendmsg(2)). EPIPE of a stream raises SIGPIPE unless flags have MSG_NOSIGNAL.
func (s *Socket) Send(ctx vfs.Ctx, f *vfs.File, src *user.Buf, m *hostio.Message, flags int) (int, error) {
	if m.Name != nil && len(m.Name) == 0 && !s.stream {
		return 0, s.emptyName(src.Len(), flags) // the host can't be given such an address with sendmsg
	}
	control, err := s.outgoing(ctx.Creds(), m.Control)
	if err != nil {
		return 0, err
	}
	m.Control = control
	if s.stream {
		if err := s.takeOwnError(); err != nil {
			return 0, err
		}
	}
	buf := buffers.Get().(*[chunk]byte)
	defer buffers.Put(buf)
	c := sender{s: s, m: m, flags: flags &^ unix.MSG_ZEROCOPY, nonblock: f.NonBlock() || flags&unix.MSG_DONTWAIT != 0}
	s.mu.Lock()
	c.timeout = s.sndTimeo
	s.mu.Unlock()
	var n int
	if s.stream {
		n, err = c.sendStream(ctx, src, buf[:])
	} else {
		n, err = c.sendPacket(ctx, src, buf[:])
	}
	if err == unix.EPIPE && s.stream && n == 0 && flags&unix.MSG_NOSIGNAL == 0 {
		ctx.Raise(int(unix.SIGPIPE))
	}
	if n > 0 {
		if err != nil && s.stream && err != unix.EAGAIN && err != unix.EPIPE {
			if _, ok := err.(unix.Errno); ok && err != unix.EFAULT {
				s.SetError(err) // the host has told it, and Linux does not before the next call
			}
		}
		if flags&unix.MSG_ZEROCOPY != 0 {
			s.copied()
		}
		return n, nil
	}
	return 0, err
}

// emptyName is the error of a datagram of n bytes to an address of no length: of IPv4 what is wrong with it otherwise comes
// first (udp_sendmsg).
func (s *Socket) emptyName(n, flags int) error {
	switch {
	case s.family == unix.AF_INET && n > math.MaxUint16:
		return unix.EMSGSIZE
	case s.family == unix.AF_INET && flags&unix.MSG_OOB != 0:
		return unix.EOPNOTSUPP
	}
	return unix.EINVAL
}

// outgoing are the control messages that the host gets: EPERM for what c may not send, EINVAL for what is no list of them. What is of use on AF_UNIX only, and
// means nothing here on Linux, stays here.
func (s *Socket) outgoing(c *cred.Creds, p []byte) ([]byte, error) {
	var out []byte
	for len(p) >= unix.SizeofCmsghdr {
		size := binary.NativeEndian.Uint64(p)
		if size < unix.SizeofCmsghdr || size > uint64(len(p)) {
			if s.nl != nil {
				return nil, unix.EINVAL
			}
			return append(out, p...), nil // the host refuses it, once it comes to it
		}
		level, kind := binary.NativeEndian.Uint32(p[8:]), binary.NativeEndian.Uint32(p[12:])
		end := min(uint64(len(p)), (size+7)&^7)
		if !s.mayControl(c, level, kind, p[unix.SizeofCmsghdr:size]) {
			return nil, unix.EPERM
		}
		if level != unix.SOL_SOCKET || kind != unix.SCM_RIGHTS && kind != unix.SCM_CREDENTIALS {
			out = append(out, p[:end]...)
		}
		p = p[end:]
	}
	return out, nil
}

// put sends p to the end, and waits for room if it may.
func (c *sender) put(ctx vfs.Ctx, p []byte, flags int) (int, error) {
	done := 0
	var opening []byte // where a connection goes that MSG_FASTOPEN began
	shuts := c.s.shuts.Load()
	err := socket.Block(ctx, c.nonblock, c.timeout, &c.s.queue, wait.Writable, func() (bool, error) {
		for {
			if opening != nil { // which tells the host's socket that it is connected
				if c.s.disconnected(shuts) {
					return true, c.s.disconnectError()
				}
				if err := hostio.Connect(c.s.fd, opening); err == unix.EALREADY || err == unix.EINPROGRESS {
					return false, nil
				} else if err != nil && err != unix.EISCONN {
					return true, err
				}
				opening = nil
			}
			n, err := hostio.Send(c.s.fd, p[done:], c.m, flags)
			if flags&unix.MSG_FASTOPEN != 0 && c.s.stream && (err == nil || err == unix.EINPROGRESS) {
				// The connection is under way, perhaps with some of the data: the rest is for a connected socket.
				flags &^= unix.MSG_FASTOPEN
				c.flags &^= unix.MSG_FASTOPEN
				opening, c.m.Name = c.m.Name, nil
				if err != nil && c.nonblock {
					return true, err
				}
				if err != nil {
					return false, nil
				}
			}
			if err == unix.EAGAIN {
				return false, nil
			}
			done += n
			if err != nil || done == len(p) || n == 0 {
				return true, err
			}
		}
	})
	return done, err
}

func (c *sender) sendPacket(ctx vfs.Ctx, src *user.Buf, buf []byte) (int, error) {
	size := src.Len()
	n, err := src.CopyIn(buf[:min(size, len(buf))]) // one too long is EMSGSIZE at the host too
	if err != nil && c.s.nl == nil {
		return c.faulty(ctx, size, err)
	}
	if err != nil {
		return 0, err
	}
	if c.s.nl != nil {
		return c.s.sendNetlink(ctx, buf[:n], c)
	}
	return c.put(ctx, buf[:n], c.flags)
}

// unreadable is memory of this process that nobody can read.
var unreadable = sync.OnceValues(func() ([]byte, error) {
	return unix.Mmap(-1, 0, 1<<20, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
})

// faulty is what becomes of data that can't be read from the application. The host is asked to send some that it can't
// read either, for it knows what else it would refuse first: the length, the address, a stream without an end.
func (c *sender) faulty(ctx vfs.Ctx, size int, fault error) (int, error) {
	p, err := unreadable()
	if err != nil {
		return 0, fault
	}
	return c.put(ctx, p[:min(size, len(p))], c.flags)
}

func (c *sender) sendStream(ctx vfs.Ctx, src *user.Buf, buf []byte) (int, error) {
	for total := 0; ; {
		size := src.Len()
		n, fault := src.CopyIn(buf[:min(size, len(buf))])
		if n == 0 && fault != nil && total == 0 {
			return c.faulty(ctx, size, fault)
		}
		if n == 0 && fault != nil {
			return total, fault
		}
		flags := c.flags
		if src.Len() > 0 && fault == nil {
			flags = flags&^unix.MSG_OOB | unix.MSG_MORE
		}
		n, err := c.put(ctx, buf[:n], flags)
		total += n
		if err == nil {
			err = fault
		}
		if err != nil || src.Len() == 0 {
			return total, err
		}
	}
}

// Recv receives (recvmsg(2)) into dst, and into m what came with it. last: the caller does not touch the application's memory
// afterwards.
func (s *Socket) Recv(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, m *hostio.Message, flags int, last bool) (int, error) {
	if err := s.takeOwnError(); err != nil {
		return 0, err
	}
	buf := buffers.Get().(*[chunk]byte)
	defer buffers.Put(buf)
	if s.nl != nil {
		return s.recvNetlink(ctx, f.NonBlock() || flags&unix.MSG_DONTWAIT != 0, dst, m, flags, buf[:])
	}
	if flags&unix.MSG_ERRQUEUE != 0 && s.notice(m, flags&unix.MSG_PEEK != 0) {
		return 0, nil
	}
	c := receiver{s: s, m: m, name: m.Name, control: m.Control, dst: dst, buf: buf[:], flags: flags, want: 1, last: last,
		nonblock: f.NonBlock() || flags&unix.MSG_DONTWAIT != 0}
	s.mu.Lock()
	timeout := s.rcvTimeo
	if s.stream {
		c.want = min(dst.Len(), max(s.lowat, 1)) // sock_rcvlowat
	}
	s.mu.Unlock()
	c.patient = c.want > 1 && !c.nonblock
	if flags&unix.MSG_WAITALL != 0 && s.stream {
		c.want = dst.Len()
	}
	// There is no waiting for errors and urgent data.
	nowait := c.nonblock || flags&(unix.MSG_ERRQUEUE|unix.MSG_OOB) != 0
	err := socket.Block(ctx, nowait, timeout, &s.queue, wait.Readable|wait.Err|wait.Hup, c.try)
	if s.urged.Load() && hostpoll.Ready(s.fd)&wait.Pri == 0 {
		s.urgent(false)
	}
	if c.total > 0 {
		return c.total, nil
	}
	return 0, err
}

// Read implements vfs.FileOps.
func (s *Socket) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	if dst.Len() == 0 {
		return 0, nil // sock_read_iter
	}
	m := messages.Get().(*hostio.Message)
	defer putMessage(m)
	return s.Recv(ctx, f, dst, m, 0, true)
}

// Write implements vfs.FileOps.
func (s *Socket) Write(ctx vfs.Ctx, f *vfs.File, src *user.Buf, _ *int64) (int, error) {
	m := messages.Get().(*hostio.Message)
	defer putMessage(m)
	return s.Send(ctx, f, src, m, 0)
}

// ready tells whether the host has something to read, an end or an error.
func (s *Socket) ready() bool {
	return hostpoll.Ready(s.fd)&(wait.In|wait.RdHup|wait.Hup|wait.Err) != 0
}
