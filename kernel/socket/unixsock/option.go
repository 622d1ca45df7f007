// SPDX-License-Identifier: Apache-2.0

package unixsock

import (
	"bytes"
	"encoding/binary"
	"math"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/socket"
)

// Options of level SOL_SOCKET (socket(7)).

// plain are the options that have no effect on these sockets on Linux either, or whose effect is seen elsewhere by their being
// kept: anybody may set them, and getsockopt answers whether they are on.
var plain = map[int]bool{
	unix.SO_REUSEADDR: true, unix.SO_KEEPALIVE: true, unix.SO_DONTROUTE: true, unix.SO_BROADCAST: true, unix.SO_PASSSEC: true,
	unix.SO_RXQ_OVFL: true, unix.SO_NO_CHECK: true, unix.SO_WIFI_STATUS: true, unix.SO_NOFCS: true, unix.SO_SELECT_ERR_QUEUE: true,
	unix.SO_RCVMARK: true, unix.SO_RCVPRIORITY: true,
}

// Option is getsockopt(2)'s value: ENOPROTOOPT; EINVAL where there must be room for all of it.
func (s *Socket) Option(name, room int) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if plain[name] {
		return word(s.kept[name]), nil
	}
	switch name {
	case unix.SO_TYPE:
		return word(int32(s.typ)), nil
	case unix.SO_DOMAIN:
		return word(unix.AF_UNIX), nil
	case unix.SO_PROTOCOL, unix.SO_REUSEPORT, unix.SO_ZEROCOPY, unix.SO_BSDCOMPAT, unix.SO_INCOMING_NAPI_ID, unix.SO_RESERVE_MEM:
		return word(0), nil
	case unix.SO_DEBUG, unix.SO_PRIORITY, unix.SO_MARK, unix.SO_BUSY_POLL, unix.SO_PREFER_BUSY_POLL, unix.SO_LOCK_FILTER,
		unix.SO_BUF_LOCK, unix.SO_BINDTOIFINDEX:
		return word(s.kept[name]), nil
	case unix.SO_INCOMING_CPU:
		return word(s.kept[name] - 1), nil // none at first
	case unix.SO_OOBINLINE:
		return word(bit(s.inline)), nil
	case unix.SO_TIMESTAMP, unix.SO_TIMESTAMPNS, unix.SO_TIMESTAMP_NEW, unix.SO_TIMESTAMPNS_NEW:
		return word(bit(s.stamps == name)), nil
	case unix.SO_TIMESTAMPING, unix.SO_TIMESTAMPING_NEW:
		return double(s.kept[name], 0), nil
	case unix.SO_PEEK_OFF:
		return word(s.peekOff), nil
	case unix.SO_ERROR:
		v := int32(0)
		if e, ok := s.err.(unix.Errno); ok {
			v = int32(e)
		}
		s.err = nil
		return word(v), nil
	case unix.SO_SNDBUF:
		return word(int32(s.sndbuf)), nil
	case unix.SO_RCVBUF:
		return word(int32(s.rcvbuf)), nil
	case unix.SO_RCVLOWAT:
		return word(max(s.rcvlowat, 1)), nil
	case unix.SO_SNDLOWAT:
		return word(1), nil
	case unix.SO_ACCEPTCONN:
		return word(bit(s.listening)), nil
	case unix.SO_PASSCRED:
		return word(bit(s.passCred)), nil
	case unix.SO_PASSPIDFD:
		return word(bit(s.passPidfd)), nil
	case unix.SO_PASSRIGHTS:
		return word(bit(!s.noRights)), nil
	case unix.SO_BPF_EXTENSIONS:
		return word(64), nil // SKF_AD_MAX
	}
	return s.longOption(name, room)
}

// longOption are the options that are more than a word. With mu.
func (s *Socket) longOption(name, room int) ([]byte, error) {
	const sizeofCookie = 8
	switch name {
	case unix.SO_PEERCRED:
		b := double(s.peerCred.PID, int32(s.peerCred.UID))
		return append(b, word(int32(s.peerCred.GID))...), nil
	case unix.SO_RCVTIMEO, unix.SO_RCVTIMEO_NEW:
		return socket.Timeval(s.rcvTimeo), nil
	case unix.SO_SNDTIMEO, unix.SO_SNDTIMEO_NEW:
		return socket.Timeval(s.sndTimeo), nil
	case unix.SO_LINGER:
		return double(s.linger[0], s.linger[1]), nil
	case unix.SO_TXTIME:
		return double(s.txtime[0], s.txtime[1]), nil
	case unix.SO_MAX_PACING_RATE:
		if room < 8 {
			return word(int32(min(^s.unpaced, math.MaxUint32))), nil
		}
		return binary.LittleEndian.AppendUint64(nil, ^s.unpaced), nil
	case unix.SO_COOKIE, unix.SO_NETNS_COOKIE:
		if room < sizeofCookie {
			return nil, unix.EINVAL
		}
		if name == unix.SO_NETNS_COOKIE {
			if room > sizeofCookie {
				return nil, unix.EINVAL
			}
			return double(1, 0), nil
		}
		return binary.LittleEndian.AppendUint64(nil, s.cookieLocked()), nil
	case unix.SO_MEMINFO:
		b := append(double(int32(s.queued), int32(s.rcvbuf)), double(0, int32(s.sndbuf))...)
		return append(b, make([]byte, 20)...), nil // nothing that is accounted for otherwise
	case unix.SO_BINDTODEVICE:
		switch index := s.kept[unix.SO_BINDTOIFINDEX]; {
		case index == 0:
			return nil, nil
		case room < unix.IFNAMSIZ:
			return nil, unix.EINVAL
		case index == loopback:
			return []byte("lo\x00"), nil
		}
		return nil, unix.ENODEV
	case unix.SO_TXREHASH:
		return nil, unix.EOPNOTSUPP
	}
	return nil, unix.ENOPROTOOPT
}

