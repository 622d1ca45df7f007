// SPDX-License-Identifier: Apache-2.0

// This file is the operations of a ring on sockets.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/uring"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Flags that a request has in ioprio.
const (
	uringPollFirst       = 1 // IORING_RECVSEND_POLL_FIRST
	uringAcceptMultishot = 1
	uringAcceptDontwait  = 2
	uringAcceptPollFirst = 4
)

// socketOf is the socket that a request is about: ENOTSOCK.
func socketOf(r *uring.Req) (anySocket, error) {
	s := asSocket(r.File)
	if s == nil {
		return nil, unix.ENOTSOCK
	}
	return s, nil
}

func prepAccept(r *uring.Req) error {
	const known = uringAcceptMultishot | uringAcceptDontwait | uringAcceptPollFirst
	switch {
	case r.Len != 0, r.BufIndex != 0, r.IOPrio&^known != 0,
		r.OpFlags&^(unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK) != 0,
		r.IOPrio&uringAcceptMultishot != 0 && r.FileIndex != 0 && r.FileIndex != fileIndexAlloc:
		return unix.EINVAL
	}
	r.NoWait = r.IOPrio&uringAcceptDontwait != 0
	return noCloexec(r, r.OpFlags)
}

func issueAccept(t *task.Task, r *uring.Req) (uring.Result, error) {
	s, err := socketOf(r)
	if err != nil {
		return uring.Result{}, err
	}
	if r.FileIndex == 0 && !t.Files().HasRoom(t.RLimit(unix.RLIMIT_NOFILE)) {
		return uring.Result{}, unix.EMFILE
	}
	var c anySocket
	var name []byte
	_, err = onceNonblock(r.File, func(f *vfs.File) (int, error) {
		var err error
		c, name, err = s.accept(t, f)
		return 0, err
	})
	if err != nil {
		return uring.Result{}, err
	}
	f := c.file(r.OpFlags & unix.O_NONBLOCK)
	if r.Addr != 0 {
		if err := sockaddrOut(t, name, user.Addr(r.Addr), user.Addr(r.Off)); err != nil {
			f.DecRef()
			return uring.Result{}, err
		}
	}
	n, err := giveFile(t, r, f, r.OpFlags&unix.SOCK_CLOEXEC != 0)
	return uring.Result{N: int64(n), More: err == nil && r.IOPrio&uringAcceptMultishot != 0}, err
}

// connecting is a connection as Prep has read it.
type connecting struct {
	name  []byte
	begun bool
}

func prepConnect(r *uring.Req) error {
	if err := (unused{length: true, flags: true, index: true, file: true}).check(r); err != nil {
		return err
	}
	name, err := sockaddrIn(r.Task(), user.Addr(r.Addr), int32(r.Off))
	r.Data = &connecting{name: name}
	return err
}

func issueConnect(t *task.Task, r *uring.Req) (uring.Result, error) {
	s, err := socketOf(r)
	if err != nil {
		return uring.Result{}, err
	}
	c := r.Data.(*connecting)
	_, err = onceNonblock(r.File, func(f *vfs.File) (int, error) { return 0, s.connect(t, f, c.name) })
	switch {
	case (err == unix.EINPROGRESS || err == unix.EALREADY):
		c.begun, err = true, unix.EAGAIN
	case err == unix.EISCONN && c.begun:
		err = nil
	}
	return uring.Result{}, err
}

func prepSocket(r *uring.Req) error {
	if err := (unused{addr: true, flags: true, index: true}).check(r); err != nil {
		return err
	}
	return noCloexec(r, uint32(r.Off))
}

func issueSocket(t *task.Task, r *uring.Req) (uring.Result, error) {
	typ := int32(r.Off)
	s, err := newSocket(t, r.FD, typ, int32(r.Len))
	if err != nil {
		return uring.Result{}, err
	}
	return count(giveFile(t, r, s.file(uint32(typ)&unix.O_NONBLOCK), typ&unix.SOCK_CLOEXEC != 0))
}

func issueShutdown(_ *task.Task, r *uring.Req) error {
	s, err := socketOf(r)
	if err != nil {
		return err
	}
	return s.shutdown(int(int32(r.Len)))
}

