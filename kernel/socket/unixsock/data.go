// SPDX-License-Identifier: Apache-2.0

package unixsock

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/socket"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// message is what one send put into a queue.
type message struct {
	data  []byte
	from  *Socket // whose name is asked when it is received
	creds Ucred
	files []*vfs.File

	explicit bool      // the sender gave the credentials
	time     time.Time // if the receiver wants it (SO_TIMESTAMP)
}

// drop releases what a message that nobody received carries.
func (m *message) drop() {
	flight.land(m.files)
	for _, f := range m.files {
		f.DecRef()
	}
	m.files = nil
}

// Control is what goes along with data: descriptors (SCM_RIGHTS) and the
// sender's credentials.
type Control struct {
	Files []*vfs.File // references that the receiver of the Control owns
	Creds Ucred
	// Explicit: the sender gave the credentials. Others are put only where one
	// of the two ends asked for them at that time (SO_PASSCRED).
	Explicit bool
}

// Received says what Recv found besides the data.
type Received struct {
	Control
	From     string
	HasFrom  bool
	sender   *Socket
	Size     int // of the whole packet
	PassCred bool

	Time        time.Time // when it was sent; zero if nobody asked (SO_TIMESTAMP)
	Nanoseconds bool      // SO_TIMESTAMPNS
}

// room is how many bytes the queue takes yet. It looks at a peer's queue
// without its lock order trouble: only the one lock is taken.
func (s *Socket) room() int {
	if !s.mu.TryLock() {
		return 1 // somebody is at it, and will announce what changes
	}
	defer s.mu.Unlock()
	return s.rcvbuf - s.queued
}

// target is whom a send without an address goes to.
func (s *Socket) target() (*Socket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.wrShut:
		return nil, unix.EPIPE
	case s.peer == nil && s.connected:
		return nil, unix.EPIPE
	case s.peer == nil:
		return nil, unix.ENOTCONN
	}
	return s.peer, nil
}

// Send sends src to dest, or to the peer if dest is nil (sendmsg(2)). EPIPE
// raises SIGPIPE unless flags have MSG_NOSIGNAL. The files of c pass over to
// the message on success; on failure they stay the caller's.
func (s *Socket) Send(ctx vfs.Ctx, f *vfs.File, src *user.Buf, dest *Socket, c Control, flags uint32) (int, error) {
	if flags&unix.MSG_OOB != 0 {
		return 0, unix.EOPNOTSUPP
	}
	var n int
	to, err := dest, error(nil)
	if to == nil {
		to, err = s.target()
	}
	if err == nil {
		nonblock := f.NonBlock() || flags&unix.MSG_DONTWAIT != 0
		if s.streaming() {
			n, err = s.sendStream(ctx, src, to, c, nonblock)
		} else {
			n, err = s.sendPacket(ctx, src, to, c, nonblock)
		}
	}
	if err == unix.ECONNREFUSED && dest == nil {
		_ = s.Disconnect() // a datagram socket forgets a target that is gone
	}
	if err == unix.EPIPE && s.streaming() && flags&unix.MSG_NOSIGNAL == 0 {
		ctx.Raise(int(unix.SIGPIPE))
	}
	if n > 0 {
		return n, nil
	}
	return n, err
}

// chunk is how much of a stream goes into one message.
const chunk = 32 << 10

func (s *Socket) sendStream(ctx vfs.Ctx, src *user.Buf, to *Socket, c Control, nonblock bool) (int, error) {
	total := 0
	for {
		m := &message{data: make([]byte, min(src.Len(), chunk)), from: s, creds: c.Creds, explicit: c.Explicit, files: c.Files}
		n, err := src.CopyIn(m.data)
		if err != nil {
			return total, err
		}
		if n == 0 {
			return total, nil
		}
		if err := s.put(ctx, to, m, nonblock); err != nil {
			return total, err
		}
		c.Files = nil
		total += n
		if src.Len() == 0 {
			return total, nil
		}
	}
}

func (s *Socket) sendPacket(ctx vfs.Ctx, src *user.Buf, to *Socket, c Control, nonblock bool) (int, error) {
	s.mu.Lock()
	limit := s.sndbuf
	s.mu.Unlock()
	if src.Len() > limit-32 {
		return 0, unix.EMSGSIZE
	}
	m := &message{data: make([]byte, src.Len()), from: s, creds: c.Creds, explicit: c.Explicit, files: c.Files}
	n, err := src.CopyIn(m.data)
	if err == nil {
		err = s.put(ctx, to, m, nonblock)
	}
	if err != nil {
		return 0, err
	}
	return n, nil
}

