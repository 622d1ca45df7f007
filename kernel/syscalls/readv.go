// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall readv full
func readv(t *task.Task, fd vfs.FD, iov user.Addr, count uint64) (int, error) {
	return vectorIO(t, fd, iov, count, (*vfs.File).Readable, (*vfs.File).Read)
}

//ditto:syscall writev full
func writev(t *task.Task, fd vfs.FD, iov user.Addr, count uint64) (int, error) {
	return vectorIO(t, fd, iov, count, (*vfs.File).Writable, (*vfs.File).Write)
}

//ditto:syscall preadv full
func preadv(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos, _ uint64) (int, error) {
	return preadvAt(t, fd, iov, count, int64(pos))
}

//ditto:syscall pwritev full
func pwritev(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos, _ uint64) (int, error) {
	return pwritevAt(t, fd, iov, count, int64(pos))
}

// Flags of preadv2(2) that change nothing for files in memory or in the
// host's page cache. RWF_NOWAIT and RWF_APPEND do.
const (
	rwfIgnored  = unix.RWF_HIPRI | unix.RWF_DSYNC | unix.RWF_SYNC
	rwfNoAppend = 0x20
)

//ditto:syscall preadv2 partial RWF_NOWAIT, RWF_DONTCACHE
func preadv2(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos, _ uint64, flags uint32) (int, error) {
	if flags&^rwfIgnored != 0 {
		return 0, unix.EOPNOTSUPP
	}
	if int64(pos) == -1 {
		return readv(t, fd, iov, count)
	}
	return preadvAt(t, fd, iov, count, int64(pos))
}

//ditto:syscall pwritev2 partial RWF_NOWAIT, RWF_APPEND, RWF_NOAPPEND, RWF_ATOMIC, RWF_DONTCACHE
func pwritev2(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos, _ uint64, flags uint32) (int, error) {
	if flags&^rwfIgnored != 0 {
		return 0, unix.EOPNOTSUPP
	}
	n, err := 0, error(nil)
	if int64(pos) == -1 {
		n, err = writev(t, fd, iov, count)
	} else {
		n, err = pwritevAt(t, fd, iov, count, int64(pos))
	}
	if err == nil && flags&(unix.RWF_DSYNC|unix.RWF_SYNC) != 0 {
		if err := syncFD(t, fd, flags&unix.RWF_SYNC == 0); err != nil && err != unix.EINVAL {
			return 0, err
		}
	}
	return n, err
}

func preadvAt(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos int64) (int, error) {
	if pos < 0 {
		return 0, unix.EINVAL
	}
	return vectorIO(t, fd, iov, count, seekableAnd((*vfs.File).Readable),
		func(f *vfs.File, ctx vfs.Ctx, buf *user.Buf) (int, error) { return f.Pread(ctx, buf, pos) })
}

func pwritevAt(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, pos int64) (int, error) {
	if pos < 0 {
		return 0, unix.EINVAL
	}
	return vectorIO(t, fd, iov, count, seekableAnd((*vfs.File).Writable),
		func(f *vfs.File, ctx vfs.Ctx, buf *user.Buf) (int, error) { return f.Pwrite(ctx, buf, pos) })
}

// seekableAnd leaves a file that can't seek to the transfer, which answers ESPIPE.
func seekableAnd(able func(*vfs.File) bool) func(*vfs.File) bool {
	return func(f *vfs.File) bool { return able(f) || !f.Ops.Seekable() }
}

// vectorIO moves data between a file and the ranges of an array of iovecs.
func vectorIO(t *task.Task, fd vfs.FD, iov user.Addr, count uint64, able func(*vfs.File) bool,
	move func(*vfs.File, vfs.Ctx, *user.Buf) (int, error)) (int, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if !able(f) {
		return 0, unix.EBADF
	}
	// Linux counts the ranges in 32 bits, and drops the rest of the register.
	buf, err := user.NewIovBuf(t.Memory(), iov, uint64(uint32(count)))
	if err != nil {
		return 0, err
	}
	return move(f, t, &buf)
}
