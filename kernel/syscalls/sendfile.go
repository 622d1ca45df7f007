// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/pipe"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall sendfile full
func sendfile(t *task.Task, outFD, inFD vfs.FD, offset user.Addr, count uint64) (int, error) {
	var pos int64
	if offset != 0 { // before the descriptors
		p, err := get64(t, offset)
		if err != nil {
			return 0, err
		}
		pos = int64(p)
	}
	in, err := t.Files().Get(inFD)
	if err != nil {
		return 0, err
	}
	defer in.DecRef()
	switch {
	case !in.Readable():
		return 0, unix.EBADF
	case offset != 0 && !in.HasPositions():
		return 0, unix.ESPIPE
	case offset == 0:
		pos = in.Pos()
	}
	if int64(count) < 0 || pos < 0 || pos > math.MaxInt64-int64(count) {
		return 0, unix.EINVAL
	}
	out, err := t.Files().Get(outFD)
	if err != nil {
		return 0, err
	}
	defer out.DecRef()
	if err := maySend(t, in, out, int64(min(count, user.MaxRW))); err != nil {
		return 0, err
	}
	if end := pos + int64(min(count, 1)); beyond(in, end) || beyond(out, end) {
		return 0, unix.EOVERFLOW
	}
	if out.Flags()&unix.O_APPEND != 0 && pipe.Of(out) == nil {
		return 0, unix.EINVAL
	}
	// splice_direct_to_actor ends with file_accessed, whatever came of it.
	if a, ok := in.Inode.(vfs.Toucher); ok && out.Inode.Mode()&unix.S_IFMT != unix.S_IFIFO {
		defer a.Touch(in.AtimeRule())
	}
	if count > 0 && !canSendfile(t, in, out) {
		return 0, unix.EINVAL
	}
	if _, not := out.Ops.(interface{ NoSplice() }); not { // which shows once there is something to write
		if a, err := in.Inode.Attr(t); err != nil || count > 0 && pos < a.Size {
			return 0, unix.EINVAL
		}
		return 0, nil
	}
	n, err := t.CountWrite(t.CountRead(sendData(t, in, &pos, out, int(min(count, user.MaxRW)))))
	if !in.Ops.Seekable() || !moves(in) {
		return n, err
	}
	return finishAt(t, in, offset, pos, n, err)
}

// beyond tells whether no file of the kind can reach as far as pos.
func beyond(f *vfs.File, pos int64) bool {
	b, ok := f.Ops.(vfs.Bounded)
	return ok && b.Beyond(pos)
}

// maySend checks what is sent to. A pipe must have room before the file that it comes from is asked for anything.
func maySend(t *task.Task, in, out *vfs.File, count int64) error {
	if !out.Writable() {
		return unix.EBADF
	}
	if to := pipe.Of(out); to != nil {
		if _, err := to.Space(t, out.NonBlock()); err != nil {
			return err
		}
		if count > 0 && !canSendfile(t, in, out) {
			return unix.EINVAL
		}
		return nil
	}
	_, noop := in.Ops.(vfs.NoopSeeker)
	if out.Pos() > math.MaxInt64-count || !in.Ops.Seekable() && (count > 0 || !noop) {
		return unix.EINVAL
	}
	return nil
}

// sendData sends to a pipe what that has room for, and to other files all.
func sendData(t *task.Task, in *vfs.File, pos *int64, out *vfs.File, n int) (int, error) {
	to := pipe.Of(out)
	if to == nil || n == 0 {
		return vfs.CopyData(t, in, pos, out, nil, int64(n))
	}
	if !in.Ops.Seekable() {
		return fillPipe(t, in, nil, to, n, out.NonBlock())
	}
	done, err := fillPipe(t, in, pos, to, n, out.NonBlock())
	*pos += int64(done)
	return done, err
}

// moves tells whether reads move a position: not on devices that give as much as one wants (read_iter_zero).
func moves(f *vfs.File) bool { return f.Inode.Mode()&unix.S_IFMT != unix.S_IFCHR }

// canSendfile tells whether data can be spliced from one file to the other:
// the one must be seekable unless it is to a pipe, and not /dev/null, and the other
// not /dev/full, for those two lack the operation (drivers/char/mem.c).
func canSendfile(t *task.Task, in, out *vfs.File) bool {
	return (in.Ops.Seekable() || pipe.Of(out) != nil && pipe.Of(in) == nil) && in.CanSplice() &&
		!isDevice(t, in, unix.Mkdev(1, 3)) && !isDevice(t, out, unix.Mkdev(1, 7))
}