// unstamped is what a message tells that nobody wanted to know the sender of:
// the overflow ids.
var unstamped = Ucred{0, 65534, 65534}

// MaxDgramQueue is net.unix.max_dgram_qlen.
const MaxDgramQueue = 512

// put queues m at to, when there is room. Who waits for it waits on the
// receiver's queue, which a reader notifies.
func (s *Socket) put(ctx vfs.Ctx, to *Socket, m *message, nonblock bool) error {
	s.mu.Lock()
	timeout, stamp := s.sndTimeo, s.passCred
	s.mu.Unlock()
	err := socket.Block(ctx, nonblock, timeout, &to.queue, wait.Writable, func() (bool, error) {
		to.mu.Lock()
		defer to.mu.Unlock()
		switch {
		case to.closed && !s.connecting():
			return true, unix.ECONNREFUSED
		case to.closed || to.rdShut:
			return true, unix.EPIPE
		case to.queued > 0 && to.queued+len(m.data) > to.rcvbuf:
			return false, nil
		case !s.streaming() && len(to.messages) >= MaxDgramQueue:
			return false, nil
		}
		if !stamp && !to.passCred && !m.explicit {
			m.creds = unstamped
		}
		if to.stamps != 0 && !s.streaming() {
			m.time = time.Now()
		}
		flight.start(m.files)
		to.messages = append(to.messages, m)
		to.queued += len(m.data)
		return true, nil
	})
	if err == nil {
		to.queue.Notify(wait.Readable)
	}
	return err
}

// Recv receives (recvmsg(2)) into dst. A packet's rest is lost; Size says how long it was.
func (s *Socket) Recv(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, flags uint32) (n int, r Received, err error) {
	if flags&unix.MSG_OOB != 0 {
		if s.streaming() {
			return 0, r, unix.EINVAL // there is none
		}
		return 0, r, unix.EOPNOTSUPP
	}
	s.mu.Lock()
	timeout, bad := s.rcvTimeo, s.connecting() && !s.connected
	r.PassCred = s.passCred
	want := min(dst.Len(), max(int(s.rcvlowat), 1)) // sock_rcvlowat
	if flags&unix.MSG_WAITALL != 0 {
		want = dst.Len()
	}
	s.mu.Unlock()
	if bad {
		if s.streaming() {
			return 0, r, unix.EINVAL
		}
		return 0, r, unix.ENOTCONN
	}
	nonblock := f.NonBlock() || flags&unix.MSG_DONTWAIT != 0
	for {
		var got int
		err = socket.Block(ctx, nonblock, timeout, &s.queue, wait.Readable, func() (bool, error) {
			var done bool
			var err error
			got, done, err = s.take(dst, flags, nonblock, &r)
			return done, err
		})
		n += got
		// A stream asked for all of it, or for so much, goes on, but not over a message with descriptors.
		if err != nil || got == 0 || n >= want || !s.streaming() || flags&unix.MSG_PEEK != 0 || r.Files != nil {
			break
		}
	}
	if r.sender != nil {
		r.From = r.sender.Name()
	}
	if n > 0 {
		err = nil
		s.freed()
	}
	return n, r, err
}

// freed tells writers that there is room.
func (s *Socket) freed() {
	s.queue.Notify(wait.Writable)
	s.mu.Lock()
	peer := s.peer
	s.mu.Unlock()
	if peer != nil {
		peer.queue.Notify(wait.Writable)
	}
}

// take moves what is there into dst; done is false if nothing is and more may come.
func (s *Socket) take(dst *user.Buf, flags uint32, nonblock bool, r *Received) (n int, done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil && (len(s.messages) == 0 || !s.streaming()) {
		err, s.err = s.err, nil
		return 0, true, err
	}
	if len(s.messages) == 0 {
		switch {
		case s.rdShut && nonblock && !s.connecting():
			return 0, false, nil // only who waits is told the end
		case s.rdShut:
			return 0, true, nil
		}
		return 0, false, nil
	}
	if s.streaming() {
		return s.takeStream(dst, flags, r)
	}
	return s.takePacket(dst, flags, r)
}

