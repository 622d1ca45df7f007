// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall readv full
func readv(t *task.Task, fd vfs.FD, iov user.Addr, count uint64) (int, error) {
	return t.CountRead(vectorIO(t, fd, iov, count, readable, (*vfs.File).Read))
}

//ditto:syscall writev full
func writev(t *task.Task, fd vfs.FD, iov user.Addr, count uint64) (int, error) {
	return t.CountWrite(vectorIO(t, fd, iov, count, writable, (*vfs.File).Write))
}

//ditto:syscall preadv full
func preadv(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos, _ uint64) (int, error) {
	return preadvAt(t, fd, iov, count, int64(pos), 0)
}

//ditto:syscall pwritev full
func pwritev(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos, _ uint64) (int, error) {
	return pwritevAt(t, fd, iov, count, int64(pos), 0)
}

// Flags of preadv2(2) that golang.org/x/sys/unix has no name for.
const (
	rwfNoAppend  = 0x20
	rwfAtomic    = 0x40
	rwfDontCache = 0x80
	rwfNoSignal  = 0x100
	rwfKnown     = unix.RWF_HIPRI | unix.RWF_DSYNC | unix.RWF_SYNC | unix.RWF_NOWAIT | unix.RWF_APPEND |
		rwfNoAppend | rwfAtomic | rwfDontCache | rwfNoSignal
)

//ditto:syscall preadv2 full
func preadv2(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos, _ uint64, flags uint32) (int, error) {
	if int64(pos) == -1 {
		return t.CountRead(vectorIO(t, fd, iov, count, readable, withFlags(flags, reading, (*vfs.File).Read)))
	}
	return preadvAt(t, fd, iov, count, int64(pos), flags)
}

//ditto:syscall pwritev2 full
func pwritev2(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos, _ uint64, flags uint32) (int, error) {
	n, err := 0, error(nil)
	if int64(pos) == -1 {
		n, err = t.CountWrite(vectorIO(t, fd, iov, count, writable, withFlags(flags, writing, (*vfs.File).Write)))
	} else {
		n, err = pwritevAt(t, fd, iov, count, int64(pos), flags)
	}
	if n > 0 && flags&(unix.RWF_DSYNC|unix.RWF_SYNC) != 0 {
		if err := syncFD(t, fd, flags&unix.RWF_SYNC == 0); err != nil && err != unix.EINVAL {
			return 0, err
		}
	}
	return n, err
}

type transfer = func(*vfs.File, vfs.Ctx, *user.Buf) (int, error)

// reading and writing tell of what direction a transfer is, which is whether the file's operation knows flags.
var reading, writing = (*vfs.File).ReadsPlainly, (*vfs.File).WritesPlainly

// withFlags is a transfer under the flags of preadv2(2) (kiocb_set_rw_flags; do_loop_readv_writev of a plain operation).
func withFlags(flags uint32, plain func(*vfs.File) bool, move transfer) transfer {
	if flags == 0 {
		return move
	}
	return func(f *vfs.File, ctx vfs.Ctx, buf *user.Buf) (int, error) {
		var mask, set uint32
		if plain(f) {
			if flags&^unix.RWF_HIPRI != 0 {
				return 0, unix.EOPNOTSUPP
			}
			return move(f, ctx, buf)
		}
		if err := checkRWFlags(ctx, f, flags); err != nil {
			return 0, err
		}
		if flags&rwfNoSignal != 0 && canNowait(ctx, f) {
			ctx = noSigpipe{ctx}
		}
		if flags&unix.RWF_NOWAIT != 0 {
			mask, set = unix.O_NONBLOCK, unix.O_NONBLOCK
		}
		if flags&(unix.RWF_APPEND|rwfNoAppend) != 0 {
			mask |= unix.O_APPEND
		}
		if flags&unix.RWF_APPEND != 0 {
			set |= unix.O_APPEND
		}
		if mask == 0 { // the others change nothing for files in memory or in the host's page cache
			return move(f, ctx, buf)
		}
		return f.Once(mask, set, func(f *vfs.File) (int, error) { return move(f, ctx, buf) })
	}
}

