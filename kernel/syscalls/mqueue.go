// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/fs/mqueue"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// mqAttr is struct mq_attr.
type mqAttr struct {
	Flags, MaxMsg, MsgSize, CurMsgs int64
	_                               [4]int64
}

//ditto:syscall mq_open full
func mqOpen(t *task.Task, uname user.String, oflag int32, mode uint16, uattr user.Addr) (int, error) {
	var attr *mqueue.Attr
	if uattr != 0 {
		var a mqAttr
		if err := get(t, uattr, &a); err != nil {
			return 0, err
		}
		attr = &mqueue.Attr{MaxMsg: a.MaxMsg, MsgSize: a.MsgSize}
	}
	name, err := user.CopyInPath(t.Memory(), user.Path(uname))
	if err != nil {
		return 0, err
	}
	switch {
	case name == "":
		return 0, unix.ENOENT
	case !t.Files().HasRoom(t.RLimit(unix.RLIMIT_NOFILE)):
		return 0, unix.EMFILE // before the name is looked for
	}
	f, err := mqueue.Of(t).Open(t, name, uint32(oflag), uint32(mode), attr)
	if err != nil {
		return 0, err
	}
	return install(t, f, 0, true)
}

//ditto:syscall mq_unlink full
func mqUnlink(t *task.Task, uname user.String) error {
	name, err := user.CopyInPath(t.Memory(), user.Path(uname))
	if err != nil {
		return err
	}
	return mqueue.Of(t).Unlink(t, name)
}

// mqTimeout is the absolute time of a send or receive; none if addr is 0.
func mqTimeout(t *task.Task, addr user.Addr) (time.Time, error) {
	if addr == 0 {
		return time.Time{}, nil
	}
	return absoluteTime(t, addr, true)
}

// mqFile is the queue of a descriptor: EBADF. The caller drops the file.
func mqFile(t *task.Task, fd vfs.FD) (*vfs.File, *mqueue.Queue, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return nil, nil, err
	}
	q := mqueue.Get(f)
	if q == nil {
		f.DecRef()
		return nil, nil, unix.EBADF
	}
	return f, q, nil
}

//ditto:syscall mq_timedsend full
func mqTimedsend(t *task.Task, fd vfs.FD, text user.Bytes, prio uint32, timeout user.Addr) error {
	deadline, err := mqTimeout(t, timeout)
	if err != nil {
		return err
	}
	if prio >= mqueue.PrioMax {
		return unix.EINVAL
	}
	f, q, err := mqFile(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if !f.Writable() {
		return unix.EBADF
	}
	return q.Send(t, f, text.Len, prio, deadline, func() ([]byte, error) {
		b := make([]byte, text.Len)
		_, err := t.Memory().CopyIn(text.Addr, b)
		return b, err
	})
}

//ditto:syscall mq_timedreceive full
func mqTimedreceive(t *task.Task, fd vfs.FD, text user.Bytes, uprio, timeout user.Addr) (int, error) {
	deadline, err := mqTimeout(t, timeout)
	if err != nil {
		return 0, err
	}
	f, q, err := mqFile(t, fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if !f.Readable() {
		return 0, unix.EBADF
	}
	b, prio, err := q.Receive(t, f, text.Len, deadline)
	if err != nil {
		return 0, err
	}
	if uprio != 0 {
		if err := put32(t, uprio, prio); err != nil {
			return 0, err
		}
	}
	return t.Memory().CopyOut(text.Addr, b)
}

//ditto:syscall mq_getsetattr full
func mqGetsetattr(t *task.Task, fd vfs.FD, unew, uold user.Addr) error {
	var set mqAttr
	if unew != 0 {
		if err := get(t, unew, &set); err != nil {
			return err
		}
		if set.Flags&^unix.O_NONBLOCK != 0 {
			return unix.EINVAL
		}
	}
	f, q, err := mqFile(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	a, n := q.Attrs()
	old := mqAttr{Flags: int64(f.Flags() & unix.O_NONBLOCK), MaxMsg: a.MaxMsg, MsgSize: a.MsgSize, CurMsgs: int64(n)}
	if unew != 0 {
		f.SetFlags(unix.O_NONBLOCK, uint32(set.Flags))
	}
	if uold != 0 {
		return put(t, uold, old)
	}
	return nil
}

//ditto:syscall mq_notify full
func mqNotify(t *task.Task, fd vfs.FD, uev user.Addr) error {
	var ev sigevent
	n := &mqueue.Notify{Pid: t.ProcessID()}
	if uev != 0 {
		if err := get(t, uev, &ev); err != nil {
			return err
		}
		if err := notifyBy(t, n, &ev); err != nil {
			return err
		}
	}
	f, q, err := mqFile(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if uev == 0 {
		q.EndNotify(t.ProcessID())
		return nil
	}
	return q.SetNotify(n)
}

// notifyBy fills in how the process wants to be told: EINVAL, and what a cookie can answer.
func notifyBy(t *task.Task, n *mqueue.Notify, ev *sigevent) error {
	n.How = int32(ev.Notify)
	switch {
	case ev.Notify == sigevNone:
		n.Tell = func(*task.Task) {}
	case ev.Notify == sigevThread:
		return notifyByCookie(t, n, ev)
	case ev.Notify != sigevSignal || uint32(ev.Signo) > task.NSig:
		return unix.EINVAL
	default:
		group, signo, value := t.Group(), int(ev.Signo), ev.Value
		n.Sig = int32(signo)
		n.Tell = func(sender *task.Task) {
			if signo != 0 {
				info := sender.UserInfo(signo, abi.SI_MESGQ)
				info.SetValue(value)
				_ = group.SendSignal(&info)
			}
		}
	}
	return nil
}

// notifyByCookie is SIGEV_THREAD, as the C library does it (ipc/mqueue.c): sigev_signo is a netlink socket, on which
// a cookie comes whose last byte says why. EFAULT, EBADF, ENOTSOCK, EINVAL.
func notifyByCookie(t *task.Task, n *mqueue.Notify, ev *sigevent) error {
	const (
		size           = 32 // NOTIFY_COOKIE_LEN
		wokenUp, taken = 1, 2
	)
	var cookie [size]byte
	if _, err := t.Memory().CopyIn(user.Addr(ev.Value), cookie[:]); err != nil {
		return err
	}
	f, _, err := socketAt(t, vfs.FD(ev.Signo))
	if err != nil {
		return err
	}
	defer f.DecRef()
	s, ok := f.Ops.(*inet.Socket)
	if !ok || !s.IsNetlink() {
		return unix.EINVAL
	}
	tell := func(why byte) {
		p := cookie
		p[size-1] = why
		s.Tell(p[:])
	}
	n.Tell = func(*task.Task) { tell(wokenUp) }
	n.Removed = func() { tell(taken) }
	return nil
}
