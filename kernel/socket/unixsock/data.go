// SPDX-License-Identifier: Apache-2.0

package unixsock

import (
	"cmp"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/socket"
	"github.com/ditto-kernel/ditto/kernel/task"
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

	explicit bool         // the sender gave the credentials
	urgent   bool         // out-of-band data: one byte
	whole    *[chunk]byte // what data is a part of, to be used again; nil: nothing is
	time     time.Time    // if the receiver wants it (SO_TIMESTAMP)
}

// drop releases what a message that nobody received carries.
func (m *message) drop() {
	flight.land(m.files)
	for _, f := range m.files {
		f.DecRef()
	}
	m.files = nil
	m.recycle()
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
	From      string
	HasFrom   bool
	sender    *Socket
	Size      int  // of the whole packet
	freed     bool // a message left the queue
	last      bool // see Recv
	Urgent    bool // it is out-of-band data
	mark      bool // the next byte of the stream is out-of-band: a receive ends there
	PassCred  bool
	PassPidfd bool

	Time    time.Time // when it was sent; zero if nobody asked (SO_TIMESTAMP)
	Stamp   int       // the option that asked
	Stamps3 int       // SO_TIMESTAMPING or SO_TIMESTAMPING_NEW, if that asked as well

	TellInq bool // SO_INQ
	Inq     int  // what waits yet
}

// hasRoom tells whether a peer may be called writable: when three quarters of the queue are free (unix_writable), so that who is told so
// can send. Who was told no is notified when that changes. It looks at a peer's queue without its lock order trouble: only the one lock is
// taken.
func (s *Socket) hasRoom(who *Socket) bool {
	if !s.mu.TryLock() {
		return true // somebody is at it, and will announce what changes
	}
	defer s.mu.Unlock()
	if s.roomy() && (s.streaming() || len(s.messages) < MaxDgramQueue) {
		return true
	}
	if who != s.peer { // it sends here, and this end knows nothing of it
		if s.watchers == nil {
			s.watchers = map[*Socket]bool{}
		}
		s.watchers[who] = true
	}
	return false
}

// roomy tells whether three quarters of the queue are free. With mu.
func (s *Socket) roomy() bool {
	const quarter = 4
	return quarter*s.queued <= s.rcvbuf
}

// target is whom a send without an address goes to.
func (s *Socket) target() (*Socket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	none := s.peer == nil && !s.connected
	switch {
	case none && s.typ != unix.SOCK_DGRAM: // even if it was shut
		return nil, unix.ENOTCONN
	case s.wrShut, s.peer == nil && s.connected:
		return nil, unix.EPIPE
	case none:
		return nil, unix.ENOTCONN
	}
	return s.peer, nil
}

