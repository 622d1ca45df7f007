// SPDX-License-Identifier: Apache-2.0

// Package hostfile makes files of the sandbox from descriptors that ditto was
// handed by the host: its standard streams when they are not terminals.
//
// Their open file descriptions are shared with processes of the host, so
// O_NONBLOCK is never set on them: it would surprise the others. A stream is
// read or written only when the host says that it is ready, and where it can
// be with RWF_NOWAIT, so that another reader who is quicker does no harm.
package hostfile

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

const (
	// pipeBuf is what a host stream that is ready takes without blocking.
	pipeBuf = 4096
	// chunk is how much one host call moves.
	chunk = 65536
	// rwfNowait is RWF_NOWAIT of preadv2(2).
	rwfNowait = 0x8
)

// New is a file of the sandbox over a host descriptor, which it owns from now
// on. Regular files and devices share their position with the host.
func New(fd int, poller *hostpoll.Poller) (*vfs.File, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return nil, err
	}
	in := &inode{AnonInode: hostFS.NewInode(st.Mode, 0, 0), fd: fd, rdev: st.Rdev}
	o := &ops{fd: fd, kind: st.Mode & unix.S_IFMT}
	if o.kind != unix.S_IFREG {
		// EPERM: the host has it always ready, as /dev/null.
		switch reg, err := poller.AddQueue(fd, &o.queue); err {
		case nil:
			o.reg, o.stream = reg, true
		case unix.EPERM:
		default:
			return nil, err
		}
	}
	const kept = unix.O_ACCMODE | unix.O_APPEND | unix.O_NONBLOCK
	return vfs.NewAnonFileInode(name(o.kind), o, in, uint32(flags)&kept), nil
}

func name(kind uint32) string {
	switch kind {
	case unix.S_IFIFO:
		return "pipe:[host]"
	case unix.S_IFSOCK:
		return "socket:[host]"
	}
	return "/dev/host"
}

var hostFS = vfs.NewPseudoFS("hostfd", 0x50495045)

// inode shows the attributes of the host's file that say what it is.
type inode struct {
	*vfs.AnonInode
	fd   int
	rdev uint64
}

// Attr implements vfs.Inode.
func (i *inode) Attr(ctx vfs.Ctx) (vfs.Attr, error) {
	a, err := i.AnonInode.Attr(ctx)
	if err != nil {
		return a, err
	}
	a.Rdev = i.rdev
	var st unix.Stat_t
	if err := unix.Fstat(i.fd, &st); err == nil {
		a.Size, a.Blocks, a.Blksize = st.Size, st.Blocks, uint32(st.Blksize)
	}
	return a, nil
}

// ops are the operations of one host descriptor.
type ops struct {
	vfs.BaseFile
	fd     int
	kind   uint32
	stream bool
	queue  wait.Queue
	reg    *hostpoll.Registration
}

// Read implements vfs.FileOps.
func (o *ops) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	if dst.Len() == 0 {
		return 0, nil
	}
	buf := make([]byte, min(dst.Len(), chunk))
	if !o.stream {
		return o.readAll(f, dst, buf, pos)
	}
	for {
		n, err := o.tryRead(buf)
		if err == nil {
			return dst.CopyOut(buf[:n])
		}
		if err != unix.EAGAIN || f.NonBlock() {
			return 0, err
		}
		if err := o.wait(ctx, wait.Readable|wait.RdHup); err != nil {
			return 0, err
		}
	}
}

// readAll reads what does not block: regular files and simple devices.
func (o *ops) readAll(f *vfs.File, dst *user.Buf, buf []byte, pos *int64) (int, error) {
	total := 0
	for dst.Len() > 0 {
		n, err := retry(func() (int, error) {
			p := buf[:min(len(buf), dst.Len())]
			if pos == nil || f.IsOwnPos(pos) {
				return unix.Read(o.fd, p)
			}
			return unix.Pread(o.fd, p, *pos)
		})
		if err != nil || n <= 0 {
			return result(total, err)
		}
		n, err = dst.CopyOut(buf[:n])
		total += n
		advance(pos, n)
		if err != nil {
			return result(total, err)
		}
		if n < len(buf) {
			break
		}
	}
	return total, nil
}

// advance moves a position; that of a file of ours does not count, the host's does.
func advance(pos *int64, n int) {
	if pos != nil {
		*pos += int64(n)
	}
}

func result(n int, err error) (int, error) {
	if n > 0 {
		return n, nil
	}
	return 0, err
}

func retry(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR {
			return n, err
		}
	}
}