// noSigpipe is a caller that wants no SIGPIPE.
type noSigpipe struct{ vfs.Ctx }

// Raise implements vfs.Ctx.
func (c noSigpipe) Raise(signo int) {
	if signo != int(unix.SIGPIPE) {
		c.Ctx.Raise(signo)
	}
}

// checkRWFlags is kiocb_set_rw_flags as far as it refuses.
func checkRWFlags(ctx vfs.Ctx, f *vfs.File, flags uint32) error {
	switch {
	case flags&^rwfKnown != 0:
		return unix.EOPNOTSUPP
	case flags&unix.RWF_APPEND != 0 && flags&rwfNoAppend != 0:
		return unix.EINVAL
	case flags&unix.RWF_NOWAIT != 0 && !triesWithoutWaiting(ctx, f), flags&(rwfAtomic|rwfDontCache) != 0:
		return unix.EOPNOTSUPP
	}
	return nil
}

// canNowait is FMODE_NOWAIT: a file that can tell without waiting whether it
// would wait. Regular files can't, as on tmpfs and overlayfs; nor do those write atomically, or past the page cache.
func canNowait(ctx vfs.Ctx, f *vfs.File) bool {
	switch f.Inode.Mode() & unix.S_IFMT {
	case unix.S_IFIFO, unix.S_IFSOCK:
		return true
	case unix.S_IFCHR: // drivers/char/mem.c: null, zero, random, urandom
		return slices.ContainsFunc([]uint32{3, 5, 8, 9}, func(minor uint32) bool { return isDevice(ctx, f, unix.Mkdev(1, minor)) })
	}
	return false
}

func preadvAt(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos int64, flags uint32) (int, error) {
	if pos < 0 {
		return 0, unix.EINVAL
	}
	return t.CountRead(vectorIO(t, fd, iov, count, seekableAnd(readable),
		within(pos, withFlags(flags, reading, func(f *vfs.File, ctx vfs.Ctx, buf *user.Buf) (int, error) { return f.Pread(ctx, buf, pos) }))))
}

func pwritevAt(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos int64, flags uint32) (int, error) {
	if pos < 0 {
		return 0, unix.EINVAL
	}
	return t.CountWrite(vectorIO(t, fd, iov, count, seekableAnd(writable),
		within(pos, withFlags(flags, writing, func(f *vfs.File, ctx vfs.Ctx, buf *user.Buf) (int, error) { return f.Pwrite(ctx, buf, pos) }))))
}

// within is rw_verify_area, which comes before the flags: no byte may have a position that no file has.
func within(pos int64, move transfer) transfer {
	return func(f *vfs.File, ctx vfs.Ctx, buf *user.Buf) (int, error) {
		if pos > math.MaxInt64-int64(buf.Len()) {
			return 0, unix.EINVAL
		}
		return move(f, ctx, buf)
	}
}

// seekableAnd is what the calls with a position want of a file: ESPIPE before
// EBADF.
func seekableAnd(able func(*vfs.File) error) func(*vfs.File) error {
	return func(f *vfs.File) error {
		if !f.HasPositions() {
			return unix.ESPIPE
		}
		return able(f)
	}
}

func readable(f *vfs.File) error { return f.MayRead() }

func writable(f *vfs.File) error { return f.MayWrite() }

// vectorIO moves data between a file and the ranges of an array of iovecs.
func vectorIO(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, able func(*vfs.File) error,
	move transfer) (int, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if err := able(f); err != nil {
		return 0, err
	}
	// Linux counts the ranges in 32 bits, and drops the rest of the register.
	buf, err := user.NewIovBuf(t.Memory(), iov, uint64(uint32(count)))
	if err != nil {
		return 0, err
	}
	if buf.Len() == 0 { // no operation of the file sees it, unlike in read(2)
		return 0, nil
	}
	return move(f, t, &buf)
}
