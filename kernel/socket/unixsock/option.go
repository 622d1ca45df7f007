// SPDX-License-Identifier: Apache-2.0

package unixsock

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
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
	case unix.SO_PROTOCOL, unix.SO_BROADCAST, unix.SO_DONTROUTE, unix.SO_OOBINLINE, unix.SO_TIMESTAMP, unix.SO_PRIORITY:
	case unix.SO_ERROR:
		if e, ok := s.err.(unix.Errno); ok {
			v = int32(e)
		}
		s.err = nil
	case unix.SO_SNDBUF:
		v = int32(s.sndbuf)
	case unix.SO_RCVBUF:
		v = int32(s.rcvbuf)
	case unix.SO_RCVLOWAT, unix.SO_SNDLOWAT:
		v = 1
	case unix.SO_REUSEADDR:
		v = s.reuse
	case unix.SO_KEEPALIVE:
		v = s.keepalive
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
		return timeval(s.rcvTimeo), nil
	case unix.SO_SNDTIMEO:
		return timeval(s.sndTimeo), nil
	case unix.SO_LINGER:
		return make([]byte, 8), nil
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
// ENOPROTOOPT for what is not known.
func (s *Socket) SetOption(name int, value []byte) error {
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
	case unix.SO_REUSEADDR:
		s.reuse = bit(v != 0)
	case unix.SO_KEEPALIVE:
		s.keepalive = bit(v != 0)
	case unix.SO_RCVTIMEO:
		return setTimeout(&s.rcvTimeo, value)
	case unix.SO_SNDTIMEO:
		return setTimeout(&s.sndTimeo, value)
	case unix.SO_TYPE, unix.SO_PROTOCOL, unix.SO_DOMAIN, unix.SO_ERROR, unix.SO_ACCEPTCONN:
		return unix.ENOPROTOOPT
	default:
		return unix.ENOPROTOOPT
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

func timeval(d time.Duration) []byte {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], uint64(d/time.Second))
	binary.LittleEndian.PutUint64(b[8:], uint64(d%time.Second/time.Microsecond))
	return b[:]
}

func setTimeout(to *time.Duration, value []byte) error {
	if len(value) < 16 {
		return unix.EINVAL
	}
	sec, usec := int64(binary.LittleEndian.Uint64(value)), int64(binary.LittleEndian.Uint64(value[8:]))
	if usec < 0 || usec >= 1_000_000 {
		return unix.EDOM
	}
	const forever = 1 << 30 // seconds; a longer wait is none
	*to = 0
	if sec >= 0 && sec < forever {
		*to = time.Duration(sec)*time.Second + time.Duration(usec)*time.Microsecond
	}
	return nil
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
