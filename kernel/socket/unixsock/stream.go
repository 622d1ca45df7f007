// SPDX-License-Identifier: Apache-2.0

// This file is what streams have and packets have not: data in pieces, and one byte of it out-of-band (MSG_OOB).

package unixsock

import (
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// chunk is how much of a stream goes into one message.
const chunk = 32 << 10

// chunks are room for messages that are not small.
var chunks = sync.Pool{New: func() any { return new([chunk]byte) }}

// hold makes room for data of a size.
func (m *message) hold(size int) {
	const small = 4 << 10
	if size <= small {
		m.data = make([]byte, size)
		return
	}
	m.whole = chunks.Get().(*[chunk]byte)
	m.data = m.whole[:size]
}

// recycle gives the room back when the data was received or is lost. Nobody else looks at the message any more.
func (m *message) recycle() {
	if m.whole != nil {
		chunks.Put(m.whole)
		m.whole, m.data = nil, nil
	}
}

// sendStream sends in pieces; with oob the last byte is a message of its own, out-of-band (queue_oob).
func (s *Socket) sendStream(ctx vfs.Ctx, src *user.Buf, to *Socket, c Control, nonblock, oob bool) (int, error) {
	total := 0
	for src.Len() > 0 {
		size := min(src.Len(), chunk)
		urgent := oob && src.Len() == 1
		if oob && !urgent {
			size = min(src.Len()-1, chunk)
		}
		m := &message{from: s, creds: c.Creds, explicit: c.Explicit, files: c.Files, urgent: urgent}
		m.hold(size)
		n, err := src.CopyIn(m.data)
		if err == nil {
			m.data = m.data[:n]
			err = s.put(ctx, to, m, nonblock)
		}
		if err != nil {
			m.recycle()
			return total, err
		}
		c.Files = nil
		total += n
	}
	return total, nil
}

// takeStream takes what is there, up to the mark of out-of-band data (unix_stream_read_generic). It is done if it took something,
// or stands before the mark. With mu.
func (s *Socket) takeStream(dst *user.Buf, flags uint32, copied bool, r *Received) (total int, done bool, err error) {
	peek := flags&unix.MSG_PEEK != 0
	if dst.Len() == 0 {
		at := s.pastUrgent(0, peek, copied, r)
		return 0, at < len(s.messages) || r.mark, nil
	}
	skip := s.peekFrom(peek)
	for at := 0; dst.Len() > 0; {
		if at = s.pastUrgent(at, peek, copied, r); at >= len(s.messages) {
			break
		}
		for peek && at < len(s.messages) && skip >= len(s.messages[at].data) {
			skip -= len(s.messages[at].data)
			at++
		}
		if at == len(s.messages) {
			break
		}
		m := s.messages[at]
		if copied && r.PassCred && m.creds != r.Creds {
			break // it is not glued to what came before
		}
		n, err := r.out(dst, m.data[skip:])
		skip = 0
		r.note(m, peek)
		total += n
		s.moved(n, peek)
		if peek {
			at++
		} else {
			m.data = m.data[n:]
			s.queued -= n
			if len(m.data) == 0 {
				s.messages = s.messages[1:]
				m.recycle()
				r.freed = true
			}
		}
		if err != nil {
			if total > 0 {
				err = nil
			}
			return total, true, err
		}
		copied = true
		if r.Files != nil {
			break // what comes with descriptors ends there
		}
	}
	r.Size = total
	return total, total > 0 || r.mark, nil
}

// pastUrgent is the place of the message that a receive goes on with, which is at the earliest at, or the number of messages if there
// is none (manage_oob). It ends before out-of-band data if something was copied, and passes over it otherwise, which is lost then;
// with SO_OOBINLINE it is data like any other, but for that end. The place where it stood stays until it is passed. With mu.
func (s *Socket) pastUrgent(at int, peek, copied bool, r *Received) int {
	none := len(s.messages)
	if at == none || len(s.messages[at].data) > 0 && s.messages[at] != s.oob {
		return at
	}
	if len(s.messages[at].data) == 0 { // it was read
		switch {
		case copied && s.oob == nil:
			r.mark = true
			return none
		case peek:
			at++
		default:
			s.messages = slices.Delete(s.messages, at, at+1)
			none--
		}
		if at == none {
			return none
		}
	}
	switch {
	case s.messages[at] != s.oob:
	case copied:
		r.mark = true
		return none
	case peek && !s.inline:
		at++
	case peek:
	default:
		m := s.oob
		s.oob = nil
		if !s.inline {
			s.messages = slices.Delete(s.messages, at, at+1)
			s.queued -= len(m.data)
			s.passed += len(m.data) // which Linux 6.18 goes on counting
			m.drop()
			r.freed = true
		}
	}
	return at
}

// recvUrgent receives the out-of-band byte (unix_stream_recv_urg): EINVAL if there is none, or it is in line.
func (s *Socket) recvUrgent(dst *user.Buf, peek bool, r *Received) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.oob
	if m == nil || s.inline {
		return 0, unix.EINVAL
	}
	_, err := dst.CopyOut(m.data[:min(1, dst.Len())])
	if !peek {
		s.oob = nil
		s.queued -= len(m.data)
		m.data = nil // its place stays
		// One that was read before leaves its place to it.
		if i := slices.Index(s.messages, m); i > 0 && len(s.messages[i-1].data) == 0 {
			s.messages = slices.Delete(s.messages, i-1, i)
		}
	}
	if err != nil {
		return 0, unix.EFAULT
	}
	r.note(m, peek)
	r.Urgent, r.Size = true, 1
	return 1, nil
}

// atMark tells whether the next byte to read is the out-of-band one, or the one behind it if it was read (SIOCATMARK). With mu.
func (s *Socket) atMark() bool {
	if len(s.messages) == 0 {
		return false
	}
	first := s.messages[0]
	if first == s.oob {
		return true
	}
	if len(first.data) > 0 {
		return false
	}
	return s.oob == nil || len(s.messages) > 1 && s.messages[1] == s.oob
}