func (s *Socket) takeStream(dst *user.Buf, flags uint32, r *Received) (total int, done bool, err error) {
	peek := flags&unix.MSG_PEEK != 0
	skip := s.peekFrom(peek)
	for i := 0; i < len(s.messages) && dst.Len() > 0; {
		m := s.messages[i]
		if skip >= len(m.data) && peek {
			skip -= len(m.data)
			i++
			continue
		}
		if total > 0 && r.PassCred && m.creds != r.Creds {
			break // it is not glued to what came before
		}
		n, err := dst.CopyOut(m.data[skip:])
		done, skip = true, 0
		r.note(m, peek)
		total += n
		s.moved(n, peek)
		if peek {
			i++
		} else {
			m.data = m.data[n:]
			s.queued -= n
			if len(m.data) == 0 {
				s.messages = s.messages[1:]
			}
		}
		if err != nil {
			if total > 0 {
				err = nil
			}
			return total, true, err
		}
		if r.Files != nil {
			break // what comes with descriptors ends there
		}
	}
	r.Size = total
	return total, done || dst.Len() == 0 || s.rdShut, nil
}

// peekFrom is where a peek begins (SO_PEEK_OFF). With mu.
func (s *Socket) peekFrom(peek bool) int {
	if !peek {
		return 0
	}
	return int(max(s.peekOff, 0))
}

// moved keeps SO_PEEK_OFF at its place in the data: peeking goes on from there, and reading takes from before it. With mu.
func (s *Socket) moved(n int, peek bool) {
	switch {
	case s.peekOff < 0:
	case peek:
		s.peekOff += int32(n)
	default:
		s.peekOff = max(s.peekOff-int32(n), 0)
	}
}

func (s *Socket) takePacket(dst *user.Buf, flags uint32, r *Received) (n int, done bool, err error) {
	peek := flags&unix.MSG_PEEK != 0
	skip, at := s.peekFrom(peek), 0
	for skip > 0 && at < len(s.messages) && skip >= len(s.messages[at].data) {
		skip -= len(s.messages[at].data)
		at++
	}
	if at == len(s.messages) {
		return 0, s.rdShut, nil
	}
	m := s.messages[at]
	data := m.data[skip:]
	n, err = dst.CopyOut(data[:min(len(data), dst.Len())])
	r.note(m, peek)
	r.Size = len(data)
	r.sender, r.HasFrom = m.from, true
	if s.stamps != 0 {
		if m.time.IsZero() {
			m.time = time.Now() // it was sent before the option was set
		}
		r.Time, r.Nanoseconds = m.time, s.stamps == unix.SO_TIMESTAMPNS
	}
	if !peek {
		s.messages = s.messages[1:]
		s.queued -= len(m.data)
		s.moved(len(m.data), false)
	}
	if err != nil {
		return 0, true, err // and the packet is lost
	}
	if peek {
		s.moved(n, true)
	}
	return n, true, nil
}

// note hands over what came with m; a peek leaves it there as well.
func (r *Received) note(m *message, peek bool) {
	r.Creds = m.creds
	if m.files == nil {
		return
	}
	if peek {
		for _, f := range m.files {
			r.Files = append(r.Files, f.IncRef())
		}
		return
	}
	flight.land(m.files)
	r.Files = append(r.Files, m.files...)
	m.files = nil
}

// Read implements vfs.FileOps.
func (s *Socket) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	if dst.Len() == 0 && s.streaming() {
		return 0, nil
	}
	n, r, err := s.Recv(ctx, f, dst, 0)
	for _, x := range r.Files {
		x.DecRef()
	}
	return n, err
}

// Write implements vfs.FileOps.
func (s *Socket) Write(ctx vfs.Ctx, f *vfs.File, src *user.Buf, _ *int64) (int, error) {
	c := Control{Creds: Ucred{0, ctx.Creds().RUID, ctx.Creds().RGID}}
	if p, ok := ctx.(interface{ ProcessID() int32 }); ok {
		c.Creds.PID = p.ProcessID()
	}
	return s.Send(ctx, f, src, nil, c, 0)
}

// Ioctl implements vfs.FileOps: SIOCINQ and SIOCOUTQ.
func (s *Socket) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	var n int
	switch cmd {
	case unix.TIOCINQ:
		s.mu.Lock()
		n = s.queued
		if !s.streaming() && len(s.messages) > 0 {
			n = len(s.messages[0].data)
		}
		if s.listening {
			s.mu.Unlock()
			return 0, unix.EINVAL
		}
		s.mu.Unlock()
	case unix.TIOCOUTQ:
		s.mu.Lock()
		peer := s.peer
		s.mu.Unlock()
		if peer != nil {
			peer.mu.Lock()
			n = peer.queued
			peer.mu.Unlock()
		}
	default:
		return inet.DeviceIoctl(ctx, cmd, arg)
	}
	_, err := ctx.Memory().CopyOut(user.Addr(arg), binary.LittleEndian.AppendUint32(nil, uint32(n)))
	return 0, err
}