func issueBind(t *task.Task, r *uring.Req) error {
	s, err := socketOf(r)
	if err != nil {
		return err
	}
	name, err := sockaddrIn(t, user.Addr(r.Addr), int32(r.Off))
	if err != nil {
		return err
	}
	return s.bind(t, r.File, name)
}

func issueListen(t *task.Task, r *uring.Req) error {
	s, err := socketOf(r)
	if err != nil {
		return err
	}
	return s.listen(t, int(int32(r.Len)))
}

func prepMessage(r *uring.Req) error {
	if r.IOPrio&^uringPollFirst != 0 {
		return unix.EINVAL
	}
	r.NoWait = r.OpFlags&unix.MSG_DONTWAIT != 0
	return nil
}

// msgOp is sendmsg(2) or recvmsg(2).
func msgOp(send bool, events wait.Mask) *uring.Op {
	return &uring.Op{NeedsFile: true, IOPrio: true, Wait: events, Prep: prepMessage,
		Issue: func(t *task.Task, r *uring.Req) (uring.Result, error) {
			s, err := socketOf(r)
			switch {
			case err != nil:
				return uring.Result{}, err
			case r.OpFlags&msgCmsgCompat != 0:
				return uring.Result{}, unix.EINVAL
			case send:
				return count(sendOne(t, r.File, s, user.Addr(r.Addr), r.OpFlags|unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL))
			}
			res, err := count(recvOne(t, r.File, s, user.Addr(r.Addr), r.OpFlags|unix.MSG_DONTWAIT))
			return withMore(t, r, s, res), err
		}}
}

// sendOp is send(2) or recv(2). With MSG_WAITALL it goes on until all is moved.
func sendOp(send bool, events wait.Mask) *uring.Op {
	return &uring.Op{NeedsFile: true, IOPrio: true, Wait: events, Prep: prepMessage,
		Issue: func(t *task.Task, r *uring.Req) (uring.Result, error) {
			s, err := socketOf(r)
			if err != nil {
				return uring.Result{}, err
			}
			done, _ := r.Data.(int)
			n, err := sendOrRecv(t, r, s, send, done)
			if err != nil && err != unix.EAGAIN && done > 0 {
				return uring.Result{N: int64(done), Short: true}, nil
			}
			if err != nil {
				return uring.Result{}, err
			}
			done += n
			if r.OpFlags&unix.MSG_WAITALL == 0 || n == 0 || done >= int(r.Len) {
				res := uring.Result{N: int64(done), Short: r.OpFlags&unix.MSG_WAITALL != 0 && done < int(r.Len)}
				if !send {
					res = withMore(t, r, s, res)
				}
				return res, nil
			}
			r.Data = done
			return uring.Result{}, unix.EAGAIN
		}}
}

func sendOrRecv(t *task.Task, r *uring.Req, s anySocket, send bool, done int) (int, error) {
	buf, err := user.NewBuf(t.Memory(), user.Bytes{Addr: user.Addr(r.Addr) + user.Addr(done), Len: uint64(r.Len) - uint64(done)})
	if err != nil {
		return 0, err
	}
	flags := r.OpFlags | unix.MSG_DONTWAIT
	if !send {
		n, in, err := s.recv(t, r.File, &buf, flags, wanted{})
		if err == nil {
			dropFiles(in.files)
		}
		return n, err
	}
	var m outgoing
	if r.Off != 0 { // addr2, whose length is where file_index would be
		if m.name, err = sockaddrIn(t, user.Addr(r.Off), int32(uint16(r.FileIndex))); err != nil {
			return 0, err
		}
	}
	return s.send(t, r.File, &buf, m, flags|unix.MSG_NOSIGNAL)
}

// withMore says that there is more to be received from a stream (IORING_CQE_F_SOCK_NONEMPTY): data, or TCP's end.
func withMore(t *task.Task, r *uring.Req, s anySocket, res uring.Result) uring.Result {
	typ, err := s.option(t, unix.SOL_SOCKET, unix.SO_TYPE, 4, nil)
	if err != nil || len(typ) == 0 || typ[0] != unix.SOCK_STREAM {
		return res
	}
	got := r.File.Ops.Poll(r.File)
	if _, isUnix := s.(unixSocket); got&wait.In != 0 && !(isUnix && got&wait.RdHup != 0) {
		res.Flags |= uring.CQESockNonempty
	}
	return res
}
