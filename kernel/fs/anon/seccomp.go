// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/seccomp"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Sizes of struct seccomp_notif, seccomp_notif_resp and seccomp_notif_addfd.
const (
	SeccompNotifSize = 80
	SeccompRespSize  = 24
	addFDSize        = 24
)

// Commands of seccomp_unotify(2).
const (
	notifRecv       = unix.SECCOMP_IOCTL_NOTIF_RECV
	notifSend       = unix.SECCOMP_IOCTL_NOTIF_SEND
	notifIDValid    = 0x40082102
	notifIDValidOld = 0x80082102
	notifAddFD      = 0x40182103
	notifSetFlags   = 0x40082104

	addFDSetFD = unix.SECCOMP_ADDFD_FLAG_SETFD
	addFDSend  = unix.SECCOMP_ADDFD_FLAG_SEND

	// An extensible command is known by all but its direction and size.
	cmdMask = ^uint32(0xc0000000 | 0x3fff<<16)
)

// seccompListener is the descriptor by which a supervisor answers the calls
// that a filter hands to it (seccomp_unotify(2)).
type seccompListener struct {
	vfs.BaseFile
	vfs.NoReads
	vfs.NoWrites
	filter *seccomp.Filter
	l      *seccomp.Listener
}

// NewSeccompListener is the descriptor of a filter that has a listener.
func NewSeccompListener(f *seccomp.Filter) *vfs.File {
	return vfs.NewAnonFile("anon_inode:seccomp notify", &seccompListener{filter: f, l: f.Listener()}, unix.O_RDWR)
}

// Poll implements vfs.FileOps.
func (s *seccompListener) Poll(*vfs.File) wait.Mask { return s.l.Poll(s.filter.Orphaned()) }

// Queue implements vfs.FileOps.
func (s *seccompListener) Queue(*vfs.File) *wait.Queue { return s.l.Queue() }

// Release implements vfs.FileOps.
func (s *seccompListener) Release(*vfs.File) { s.l.Close() }

// Ioctl implements vfs.FileOps.
func (s *seccompListener) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	t, ok := ctx.(*task.Task)
	if !ok {
		return 0, unix.ENOTTY
	}
	addr := user.Addr(arg)
	switch cmd {
	case notifRecv:
		return 0, s.receive(t, addr)
	case notifSend:
		return 0, s.send(t, addr)
	case notifIDValid, notifIDValidOld:
		return 0, s.valid(t, addr)
	case notifSetFlags:
		if arg&^1 != 0 {
			return 0, unix.EINVAL
		}
		s.l.SetSyncWake(arg != 0)
		return 0, nil
	}
	if cmd&cmdMask == notifAddFD&cmdMask {
		return s.addFD(t, addr, cmd>>16&0x3fff)
	}
	return 0, unix.EINVAL
}

// receive waits for a call. What the application has in its place must be
// zero, for future uses.
func (s *seccompListener) receive(t *task.Task, addr user.Addr) error {
	var b [SeccompNotifSize]byte
	if _, err := t.Memory().CopyIn(addr, b[:]); err != nil {
		return err
	}
	if b != [SeccompNotifSize]byte{} {
		return unix.EINVAL
	}
	var n *seccomp.Notification
	err := wait.Until(t, s.l.Queue(), wait.Readable, time.Time{}, func() bool {
		n = s.l.Receive()
		return n != nil || s.filter.Orphaned()
	})
	switch {
	case err != nil:
		return err
	case n == nil:
		return unix.ENOENT
	}
	binary.LittleEndian.PutUint64(b[:], n.ID)
	if target, ok := n.Task.(*task.Task); ok {
		binary.LittleEndian.PutUint32(b[8:], uint32(target.Pid()))
	}
	n.Data.Marshal(b[SeccompNotifSize-bpf.DataSize:])
	if _, err := t.Memory().CopyOut(addr, b[:]); err != nil {
		s.l.Unreceive(n.ID)
		return err
	}
	return nil
}

func (s *seccompListener) send(t *task.Task, addr user.Addr) error {
	var b [SeccompRespSize]byte
	if _, err := t.Memory().CopyIn(addr, b[:]); err != nil {
		return err
	}
	r := seccomp.Reply{
		Val:   int64(binary.LittleEndian.Uint64(b[8:])),
		Error: int32(binary.LittleEndian.Uint32(b[16:])),
	}
	flags := binary.LittleEndian.Uint32(b[20:])
	r.Continue = flags&unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE != 0
	if flags&^unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE != 0 || r.Continue && (r.Error != 0 || r.Val != 0) {
		return unix.EINVAL
	}
	return s.l.Send(binary.LittleEndian.Uint64(b[:]), r)
}

func (s *seccompListener) valid(t *task.Task, addr user.Addr) error {
	var b [8]byte
	if _, err := t.Memory().CopyIn(addr, b[:]); err != nil {
		return err
	}
	if !s.l.Valid(binary.LittleEndian.Uint64(b[:])) {
		return unix.ENOENT
	}
	return nil
}

// addFD has the task whose call it is get a copy of a descriptor of t.
func (s *seccompListener) addFD(t *task.Task, addr user.Addr, size uint32) (uint64, error) {
	if size < addFDSize || size >= abi.PageSize {
		return 0, unix.EINVAL
	}
	b := make([]byte, size)
	if _, err := t.Memory().CopyIn(addr, b); err != nil {
		return 0, err
	}
	for _, v := range b[addFDSize:] {
		if v != 0 {
			return 0, unix.E2BIG
		}
	}
	word := func(off int) uint32 { return binary.LittleEndian.Uint32(b[off:]) }
	id, flags, src, fd, fdFlags := binary.LittleEndian.Uint64(b), word(8), word(12), word(16), word(20)
	if fdFlags&^unix.O_CLOEXEC != 0 || flags&^(addFDSetFD|addFDSend) != 0 || fd != 0 && flags&addFDSetFD == 0 {
		return 0, unix.EINVAL
	}
	f, err := t.Files().Get(vfs.FD(src))
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	a := &seccomp.AddFD{Send: flags&addFDSend != 0, Install: func(who wait.Waker) (int32, error) {
		return receiveFD(who.(*task.Task), f, vfs.FD(fd), flags&addFDSetFD != 0, fdFlags&unix.O_CLOEXEC != 0)
	}}
	return s.awaitAdded(t, id, a)
}

func (s *seccompListener) awaitAdded(t *task.Task, id uint64, a *seccomp.AddFD) (uint64, error) {
	if err := s.l.Add(id, a, t); err != nil {
		return 0, err
	}
	for {
		ret, done, err := s.l.Added(a)
		if done {
			return uint64(ret), err
		}
		if err := t.Sleep(time.Time{}); err != nil && s.l.Withdraw(id, a) {
			return 0, err
		}
	}
}

// receiveFD gives t a descriptor of f, as number fd if set.
func receiveFD(t *task.Task, f *vfs.File, fd vfs.FD, set, cloexec bool) (int32, error) {
	limit := t.RLimit(unix.RLIMIT_NOFILE)
	f.IncRef()
	if !set {
		got, err := t.Files().Install(f, 0, cloexec, limit)
		if err != nil {
			f.DecRef()
		}
		return int32(got), err
	}
	if uint64(uint32(fd)) >= limit {
		f.DecRef()
		return 0, unix.EBADF
	}
	old, err := t.Files().Replace(fd, f, cloexec, limit)
	if err != nil {
		f.DecRef()
		return 0, err
	}
	if old != nil {
		_ = t.Files().Finish(t, old)
	}
	return int32(fd), nil
}
