// SPDX-License-Identifier: Apache-2.0

// This file sends and receives: sendto, recvfrom, sendmsg, recvmsg and the
// calls for many messages.

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/socket/unixsock"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// outgoing is what goes with the data of a message.
type outgoing struct {
	name    []byte // nil: none; empty: one of no length
	control []byte
}

// wanted is what a receive wants besides the data.
type wanted struct {
	name    bool
	control uint64 // room
	last    bool   // nothing is copied out behind the data
}

// incoming is what came with the data of a message.
type incoming struct {
	name    []byte
	flags   uint32 // msg_flags
	files   []*vfs.File
	control func(*controlRoom) // writes the control messages, and passes the files on
}

//ditto:syscall sendto full
func sendto(t *task.Task, fd vfs.FD, data user.Bytes, flags uint32, addr user.Addr, length int32) (int, error) {
	buf, err := t.Buf(data) // before the descriptor
	if err != nil {
		return 0, err
	}
	f, s, err := socketAt(t, fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	var m outgoing
	if addr != 0 {
		if m.name, err = sockaddrIn(t, addr, length); err != nil {
			return 0, err
		}
	}
	return s.send(t, f, buf, m, flags&^msgCmsgCompat)
}

//ditto:syscall recvfrom full
func recvfrom(t *task.Task, fd vfs.FD, data user.Bytes, flags uint32, addr, length user.Addr) (int, error) {
	buf, err := t.Buf(data)
	if err != nil {
		return 0, err
	}
	f, s, err := socketAt(t, fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	n, in, err := s.recv(t, f, buf, flags&^msgCmsgCompat, wanted{name: addr != 0, last: addr == 0})
	if err != nil {
		return 0, err
	}
	dropFiles(in.files)
	if addr != 0 {
		if err := sockaddrOut(t, in.name, addr, length); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// reported is the length that a receive answers: with MSG_TRUNC that of the packet.
func reported(n int, r unixsock.Received, flags uint32) int {
	if flags&unix.MSG_TRUNC != 0 && r.Size > n {
		return r.Size
	}
	return n
}

// fromAddr is the sender's address: none at all on connections.
func fromAddr(r unixsock.Received) []byte {
	if !r.HasFrom || r.From == "" {
		return nil
	}
	return unixsock.Sockaddr(r.From)
}

func dropFiles(files []*vfs.File) {
	for _, f := range files {
		f.DecRef()
	}
}

// msghdr is struct user_msghdr.
type msghdr struct {
	name       user.Addr
	nameLen    int32
	iov        user.Addr
	iovLen     uint64
	control    user.Addr
	controlLen uint64
}

const msghdrSize = 56

func msghdrIn(t *task.Task, addr user.Addr) (m msghdr, err error) {
	var b [msghdrSize]byte
	if _, err := t.Memory().CopyIn(addr, b[:]); err != nil {
		return m, err
	}
	le := binary.LittleEndian
	m = msghdr{user.Addr(le.Uint64(b[0:])), int32(le.Uint32(b[8:])), user.Addr(le.Uint64(b[16:])), le.Uint64(b[24:]),
		user.Addr(le.Uint64(b[32:])), le.Uint64(b[40:])}
	if m.name == 0 {
		m.nameLen = 0
	}
	if m.nameLen < 0 {
		return m, unix.EINVAL
	}
	m.nameLen = min(m.nameLen, sockaddrMax)
	if m.iovLen > user.MaxIov {
		return m, unix.EMSGSIZE
	}
	return m, nil
}

//ditto:syscall sendmsg full
func sendmsg(t *task.Task, fd vfs.FD, msg user.Addr, flags uint32) (int, error) {
	if flags&msgCmsgCompat != 0 {
		return 0, unix.EINVAL
	}
	f, s, err := socketAt(t, fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	return sendOne(t, f, s, msg, flags)
}

func sendOne(t *task.Task, f *vfs.File, s anySocket, msg user.Addr, flags uint32) (int, error) {
	m, err := msghdrIn(t, msg)
	if err != nil {
		return 0, err
	}
	var out outgoing
	if m.name != 0 && m.nameLen > 0 {
		if out.name, err = sockaddrIn(t, m.name, m.nameLen); err != nil {
			return 0, err
		}
	}
	buf, err := user.NewIovBuf(t.Memory(), m.iov, m.iovLen)
	if err != nil {
		return 0, err
	}
	if m.controlLen > controlMax {
		return 0, unix.ENOBUFS
	}
	out.control = make([]byte, m.controlLen)
	if _, err := t.Memory().CopyIn(m.control, out.control); err != nil {
		return 0, err
	}
	return s.send(t, f, &buf, out, flags)
}

// controlMax is net.core.optmem_max, as far as it goes here.
const controlMax = 20480

// scmMaxFD is SCM_MAX_FD.
const scmMaxFD = 253

// controlIn takes the control messages in (scm_send). The files are referenced.
func controlIn(t *task.Task, p []byte) (c unixsock.Control, err error) {
	c.Creds = ucred(t)
	defer func() {
		if err != nil {
			dropFiles(c.Files)
		}
	}()
	for len(p) >= unix.SizeofCmsghdr {
		size := binary.LittleEndian.Uint64(p)
		if size < unix.SizeofCmsghdr || size > uint64(len(p)) {
			return c, unix.EINVAL
		}
		level, kind := binary.LittleEndian.Uint32(p[8:]), binary.LittleEndian.Uint32(p[12:])
		if level == unix.SOL_SOCKET {
			if err = controlOne(t, &c, kind, p[unix.SizeofCmsghdr:size]); err != nil {
				return c, err
			}
		}
		p = p[min(uint64(len(p)), (size+7)&^7):]
	}
	return c, nil
}

func controlOne(t *task.Task, c *unixsock.Control, kind uint32, data []byte) error {
	switch kind {
	case unix.SCM_RIGHTS:
		if len(c.Files)+len(data)/4 > scmMaxFD {
			return unix.EINVAL
		}
		for ; len(data) >= 4; data = data[4:] {
			f, err := t.Files().GetPath(vfs.FD(int32(binary.LittleEndian.Uint32(data))))
			if err != nil {
				return err
			}
			c.Files = append(c.Files, f)
		}
		return nil
	case unix.SCM_CREDENTIALS:
		if len(data) != unix.SizeofUcred {
			return unix.EINVAL
		}
		le := binary.LittleEndian
		u := unixsock.Ucred{PID: t.ToPid(int32(le.Uint32(data))),
			UID: t.Creds().NS().ToUID(le.Uint32(data[4:])), GID: t.Creds().NS().ToGID(le.Uint32(data[8:]))}
		u.Process = t.Kernel().LookupGroup(u.PID)
		return claim(t, c, u)
	}
	return unix.EINVAL
}

// claim checks who a task says that it is (scm_check_creds).
func claim(t *task.Task, c *unixsock.Control, u unixsock.Ucred) error {
	k := t.Creds()
	if u.UID == ^cred.UID(0) || u.GID == ^cred.GID(0) {
		return unix.EINVAL
	}
	pid := u.PID == t.Group().ID() || k.CapableIn(t.PidNS().Owner(), unix.CAP_SYS_ADMIN)
	uid := u.UID == k.RUID || u.UID == k.EUID || u.UID == k.SUID || k.CapableHere(unix.CAP_SETUID)
	gid := u.GID == k.RGID || u.GID == k.EGID || u.GID == k.SGID || k.CapableHere(unix.CAP_SETGID)
	if !pid || !uid || !gid {
		return unix.EPERM
	}
	c.Creds, c.Explicit = u, true
	return nil
}

//ditto:syscall recvmsg full
func recvmsg(t *task.Task, fd vfs.FD, msg user.Addr, flags uint32) (int, error) {
	if flags&msgCmsgCompat != 0 {
		return 0, unix.EINVAL
	}
	f, s, err := socketAt(t, fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	return recvOne(t, f, s, msg, flags)
}

func recvOne(t *task.Task, f *vfs.File, s anySocket, msg user.Addr, flags uint32) (int, error) {
	m, err := msghdrIn(t, msg)
	if err != nil {
		return 0, err
	}
	buf, err := user.NewIovBuf(t.Memory(), m.iov, m.iovLen)
	if err != nil {
		return 0, err
	}
	room := controlRoom{at: m.control, left: m.controlLen}
	if m.control == 0 {
		room.left = 0
	}
	n, in, err := s.recv(t, f, &buf, flags, wanted{name: m.name != 0, control: room.left})
	if err != nil {
		return 0, err
	}
	out := flags&unix.MSG_CMSG_CLOEXEC | in.flags
	in.control(&room)
	if room.truncated {
		out |= unix.MSG_CTRUNC
	}
	if m.name != 0 {
		if _, err := t.Memory().CopyOut(m.name, in.name[:min(len(in.name), int(m.nameLen))]); err != nil {
			return 0, err
		}
		if err := putUint32(t, msg+8, uint32(len(in.name))); err != nil {
			return 0, err
		}
	}
	var b [12]byte // msg_controllen, msg_flags
	binary.LittleEndian.PutUint64(b[:], uint64(room.used))
	binary.LittleEndian.PutUint32(b[8:], out)
	if _, err := t.Memory().CopyOut(msg+40, b[:]); err != nil {
		return 0, err
	}
	return n, nil
}

func putUint32(t *task.Task, addr user.Addr, v uint32) error {
	_, err := t.Memory().CopyOut(addr, binary.LittleEndian.AppendUint32(nil, v))
	return err
}

// controlRoom is where control messages go (struct msghdr's as put_cmsg moves it on).
type controlRoom struct {
	at        user.Addr
	left      uint64
	used      int
	truncated bool
}

// cmsghdr is struct cmsghdr.
func cmsghdr(size uint64, kind uint32) []byte {
	b := binary.LittleEndian.AppendUint64(nil, size)
	b = binary.LittleEndian.AppendUint32(b, unix.SOL_SOCKET)
	return binary.LittleEndian.AppendUint32(b, kind)
}

// advance goes on behind a message of size bytes.
func (c *controlRoom) advance(size uint64) {
	n := min((size+7)&^7, c.left)
	c.at += user.Addr(n)
	c.left -= n
	c.used += int(n)
}

// put writes a message, cut to the room (put_cmsg). What can't be written is
// left out without a word.
func (c *controlRoom) put(t *task.Task, kind uint32, data []byte) {
	if c.left < unix.SizeofCmsghdr {
		c.truncated = true
		return
	}
	size := uint64(unix.SizeofCmsghdr + len(data))
	if size > c.left {
		c.truncated = true
		size = c.left
	}
	b := append(cmsghdr(size, kind), data...)
	if _, err := t.Memory().CopyOut(c.at, b[:size]); err == nil {
		c.advance(size)
	}
}

// putFiles installs as many files as there is room for and drops the rest
// (scm_detach_fds).
func (c *controlRoom) putFiles(t *task.Task, files []*vfs.File, cloexec bool) {
	fit := uint64(0)
	if c.left > unix.SizeofCmsghdr {
		fit = (c.left - unix.SizeofCmsghdr) / 4
	}
	n := uint64(0)
	for n < min(fit, uint64(len(files))) {
		fd, err := t.Files().Install(files[n], 0, cloexec, t.RLimit(unix.RLIMIT_NOFILE))
		if err != nil {
			break
		}
		if putUint32(t, c.at+user.Addr(unix.SizeofCmsghdr+n*4), uint32(fd)) != nil {
			uninstall(t, int(fd)) // and its reference is gone
			dropFiles(files[n+1:])
			files = files[:n]
			c.truncated = true
			break
		}
		n++
	}
	if n < uint64(len(files)) {
		c.truncated = true
		dropFiles(files[n:])
	}
	if n == 0 {
		return
	}
	size := unix.SizeofCmsghdr + n*4
	if _, err := t.Memory().CopyOut(c.at, cmsghdr(size, unix.SCM_RIGHTS)); err == nil {
		c.advance(size)
	}
}

// putRaw writes messages that fit, for they were made for this room.
func (c *controlRoom) putRaw(t *task.Task, p []byte) {
	if _, err := t.Memory().CopyOut(c.at, p); err == nil {
		c.used += len(p)
	}
}

// putReceived writes the control messages that came: when it was sent, then
// credentials, then descriptors (scm_recv).
func (c *controlRoom) putReceived(t *task.Task, r unixsock.Received, cloexec bool) {
	if !r.Time.IsZero() {
		c.putTime(t, r)
	}
	if r.PassCred {
		b := binary.LittleEndian.AppendUint32(nil, uint32(t.ShowPid(r.Creds.PID)))
		b = binary.LittleEndian.AppendUint32(b, showUID(t, r.Creds.UID))
		c.put(t, unix.SCM_CREDENTIALS, binary.LittleEndian.AppendUint32(b, showGID(t, r.Creds.GID)))
	}
	if len(r.Files) > 0 {
		c.putFiles(t, r.Files, cloexec)
	}
	if r.PassPidfd {
		c.putPidfd(t, r.Creds.Process)
	}
	if r.TellInq {
		const scmInq = 84
		c.put(t, scmInq, binary.LittleEndian.AppendUint32(nil, uint32(r.Inq)))
	}
}

// putTime writes when a packet was sent, as often as it was asked for (__sock_recv_timestamp).
func (c *controlRoom) putTime(t *task.Task, r unixsock.Received) {
	sub := r.Time.Nanosecond()
	if r.Stamp == unix.SO_TIMESTAMP || r.Stamp == unix.SO_TIMESTAMP_NEW {
		sub /= 1000
	}
	b := binary.LittleEndian.AppendUint64(nil, uint64(r.Time.Unix()))
	c.put(t, uint32(r.Stamp), binary.LittleEndian.AppendUint64(b, uint64(sub)))
	if r.Stamps3 != 0 {
		b := binary.LittleEndian.AppendUint64(nil, uint64(r.Time.Unix()))
		b = binary.LittleEndian.AppendUint64(b, uint64(r.Time.Nanosecond()))
		c.put(t, uint32(r.Stamps3), append(b, make([]byte, 32)...)) // of hardware there is none
	}
}

// putPidfd makes a descriptor of the sender (scm_pidfd_recv).
func (c *controlRoom) putPidfd(t *task.Task, sender *task.ThreadGroup) {
	const size = unix.SizeofCmsghdr + 4
	switch {
	case c.left < size:
		c.truncated = true
		return
	case sender == nil:
		return
	}
	fd, err := install(t, sender.NewPidFD(nil, 0), 0, true)
	if err != nil {
		fd = -int(err.(unix.Errno))
	}
	const scmPidfd = 4
	c.put(t, scmPidfd, binary.LittleEndian.AppendUint32(nil, uint32(int32(fd))))
}

// msgCmsgCompat is MSG_CMSG_COMPAT, which the calls without control messages overlook and the others refuse.
const msgCmsgCompat = 1 << 31

// mmsghdrSize is sizeof(struct mmsghdr): a msghdr and the length that was moved.
const mmsghdrSize = 64

//ditto:syscall sendmmsg full
func sendmmsg(t *task.Task, fd vfs.FD, vec user.Addr, count, flags uint32) (int, error) {
	if flags&msgCmsgCompat != 0 {
		return 0, unix.EINVAL
	}
	f, s, err := socketAt(t, fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	for i := range int(min(count, user.MaxIov)) {
		msg := vec + user.Addr(i*mmsghdrSize)
		n, err := sendOne(t, f, s, msg, flags)
		if err == nil {
			err = putUint32(t, msg+msghdrSize, uint32(n))
		}
		if err != nil {
			if i > 0 {
				return i, nil
			}
			return 0, err
		}
	}
	return int(min(count, user.MaxIov)), nil
}
