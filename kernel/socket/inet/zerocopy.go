// SPDX-License-Identifier: Apache-2.0

// This file is MSG_ZEROCOPY (Documentation/networking/msg_zerocopy.rst). The application's memory is not the kernel process's, so
// the data is copied when it is sent, and the sender is told so at once: SO_EE_CODE_ZEROCOPY_COPIED, as on loopback.

package inet

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// sends is the numbers of successive sends, first and last.
type sends struct{ lo, hi uint32 }

// zerocopy is what became of the sends with MSG_ZEROCOPY.
type zerocopy struct {
	on   bool // SO_ZEROCOPY
	next uint32
	done []sends // not told yet
}

// copied notes that a send with MSG_ZEROCOPY has done with the application's memory.
func (s *Socket) copied() {
	s.mu.Lock()
	z := &s.zero
	if !z.on {
		s.mu.Unlock()
		return
	}
	n := z.next
	z.next++
	if last := len(z.done) - 1; last >= 0 && z.done[last].hi+1 == n {
		z.done[last].hi = n
	} else {
		z.done = append(z.done, sends{n, n})
	}
	s.mu.Unlock()
	s.queue.Notify(wait.Err)
}

// tells tells whether there is a notice that copied left.
func (s *Socket) tells() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.zero.done) > 0
}

// notice takes the first notice from the error queue, as ip_recv_error has it, into m.
func (s *Socket) notice(m *hostio.Message, peek bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.zero.done) == 0 {
		return false
	}
	d := s.zero.done[0]
	if !peek {
		s.zero.done = s.zero.done[1:]
	}
	const (
		origin, copied = 5, 1 // SO_EE_ORIGIN_ZEROCOPY, SO_EE_CODE_ZEROCOPY_COPIED
	)
	level, kind, offender := uint32(unix.IPPROTO_IP), uint32(unix.IP_RECVERR), unix.SizeofSockaddrInet4
	if s.family == unix.AF_INET6 {
		level, kind, offender = unix.IPPROTO_IPV6, unix.IPV6_RECVERR, unix.SizeofSockaddrInet6
	}
	const sizeofExtendedErr = 16
	b := binary.NativeEndian.AppendUint64(nil, uint64(unix.SizeofCmsghdr+sizeofExtendedErr+offender))
	b = binary.NativeEndian.AppendUint32(b, level)
	b = binary.NativeEndian.AppendUint32(b, kind)
	b = append(b, 0, 0, 0, 0, origin, 0, copied, 0) // no errno
	b = binary.NativeEndian.AppendUint32(b, d.lo)
	b = binary.NativeEndian.AppendUint32(b, d.hi)
	b = append(b, make([]byte, offender)...)
	m.Flags = unix.MSG_ERRQUEUE
	room := len(m.Control)
	if len(b) > room {
		m.Flags |= unix.MSG_CTRUNC
		binary.NativeEndian.PutUint64(b, uint64(room))
	}
	m.Name = m.Name[:0]
	m.Control = m.Control[:copy(m.Control, b)]
	if room < unix.SizeofCmsghdr {
		m.Control = nil
	}
	return true
}