func isDevice(ctx vfs.Ctx, f *vfs.File, rdev uint64) bool {
	if f.Inode.Mode()&unix.S_IFMT != unix.S_IFCHR {
		return false
	}
	a, err := f.Inode.Attr(ctx)
	return err == nil && a.Rdev == rdev
}

// positionOf is where a copy starts: at the offset that is at addr, or at the
// file's position.
func positionOf(t *task.Task, f *vfs.File, addr user.Addr) (int64, error) {
	if addr == 0 {
		if !f.Ops.Seekable() {
			return 0, nil
		}
		return f.Seek(t, 0, unix.SEEK_CUR)
	}
	pos, err := get64(t, addr)
	switch {
	case err != nil:
		return 0, err
	case !f.Ops.Seekable():
		return 0, unix.ESPIPE
	case int64(pos) < 0:
		return 0, unix.EINVAL
	}
	return int64(pos), nil
}

// finishAt stores where a copy ended.
func finishAt(t *task.Task, f *vfs.File, addr user.Addr, pos int64, n int, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	if addr != 0 {
		return n, put64Last(t, addr, uint64(pos))
	}
	_, err = f.Seek(t, pos, unix.SEEK_SET)
	return n, err
}

//ditto:syscall copy_file_range full
func copyFileRange(t *task.Task, inFD vfs.FD, inOff user.Addr, outFD vfs.FD, outOff user.Addr, count uint64, flags uint32) (int, error) {
	in, err := t.Files().Get(inFD)
	if err != nil {
		return 0, err
	}
	defer in.DecRef()
	out, err := t.Files().Get(outFD)
	if err != nil {
		return 0, err
	}
	defer out.DecRef()
	inPos, err := rangeStart(t, in, inOff)
	if err != nil {
		return 0, err
	}
	outPos, err := rangeStart(t, out, outOff)
	if err != nil {
		return 0, err
	}
	if flags != 0 {
		return 0, unix.EINVAL
	}
	n, err := checkRange(t, in, inPos, out, outPos, count)
	if err != nil || n == 0 {
		return 0, err
	}
	done, err := t.CountWrite(t.CountRead(vfs.CopyData(t, in, &inPos, out, &outPos, n)))
	if err != nil {
		return 0, err
	}
	if _, err := finishAt(t, in, inOff, inPos, done, nil); err != nil {
		return 0, err
	}
	return finishAt(t, out, outOff, outPos, done, nil)
}

// rangeStart is positionOf; what is wrong with the file is found later.
func rangeStart(t *task.Task, f *vfs.File, addr user.Addr) (int64, error) {
	if addr != 0 {
		pos, err := get64(t, addr)
		return int64(pos), err
	}
	return positionOf(t, f, 0)
}

// checkRange is generic_copy_file_checks and what vfs_copy_file_range checks
// behind it: how many bytes to copy. Offsets wrap as unsigned numbers do.
func checkRange(t *task.Task, in *vfs.File, inPos int64, out *vfs.File, outPos int64, count uint64) (int64, error) {
	inKind, outKind := in.Inode.Mode()&unix.S_IFMT, out.Inode.Mode()&unix.S_IFMT
	switch {
	case inKind == unix.S_IFDIR || outKind == unix.S_IFDIR:
		return 0, unix.EISDIR
	case !vfs.IsRegular(in.Inode) || !vfs.IsRegular(out.Inode):
		return 0, unix.EINVAL
	case !in.Readable() || !out.Writable() || out.Flags()&unix.O_APPEND != 0:
		return 0, unix.EBADF
	case in.Inode.FS() != out.Inode.FS():
		return 0, unix.EXDEV
	case vfs.IsImmutable(out.Inode):
		return 0, unix.EPERM
	case uint64(inPos)+count < count || uint64(outPos)+count < count:
		return 0, unix.EOVERFLOW
	}
	a, err := in.Inode.Attr(t)
	if err != nil {
		return 0, err
	}
	if inPos >= a.Size {
		count = 0
	} else if inPos >= 0 {
		count = min(count, uint64(a.Size-inPos))
	}
	n := int64(min(count, user.MaxRW))
	if outPos >= 0 { // generic_write_check_limits, even where nothing is left to copy
		if outPos == math.MaxInt64 || beyond(out, outPos+1) {
			return 0, unix.EFBIG
		}
		n = min(n, math.MaxInt64-outPos)
		within, err := vfs.LimitWrite(t, outPos, int(max(n, 1)))
		if err != nil {
			return 0, err
		}
		n = min(n, int64(within))
	}
	switch {
	case in.Inode == out.Inode && inPos < outPos+n && outPos < inPos+n:
		return 0, unix.EINVAL
	case inPos < 0 || outPos < 0:
		return 0, unix.EINVAL
	}
	return n, nil
}
