// SPDX-License-Identifier: Apache-2.0

// This file is io_submit(2): what a request may ask for. All but polls are done on the spot, see package aio.

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/aio"
	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/fs/tty"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// What struct iocb says (linux/aio_abi.h).
const (
	iocbPread   = 0
	iocbPwrite  = 1
	iocbFsync   = 2
	iocbFdsync  = 3
	iocbPoll    = 5
	iocbPreadv  = 7
	iocbPwritev = 8

	iocbFlagResfd  = 1
	iocbFlagIoprio = 2
)

// iocb is struct iocb.
type iocb struct {
	Data    uint64
	Key     uint32
	RWFlags uint32
	Opcode  uint16
	Reqprio int16
	FD      vfs.FD
	Buf     uint64
	Nbytes  uint64
	Offset  int64
	_       uint64
	Flags   uint32
	Resfd   vfs.FD
}

//ditto:syscall io_submit full
func ioSubmit(t *task.Task, name uint64, nr int64, list user.Addr) (int64, error) {
	if nr < 0 {
		return 0, unix.EINVAL
	}
	x := aio.Lookup(t.MM(), t.Memory(), name)
	if x == nil {
		return 0, unix.EINVAL
	}
	defer x.Put()
	for i := range min(nr, int64(x.Room())) {
		p, err := get64(t, list+user.Addr(8*i))
		if err == nil {
			err = submitOne(t, x, user.Addr(p))
		}
		if err != nil && i > 0 {
			return i, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return min(nr, int64(x.Room())), nil
}

// submitOne is io_submit_one.
func submitOne(t *task.Task, x *aio.Context, at user.Addr) error {
	var b [64]byte
	if _, err := t.Memory().CopyIn(at, b[:]); err != nil {
		return err
	}
	var cb iocb
	if _, err := binary.Decode(b[:], binary.LittleEndian, &cb); err != nil {
		panic(err)
	}
	if binary.LittleEndian.Uint64(b[48:]) != 0 || int64(cb.Nbytes) < 0 { // aio_reserved2
		return unix.EINVAL
	}
	if err := x.Begin(); err != nil {
		return err
	}
	req := aio.Request{Data: cb.Data, Obj: uint64(at)}
	err := startOne(t, x, &cb, &req, at)
	if err != nil {
		if req.Signal != nil {
			req.Signal.DecRef()
		}
		x.Cancel()
	}
	return err
}

// startOne is __io_submit_one: an error refuses the request, anything else is told by an event.
func startOne(t *task.Task, x *aio.Context, cb *iocb, req *aio.Request, at user.Addr) error {
	f, err := t.Files().Get(cb.FD)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if cb.Flags&iocbFlagResfd != 0 {
		e, err := t.Files().Get(cb.Resfd)
		if err != nil {
			return err
		}
		if !anon.IsEventfd(e) {
			e.DecRef()
			return unix.EINVAL
		}
		req.Signal = e
	}
	if err := put32(t, at+8, 0); err != nil { // aio_key
		return err
	}
	switch cb.Opcode {
	case iocbPread, iocbPreadv:
		return aioTransfer(t, x, cb, req, f, false)
	case iocbPwrite, iocbPwritev:
		return aioTransfer(t, x, cb, req, f, true)
	case iocbFsync, iocbFdsync:
		return aioSync(t, x, cb, req, f)
	case iocbPoll:
		if cb.Buf>>16 != 0 || cb.Offset != 0 || cb.Nbytes != 0 || cb.RWFlags != 0 {
			return unix.EINVAL
		}
		return x.StartPoll(t, *req, f, wait.Mask(cb.Buf), pollsTwice(f))
	}
	return unix.EINVAL
}

// pollsTwice tells whether Linux has more than one wait queue for a file that is open as f is.
func pollsTwice(f *vfs.File) bool {
	if f.Inode.Mode()&unix.S_IFMT == unix.S_IFIFO {
		return f.Readable() && f.Writable()
	}
	return tty.IsTerminal(f)
}

// streamless are the files that have no reading or writing in pieces (read_iter, write_iter): asynchronous I/O is not for them.
func streamless(t *task.Task, f *vfs.File, write bool) bool {
	switch f.Ops.(type) {
	case *anon.Epoll, *anon.Inotify:
		return true
	case *anon.Timerfd, *anon.Signalfd:
		return write
	}
	switch f.Inode.Mode() & unix.S_IFMT {
	case unix.S_IFDIR:
		return true
	case unix.S_IFCHR:
		a, err := f.Inode.Attr(t)
		return write && err == nil && a.Rdev == unix.Mkdev(1, 7) // /dev/full
	}
	return write && anon.IsEventfd(f)
}

// aioTransfer is aio_read and aio_write.
func aioTransfer(t *task.Task, x *aio.Context, cb *iocb, req *aio.Request, f *vfs.File, write bool) error {
	if cb.Flags&iocbFlagIoprio != 0 {
		if err := checkIOPrio(t, int32(uint16(cb.Reqprio))); err != nil {
			return err
		}
	}
	if err := checkRWFlags(t, f, cb.RWFlags); err != nil {
		return err
	}
	switch {
	case write && !f.Writable(), !write && !f.Readable():
		return unix.EBADF
	case streamless(t, f, write):
		return unix.EINVAL
	}
	buf, err := aioBuf(t, cb)
	if err != nil {
		return err
	}
	if pos := cb.Offset; pos < 0 || pos+int64(buf.Len()) < 0 {
		return unix.EINVAL
	}
	if cb.Offset != 0 && isSocket(f) {
		x.Complete(req, result(0, unix.ESPIPE))
		return nil
	}
	n, err := moveAt(t, f, &buf, cb.Offset, cb.RWFlags, write)
	x.Complete(req, result(n, err))
	return nil
}

func aioBuf(t *task.Task, cb *iocb) (user.Buf, error) {
	if cb.Opcode == iocbPread || cb.Opcode == iocbPwrite {
		return user.NewBuf(t.Memory(), user.Bytes{Addr: user.Addr(cb.Buf), Len: cb.Nbytes})
	}
	return user.NewIovBuf(t.Memory(), user.Addr(cb.Buf), cb.Nbytes)
}

func direction(write bool) func(*vfs.File) bool {
	if write {
		return writing
	}
	return reading
}

// moveAt reads or writes at a position, which a file that has none ignores, under flags that were checked.
func moveAt(t *task.Task, f *vfs.File, buf *user.Buf, pos int64, flags uint32, write bool) (int, error) {
	move := func(f *vfs.File, ctx vfs.Ctx, buf *user.Buf) (int, error) {
		switch {
		case write && f.Ops.Seekable():
			return f.Pwrite(ctx, buf, pos)
		case write:
			return f.Write(ctx, buf)
		case f.Ops.Seekable():
			return f.Pread(ctx, buf, pos)
		}
		return f.Read(ctx, buf)
	}
	n, err := withFlags(flags, direction(write), move)(f, t, buf)
	if write && n > 0 && flags&(unix.RWF_DSYNC|unix.RWF_SYNC) != 0 {
		if serr := f.Ops.Sync(t, f, flags&unix.RWF_SYNC == 0); serr != nil && serr != unix.EINVAL {
			return 0, serr
		}
	}
	return n, err
}

// result is what an event says of a call: nobody can make it again, so an interruption is EINTR.
func result(n int, err error) int64 {
	switch e, _ := err.(unix.Errno); {
	case err == nil:
		return int64(n)
	case e == abi.ERESTARTSYS, e == abi.ERESTARTNOINTR, e == abi.ERESTARTNOHAND, e == abi.ERESTART_RESTARTBLOCK:
		return -int64(unix.EINTR)
	default:
		return -int64(e)
	}
}

// aioSync is aio_fsync.
func aioSync(t *task.Task, x *aio.Context, cb *iocb, req *aio.Request, f *vfs.File) error {
	if cb.Buf != 0 || cb.Offset != 0 || cb.Nbytes != 0 || cb.RWFlags != 0 {
		return unix.EINVAL
	}
	err := f.Ops.Sync(t, f, cb.Opcode == iocbFdsync)
	if err == unix.EINVAL {
		return err // the file has no such thing
	}
	x.Complete(req, result(0, err))
	return nil
}