// loopback is the index of lo in every network namespace.
const loopback = 1

// cookies numbers the sockets that were asked for theirs.
var cookies atomic.Uint64

// Cookie is SO_COOKIE.
func (s *Socket) Cookie() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookieLocked()
}

func (s *Socket) cookieLocked() uint64 {
	if s.cookie == 0 {
		s.cookie = cookies.Add(1)
	}
	return s.cookie
}

func word(v int32) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

func double(a, b int32) []byte { return append(word(a), word(b)...) }

func bit(on bool) int32 {
	if on {
		return 1
	}
	return 0
}

// SetOption is setsockopt(2): EINVAL for a value that is too short,
// ENOPROTOOPT for what is not known, EACCES and EPERM for what c may not.
func (s *Socket) SetOption(c *cred.Creds, name int, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == unix.SO_BINDTODEVICE {
		return s.setDevice(value)
	}
	if len(value) < 4 || name == soInq && s.streaming() && len(value) > 4 {
		return unix.EINVAL
	}
	v := int32(binary.LittleEndian.Uint32(value))
	if plain[name] {
		s.keep(name, bit(v != 0))
		return nil
	}
	switch name {
	case unix.SO_PASSCRED:
		s.passCred = v != 0
	case unix.SO_PASSPIDFD:
		s.passPidfd = v != 0
	case unix.SO_PASSRIGHTS:
		s.noRights = v == 0
	case soInq:
		switch {
		case !s.streaming():
			return unix.ENOPROTOOPT
		case v < 0 || v > 1:
			return unix.EINVAL
		}
		s.tellInq = v != 0
	case unix.SO_SNDBUF, unix.SO_RCVBUF:
		s.setBuffer(name, v)
	case unix.SO_OOBINLINE:
		s.inline = v != 0
	case unix.SO_RCVLOWAT:
		if v < 0 {
			v = math.MaxInt32
		}
		s.rcvlowat = v
	case unix.SO_TIMESTAMP, unix.SO_TIMESTAMPNS, unix.SO_TIMESTAMP_NEW, unix.SO_TIMESTAMPNS_NEW:
		s.stamps = 0
		if v != 0 {
			s.stamps = name
		}
	case unix.SO_TIMESTAMPING, unix.SO_TIMESTAMPING_NEW:
		return s.setTimestamping(name, uint32(v))
	case unix.SO_LINGER:
		return s.setLinger(value)
	case unix.SO_REUSEPORT:
		if v != 0 {
			return unix.EOPNOTSUPP
		}
	case unix.SO_PEEK_OFF:
		s.peekOff = v
	case unix.SO_RCVTIMEO, unix.SO_RCVTIMEO_NEW:
		return socket.SetTimeout(&s.rcvTimeo, value)
	case unix.SO_SNDTIMEO, unix.SO_SNDTIMEO_NEW:
		return socket.SetTimeout(&s.sndTimeo, value)
	case unix.SO_BSDCOMPAT, unix.SO_CNX_ADVICE:
	case unix.SO_INCOMING_CPU:
		s.keep(name, v+1)
	case unix.SO_DETACH_FILTER:
		return s.detachFilter()
	case unix.SO_MAX_PACING_RATE:
		rate := uint64(uint32(v))
		if len(value) >= 8 {
			rate = binary.LittleEndian.Uint64(value)
		} else if v == -1 {
			rate = math.MaxUint64
		}
		s.unpaced = ^rate
	default:
		return s.setChecked(c, name, v, value)
	}
	return nil
}

// soInq is SO_INQ of these sockets (Linux 6.17).
const soInq = 84

