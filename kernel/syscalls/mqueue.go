// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/fs/mqueue"
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

//ditto:syscall mq_notify partial no SIGEV_THREAD, which the C library does over a netlink socket
func mqNotify(t *task.Task, fd vfs.FD, uev user.Addr) error {
	var ev sigevent
	if uev != 0 {
		if err := get(t, uev, &ev); err != nil {
			return err
		}
		if ev.Notify != sigevNone && ev.Notify != sigevSignal || ev.Notify == sigevSignal && uint32(ev.Signo) > task.NSig {
			return unix.EINVAL
		}
	}
	f, q, err := mqFile(t, fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if uev == 0 {
		return q.SetNotify(t.ProcessID(), nil)
	}
	group := t.Group()
	sig := int32(0)
	if ev.Notify == sigevSignal {
		sig = int32(ev.Signo)
	}
	return q.SetNotify(t.ProcessID(), &mqueue.Notify{Pid: t.ProcessID(), How: int32(ev.Notify), Sig: sig, Tell: func(sender *task.Task) {
		if ev.Notify == sigevSignal && ev.Signo != 0 {
			info := sender.UserInfo(int(ev.Signo), abi.SI_MESGQ)
			info.SetValue(ev.Value)
			_ = group.SendSignal(&info)
		}
	}})
}