// Send sends src to dest, or to the peer if dest is nil (sendmsg(2)). EPIPE
// raises SIGPIPE unless flags have MSG_NOSIGNAL. The files of c pass over to
// the message on success; on failure they stay the caller's.
func (s *Socket) Send(ctx vfs.Ctx, f *vfs.File, src *user.Buf, dest *Socket, c Control, flags uint32) (int, error) {
	if err := s.Unready(); err != nil {
		return 0, err
	}
	oob := flags&unix.MSG_OOB != 0
	if oob && (!s.streaming() || src.Len() == 0) {
		return 0, unix.EOPNOTSUPP
	}
	var n int
	to, err := dest, error(nil)
	if to == nil {
		to, err = s.target()
	}
	if err == unix.ENOTCONN && s.typ == unix.SOCK_DGRAM { // the message is made before anyone asks whom it is for
		_, err = s.packet(src, c)
		err = cmp.Or(err, error(unix.ENOTCONN))
	}
	if err == nil {
		nonblock := f.NonBlock() || flags&unix.MSG_DONTWAIT != 0
		if s.streaming() {
			n, err = s.sendStream(ctx, src, to, c, nonblock, oob)
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

// Unready is what a SOCK_SEQPACKET socket alone tells of before all else (unix_seqpacket_sendmsg): its error, ENOTCONN.
func (s *Socket) Unready() error {
	if s.typ != unix.SOCK_SEQPACKET {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.err
	if s.err = nil; err == nil && s.peer == nil && !s.connected {
		err = unix.ENOTCONN
	}
	return err
}

// Unsendable is what is wrong with a message whoever it is for: EMSGSIZE, EFAULT.
func (s *Socket) Unsendable(src *user.Buf) error {
	_, err := s.packet(src, Control{})
	return err
}

// packet is the message that src makes: EMSGSIZE, EFAULT.
func (s *Socket) packet(src *user.Buf, c Control) (*message, error) {
	s.mu.Lock()
	limit := s.sndbuf
	s.mu.Unlock()
	if src.Len() > limit-32 {
		return nil, unix.EMSGSIZE
	}
	m := &message{data: make([]byte, src.Len()), from: s, creds: c.Creds, explicit: c.Explicit, files: c.Files}
	_, err := src.CopyIn(m.data)
	return m, err
}

func (s *Socket) sendPacket(ctx vfs.Ctx, src *user.Buf, to *Socket, c Control, nonblock bool) (int, error) {
	m, err := s.packet(src, c)
	if m == nil {
		return 0, err
	}
	n := len(m.data)
	if err == nil && !to.passes(m) {
		for _, f := range m.files {
			f.DecRef()
		}
		return n, nil // and the sender is not told
	}
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
var unstamped = Ucred{UID: 65534, GID: 65534}

// MaxDgramQueue is net.unix.max_dgram_qlen.
const MaxDgramQueue = 512

// put queues m at to, when there is room.
func (s *Socket) put(ctx vfs.Ctx, to *Socket, m *message, nonblock bool) error {
	s.mu.Lock()
	timeout, stamp := s.sndTimeo, s.passCred || s.passPidfd
	s.mu.Unlock()
	err := socket.Block(ctx, nonblock, timeout, &to.room, wait.Writable, func() (bool, error) {
		if err := s.TakeError(); err != nil { // sock_alloc_send_pskb
			return true, err
		}
		to.mu.Lock()
		defer to.mu.Unlock()
		switch {
		case to.closed && !s.connecting():
			return true, unix.ECONNREFUSED
		case to.closed || to.rdShut:
			return true, unix.EPIPE
		case len(m.files) > 0 && to.noRights:
			return true, unix.EPERM
		case to.queued >= to.rcvbuf: // the last one may go beyond it (sock_alloc_send_pskb)
			return false, nil
		case !s.streaming() && len(to.messages) >= MaxDgramQueue:
			return false, nil
		}
		if !stamp && !to.passCred && !to.passPidfd && !m.explicit {
			m.creds = unstamped
		}
		if to.stamps != 0 && !s.streaming() {
			m.time = time.Now()
		}
		flight.start(m.files)
		if m.urgent {
			to.oob = m
		}
		to.messages = append(to.messages, m)
		to.queued += len(m.data)
		return true, nil
	})
	switch {
	case err != nil:
		return err
	case m.urgent:
		socket.RaiseURG(to.opened.Load())
		to.queue.Notify(wait.Readable | wait.Pri)
	default:
		to.queue.Notify(wait.Readable)
	}
	return nil
}

// Recv receives (recvmsg(2)) into dst. A packet's rest is lost; Size says how long it was. last: the caller does not
// touch the application's memory afterwards.
func (s *Socket) Recv(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, flags uint32, last bool) (n int, r Received, err error) {
	if flags&unix.MSG_OOB != 0 && !s.streaming() {
		return 0, r, unix.EOPNOTSUPP
	}
	s.mu.Lock()
	timeout, bad := s.rcvTimeo, s.connecting() && !s.connected
	r.PassCred, r.PassPidfd = s.passCred, s.passPidfd
	want := min(dst.Len(), max(int(s.rcvlowat), 1)) // sock_rcvlowat
	if flags&unix.MSG_WAITALL != 0 {
		want = dst.Len()
	}
	s.mu.Unlock()
	r.last = last && want <= 1
	if bad {
		if s.streaming() {
			return 0, r, unix.EINVAL
		}
		return 0, r, unix.ENOTCONN
	}
	if flags&unix.MSG_OOB != 0 {
		n, err = s.recvUrgent(dst, flags&unix.MSG_PEEK != 0, &r)
		return n, r, err
	}
	nonblock := f.NonBlock() || flags&unix.MSG_DONTWAIT != 0
	for {
		var got int
		err = socket.Block(ctx, nonblock, timeout, &s.queue, wait.Readable, func() (bool, error) {
			var done bool
			var err error
			got, done, err = s.take(dst, flags, nonblock, n > 0, &r)
			return done, err
		})
		n += got
		// A stream asked for all of it, or for so much, goes on, but not over a message with descriptors.
		if err != nil || got == 0 || n >= want || !s.streaming() || flags&unix.MSG_PEEK != 0 || r.Files != nil || r.mark {
			break
		}
	}
	if r.sender != nil {
		r.From = r.sender.Name()
	}
	s.mu.Lock()
	r.TellInq, r.Inq = s.tellInq, s.queued+s.passed
	s.mu.Unlock()
	if n > 0 {
		err = nil
	}
	if r.freed {
		s.freed()
	}
	return n, r, err
}

// freed tells writers that there is room: those of a stream when there is so much that poll says so (unix_write_space), for to wake
// them for less costs more than it gains.
func (s *Socket) freed() {
	s.mu.Lock()
	if s.streaming() && !s.roomy() {
		s.mu.Unlock()
		return
	}
	peer, watchers := s.peer, s.watchers
	s.watchers = nil
	s.mu.Unlock()
	s.room.Notify(wait.Writable)
	if peer != nil {
		peer.queue.Notify(wait.Writable)
	}
	for w := range watchers {
		w.queue.Notify(wait.Writable)
	}
}

// take moves what is there into dst; done is false if nothing is and more may come.
//
// copied: this call has received something before.
func (s *Socket) take(dst *user.Buf, flags uint32, nonblock, copied bool, r *Received) (n int, done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streaming() {
		if n, done, err = s.takeStream(dst, flags, copied, r); n > 0 || done {
			return n, done, err
		}
	}
	switch {
	case s.err != nil:
		err, s.err = s.err, nil
		return 0, true, err
	case !s.streaming() && len(s.messages) > 0:
		return s.takePacket(dst, flags, r)
	case s.rdShut && nonblock && !s.connecting():
		return 0, false, nil // only who waits is told the end
	}
	return 0, s.rdShut, nil
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
	n, err = r.out(dst, data[:min(len(data), dst.Len())])
	r.note(m, peek)
	r.Size = len(data)
	r.sender, r.HasFrom = m.from, true
	if s.stamps != 0 {
		if m.time.IsZero() {
			m.time = time.Now() // it was sent before the option was set
		}
		r.Time, r.Stamp = m.time, s.stamps
		for _, name := range []int{unix.SO_TIMESTAMPING_NEW, unix.SO_TIMESTAMPING} {
			if s.kept[name]&unix.SOF_TIMESTAMPING_SOFTWARE != 0 {
				r.Stamps3 = name
				break
			}
		}
	}
	if !peek {
		s.messages = s.messages[1:]
		s.queued -= len(m.data)
		s.moved(len(m.data), false)
		r.freed = true
	}
	if err != nil {
		return 0, true, err // and the packet is lost
	}
	if peek {
		s.moved(n, true)
	}
	return n, true, nil
}

// out copies data out.
func (r *Received) out(dst *user.Buf, p []byte) (int, error) {
	if r.last {
		return dst.CopyOutLast(p)
	}
	return dst.CopyOut(p)
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
	if dst.Len() == 0 {
		return 0, nil // sock_read_iter
	}
	n, r, err := s.Recv(ctx, f, dst, 0, true)
	for _, x := range r.Files {
		x.DecRef()
	}
	return n, err
}

// Write implements vfs.FileOps.
func (s *Socket) Write(ctx vfs.Ctx, f *vfs.File, src *user.Buf, _ *int64) (int, error) {
	c := Control{Creds: Ucred{UID: ctx.Creds().RUID, GID: ctx.Creds().RGID}}
	if t, ok := ctx.(*task.Task); ok {
		c.Creds.PID, c.Creds.Process = t.Group().ID(), t.Group()
	}
	return s.Send(ctx, f, src, nil, c, 0)
}