// setChecked sets what not everybody may set, or not to every value. With mu.
func (s *Socket) setChecked(c *cred.Creds, name int, v int32, value []byte) error {
	admin := c.Capable(unix.CAP_NET_ADMIN)
	raw := admin || c.Capable(unix.CAP_NET_RAW)
	const (
		interactive = 6 // TC_PRIO_INTERACTIVE
		bufLock     = 3 // SOCK_BUF_LOCK_MASK
	)
	on := bit(v != 0)
	switch name {
	case unix.SO_DEBUG:
		if v = on; v != 0 && !admin {
			return unix.EACCES
		}
	case unix.SO_PRIORITY:
		if (v < 0 || v > interactive) && !raw {
			return unix.EPERM
		}
	case unix.SO_MARK:
		if !raw {
			return unix.EPERM
		}
	case unix.SO_SNDBUFFORCE, unix.SO_RCVBUFFORCE:
		if !admin {
			return unix.EPERM
		}
		s.setBuffer(map[int]int{unix.SO_SNDBUFFORCE: unix.SO_SNDBUF, unix.SO_RCVBUFFORCE: unix.SO_RCVBUF}[name], max(v, 0))
		return nil
	case unix.SO_PREFER_BUSY_POLL:
		if v = on; v != 0 && !admin {
			return unix.EPERM
		}
	case unix.SO_BUSY_POLL_BUDGET:
		switch {
		case v > s.kept[name] && !admin:
			return unix.EPERM
		case v < 0 || v > math.MaxUint16:
			return unix.EINVAL
		}
	case unix.SO_LOCK_FILTER:
		if v = on; s.kept[name] != 0 && v == 0 {
			return unix.EPERM
		}
	case unix.SO_BUSY_POLL, unix.SO_BINDTOIFINDEX:
		switch {
		case v < 0:
			return unix.EINVAL
		case name == unix.SO_BINDTOIFINDEX && s.kept[name] != 0 && !raw:
			return unix.EPERM
		}
	case unix.SO_BUF_LOCK:
		if v&^bufLock != 0 {
			return unix.EINVAL
		}
	case unix.SO_RESERVE_MEM:
		if v < 0 {
			return unix.EINVAL
		}
		return unix.EOPNOTSUPP
	case unix.SO_TXTIME:
		return s.setTxtime(admin, value)
	case unix.SO_DETACH_REUSEPORT_BPF:
		return unix.EINVAL
	case unix.SO_DEVMEM_DONTNEED:
		return unix.EBADF
	case unix.SO_ZEROCOPY, unix.SO_TXREHASH:
		return unix.EOPNOTSUPP
	default:
		return unix.ENOPROTOOPT
	}
	s.keep(name, v)
	return nil
}

// keep remembers an option's value. With mu.
func (s *Socket) keep(name int, v int32) {
	if s.kept == nil {
		s.kept = map[int]int32{}
	}
	s.kept[name] = v
}

// setBuffer sets a size by hand, which locks it (SO_BUF_LOCK). With mu.
func (s *Socket) setBuffer(name int, v int32) {
	const lockSnd, lockRcv = 1, 2
	if name == unix.SO_SNDBUF {
		s.sndbuf = buffer(v, 4608)
		s.keep(unix.SO_BUF_LOCK, s.kept[unix.SO_BUF_LOCK]|lockSnd)
		return
	}
	s.rcvbuf = buffer(v, 2304)
	s.keep(unix.SO_BUF_LOCK, s.kept[unix.SO_BUF_LOCK]|lockRcv)
}

// setDevice is SO_BINDTODEVICE, which goes by name. With mu.
func (s *Socket) setDevice(value []byte) error {
	name, _, _ := bytes.Cut(value[:min(len(value), unix.IFNAMSIZ-1)], []byte{0})
	index := int32(0)
	switch {
	case len(name) == 0:
	case string(name) == "lo":
		index = loopback
	default:
		return unix.ENODEV
	}
	s.keep(unix.SO_BINDTOIFINDEX, index)
	return nil
}

// setTimestamping is SO_TIMESTAMPING (sock_set_timestamping); nothing here has a clock of its own. With mu.
func (s *Socket) setTimestamping(name int, flags uint32) error {
	const (
		known = 1<<19 - 1 // up to SOF_TIMESTAMPING_OPT_TX_COMPLETION
		phc   = unix.SOF_TIMESTAMPING_BIND_PHC
	)
	switch {
	case flags&^known != 0,
		flags&unix.SOF_TIMESTAMPING_OPT_ID_TCP != 0 && flags&unix.SOF_TIMESTAMPING_OPT_ID == 0,
		flags&unix.SOF_TIMESTAMPING_OPT_STATS != 0 && flags&unix.SOF_TIMESTAMPING_OPT_TSONLY == 0,
		flags&phc != 0:
		return unix.EINVAL
	}
	other := unix.SO_TIMESTAMPING + unix.SO_TIMESTAMPING_NEW - name
	s.keep(name, int32(flags))
	s.keep(other, 0)
	if name == unix.SO_TIMESTAMPING_NEW {
		s.keep(other, int32(flags)) // the old one answers in any case
	}
	return nil
}

// setTxtime is SO_TXTIME: the clock is CLOCK_MONOTONIC, or one for who may. With mu.
func (s *Socket) setTxtime(admin bool, value []byte) error {
	const mask = 3 // SOF_TXTIME_FLAGS_MASK
	if len(value) != 8 {
		return unix.EINVAL
	}
	clock, flags := int32(binary.LittleEndian.Uint32(value)), binary.LittleEndian.Uint32(value[4:])
	switch {
	case flags&^mask != 0:
		return unix.EINVAL
	case clock != unix.CLOCK_MONOTONIC && !admin:
		return unix.EPERM
	}
	s.txtime = [2]int32{clock, int32(flags)}
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