// tryRead is a read that does not block: EAGAIN if it would.
func (o *ops) tryRead(p []byte) (int, error) {
	n, err := retry(func() (int, error) { return unix.Preadv2(o.fd, [][]byte{p}, -1, rwfNowait) })
	if err != unix.EOPNOTSUPP && err != unix.ENOSYS && err != unix.EINVAL && err != unix.ESPIPE {
		return n, err
	}
	if hostpoll.Ready(o.fd)&(wait.In|wait.Hup|wait.Err|wait.RdHup) == 0 {
		return 0, unix.EAGAIN
	}
	return retry(func() (int, error) { return unix.Read(o.fd, p) })
}

// tryWrite is a write that does not block: EAGAIN if it would.
func (o *ops) tryWrite(p []byte) (int, error) {
	n, err := retry(func() (int, error) { return unix.Pwritev2(o.fd, [][]byte{p}, -1, rwfNowait) })
	if err != unix.EOPNOTSUPP && err != unix.ENOSYS && err != unix.EINVAL && err != unix.ESPIPE {
		return n, err
	}
	if o.kind == unix.S_IFSOCK {
		return retry(func() (int, error) { return unix.SendmsgN(o.fd, p, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL) })
	}
	if hostpoll.Ready(o.fd)&(wait.Out|wait.Err) == 0 {
		return 0, unix.EAGAIN
	}
	return retry(func() (int, error) { return unix.Write(o.fd, p[:min(len(p), pipeBuf)]) })
}

// Write implements vfs.FileOps.
func (o *ops) Write(ctx vfs.Ctx, f *vfs.File, src *user.Buf, pos *int64) (int, error) {
	total := 0
	buf := make([]byte, min(src.Len(), chunk))
	for src.Len() > 0 {
		n, err := src.CopyIn(buf[:min(len(buf), src.Len())])
		if err != nil {
			return result(total, err)
		}
		n, err = o.writeOut(ctx, f, buf[:n], pos)
		total += n
		if err != nil {
			if err == unix.EPIPE && total == 0 {
				ctx.Raise(int(unix.SIGPIPE))
			}
			return result(total, err)
		}
	}
	return total, nil
}

func (o *ops) writeOut(ctx vfs.Ctx, f *vfs.File, p []byte, pos *int64) (int, error) {
	done := 0
	for done < len(p) {
		var n int
		var err error
		if o.stream {
			n, err = o.tryWrite(p[done:])
		} else {
			n, err = retry(func() (int, error) {
				if pos == nil || f.IsOwnPos(pos) {
					return unix.Write(o.fd, p[done:])
				}
				return unix.Pwrite(o.fd, p[done:], *pos)
			})
			advance(pos, max(n, 0))
		}
		done += max(n, 0)
		if err == unix.EAGAIN && o.stream && !f.NonBlock() {
			err = o.wait(ctx, wait.Writable)
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (o *ops) wait(ctx vfs.Ctx, mask wait.Mask) error {
	return wait.Until(ctx, &o.queue, mask, time.Time{}, func() bool {
		return hostpoll.Ready(o.fd)&(mask|wait.Hup|wait.Err) != 0
	})
}

// Seekable implements vfs.FileOps. The position is the host's.
func (o *ops) Seekable() bool { return o.kind == unix.S_IFREG }

// Seek implements vfs.FileOps.
func (o *ops) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, _ int64) (int64, error) {
	return unix.Seek(o.fd, off, whence)
}

// Poll implements vfs.FileOps.
func (o *ops) Poll(*vfs.File) wait.Mask {
	if !o.stream {
		return wait.Readable | wait.Writable
	}
	return hostpoll.Ready(o.fd)
}

// Queue implements vfs.FileOps.
func (o *ops) Queue(*vfs.File) *wait.Queue {
	if !o.stream {
		return nil
	}
	return &o.queue
}

// Ioctl implements vfs.FileOps.
func (o *ops) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	if cmd != unix.TIOCINQ {
		return 0, unix.ENOTTY
	}
	n, err := unix.IoctlGetInt(o.fd, unix.TIOCINQ)
	if err != nil {
		return 0, err
	}
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], uint32(n))
	_, err = ctx.Memory().CopyOut(user.Addr(arg), b[:])
	return 0, err
}

// Sync implements vfs.FileOps.
func (o *ops) Sync(_ vfs.Ctx, _ *vfs.File, dataOnly bool) error {
	if dataOnly {
		return unix.Fdatasync(o.fd)
	}
	return unix.Fsync(o.fd)
}

// Mappable implements vfs.FileOps.
func (o *ops) Mappable(vfs.Ctx, *vfs.File, uint32, uint32) (int, error) {
	if o.kind != unix.S_IFREG {
		return -1, unix.ENODEV
	}
	return o.fd, nil
}

// Release implements vfs.FileOps.
func (o *ops) Release(*vfs.File) {
	o.reg.Remove()
	unix.Close(o.fd)
}
