// SPDX-License-Identifier: Apache-2.0

package unixsock

import (
	"encoding/binary"
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/socket"
)

// Options of level SOL_SOCKET (socket(7)).

// Option is getsockopt(2)'s value: ENOPROTOOPT.
func (s *Socket) Option(name int) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var v int32
	switch name {
	case unix.SO_TYPE:
		v = int32(s.typ)
	case unix.SO_DOMAIN:
		v = unix.AF_UNIX
	case unix.SO_PROTOCOL, unix.SO_REUSEPORT, unix.SO_ZEROCOPY, unix.SO_BUSY_POLL:
	case unix.SO_REUSEADDR, unix.SO_KEEPALIVE, unix.SO_DEBUG, unix.SO_DONTROUTE, unix.SO_BROADCAST, unix.SO_OOBINLINE,
		unix.SO_PRIORITY, unix.SO_PASSSEC, unix.SO_RXQ_OVFL, unix.SO_MARK:
		v = s.kept[name]
	case unix.SO_TIMESTAMP, unix.SO_TIMESTAMPNS:
		v = bit(s.stamps == name)
	case unix.SO_PEEK_OFF:
		v = s.peekOff
	case unix.SO_ERROR:
		if e, ok := s.err.(unix.Errno); ok {
			v = int32(e)
		}
		s.err = nil
	case unix.SO_SNDBUF:
		v = int32(s.sndbuf)
	case unix.SO_RCVBUF:
		v = int32(s.rcvbuf)
	case unix.SO_RCVLOWAT:
		v = max(s.rcvlowat, 1)
	case unix.SO_SNDLOWAT:
		v = 1
	case unix.SO_ACCEPTCONN:
		v = bit(s.listening)
	case unix.SO_PASSCRED:
		v = bit(s.passCred)
	case unix.SO_PEERCRED:
		var b [12]byte
		binary.LittleEndian.PutUint32(b[:], uint32(s.peerCred.PID))
		binary.LittleEndian.PutUint32(b[4:], uint32(s.peerCred.UID))
		binary.LittleEndian.PutUint32(b[8:], uint32(s.peerCred.GID))
		return b[:], nil
	case unix.SO_RCVTIMEO:
		return socket.Timeval(s.rcvTimeo), nil
	case unix.SO_SNDTIMEO:
		return socket.Timeval(s.sndTimeo), nil
	case unix.SO_LINGER:
		b := binary.LittleEndian.AppendUint32(nil, uint32(s.linger[0]))
		return binary.LittleEndian.AppendUint32(b, uint32(s.linger[1])), nil
	default:
		return nil, unix.ENOPROTOOPT
	}
	return binary.LittleEndian.AppendUint32(nil, uint32(v)), nil
}

func bit(on bool) int32 {
	if on {
		return 1
	}
	return 0
}

// SetOption is setsockopt(2): EINVAL for a value that is too short,
// ENOPROTOOPT for what is not known, EACCES and EPERM for what c may not.
func (s *Socket) SetOption(c *cred.Creds, name int, value []byte) error {
	if len(value) < 4 {
		return unix.EINVAL
	}
	v := int32(binary.LittleEndian.Uint32(value))
	s.mu.Lock()
	defer s.mu.Unlock()
	switch name {
	case unix.SO_PASSCRED:
		s.passCred = v != 0
	case unix.SO_SNDBUF:
		s.sndbuf = buffer(v, 4608)
	case unix.SO_RCVBUF:
		s.rcvbuf = buffer(v, 2304)
	case unix.SO_REUSEADDR, unix.SO_KEEPALIVE, unix.SO_DONTROUTE, unix.SO_BROADCAST, unix.SO_OOBINLINE,
		unix.SO_PASSSEC, unix.SO_RXQ_OVFL:
		s.keep(name, bit(v != 0))
	case unix.SO_DEBUG, unix.SO_PRIORITY, unix.SO_MARK:
		return s.setPrivileged(c, name, v)
	case unix.SO_RCVLOWAT:
		if v < 0 {
			v = math.MaxInt32
		}
		s.rcvlowat = v
	case unix.SO_TIMESTAMP, unix.SO_TIMESTAMPNS:
		s.stamps = 0
		if v != 0 {
			s.stamps = name
		}
	case unix.SO_LINGER:
		return s.setLinger(value)
	case unix.SO_REUSEPORT:
		if v != 0 {
			return unix.EOPNOTSUPP
		}
	case unix.SO_ZEROCOPY:
		return unix.EOPNOTSUPP
	case unix.SO_PEEK_OFF:
		s.peekOff = v
	case unix.SO_RCVTIMEO:
		return socket.SetTimeout(&s.rcvTimeo, value)
	case unix.SO_SNDTIMEO:
		return socket.SetTimeout(&s.sndTimeo, value)
	case unix.SO_TYPE, unix.SO_PROTOCOL, unix.SO_DOMAIN, unix.SO_ERROR, unix.SO_ACCEPTCONN:
		return unix.ENOPROTOOPT
	default:
		return unix.ENOPROTOOPT
	}
	return nil
}

// keep remembers an option that has no effect on these sockets on Linux
// either, but is answered by getsockopt. With mu.
func (s *Socket) keep(name int, v int32) {
	if s.kept == nil {
		s.kept = map[int]int32{}
	}
	s.kept[name] = v
}

// setPrivileged keeps what not everybody may set. With mu.
func (s *Socket) setPrivileged(c *cred.Creds, name int, v int32) error {
	net := c.Capable(unix.CAP_NET_ADMIN)
	switch name {
	case unix.SO_DEBUG:
		if v = bit(v != 0); v != 0 && !net {
			return unix.EACCES
		}
	case unix.SO_PRIORITY:
		const interactive = 6 // TC_PRIO_INTERACTIVE
		if (v < 0 || v > interactive) && !net && !c.Capable(unix.CAP_NET_RAW) {
			return unix.EPERM
		}
	case unix.SO_MARK:
		if !net && !c.Capable(unix.CAP_NET_RAW) {
			return unix.EPERM
		}
	}
	s.keep(name, v)
	return nil
}

// setLinger keeps SO_LINGER; the time of one that is switched off stays. A
// close here has nothing to wait for. With mu.
func (s *Socket) setLinger(value []byte) error {
	if len(value) < 8 {
		return unix.EINVAL
	}
	on := binary.LittleEndian.Uint32(value) != 0
	s.linger[0] = bit(on)
	if on {
		s.linger[1] = int32(binary.LittleEndian.Uint32(value[4:]))
	}
	return nil
}

// buffer is what a wanted size becomes: doubled, within limits (sock_setsockopt).
func buffer(v int32, least int) int {
	const most = 4 << 20 // net.core.wmem_max, rmem_max
	if v < 0 || v > most {
		v = most
	}
	return max(2*int(v), least)
}

// TakeError is the pending error, which is then forgotten (sock_error).
func (s *Socket) TakeError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.err
	s.err = nil
	return err
}

// SetError leaves an error for the next call (sk_err).
func (s *Socket) SetError(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}
