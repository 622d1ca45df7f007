// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/pipe"
	"github.com/ditto-kernel/ditto/kernel/socket/unixsock"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	spliceFlags    = unix.SPLICE_F_MOVE | unix.SPLICE_F_NONBLOCK | unix.SPLICE_F_MORE | unix.SPLICE_F_GIFT
	spliceNonblock = unix.SPLICE_F_NONBLOCK
)

// getTwo is the files of two descriptors: EBADF.
func getTwo(t *task.Task, inFD, outFD vfs.FD) (in, out *vfs.File, err error) {
	if in, err = t.Files().Get(inFD); err != nil {
		return nil, nil, err
	}
	if out, err = t.Files().Get(outFD); err != nil {
		in.DecRef()
		return nil, nil, err
	}
	return in, out, nil
}

// getPair is the files of a call from one descriptor to another: EBADF.
func getPair(t *task.Task, inFD, outFD vfs.FD) (in, out *vfs.File, err error) {
	if in, out, err = getTwo(t, inFD, outFD); err != nil {
		return nil, nil, err
	}
	if !in.Readable() || !out.Writable() {
		in.DecRef()
		out.DecRef()
		return nil, nil, unix.EBADF
	}
	return in, out, nil
}

//ditto:syscall splice full
func splice(t *task.Task, inFD vfs.FD, offIn user.Addr, outFD vfs.FD, offOut user.Addr, length uint64, flags uint32) (int, error) {
	if length == 0 {
		return 0, nil
	}
	if flags&^spliceFlags != 0 {
		return 0, unix.EINVAL
	}
	in, out, err := getTwo(t, inFD, outFD)
	if err != nil {
		return 0, err
	}
	defer in.DecRef()
	defer out.DecRef()
	n := int(min(length, user.MaxRW))
	nonblock := flags&spliceNonblock != 0
	from, to := pipe.Of(in), pipe.Of(out)
	switch {
	case from != nil && offIn != 0, to != nil && offOut != 0:
		return 0, unix.ESPIPE
	case !readableAt(t, offOut) || !readableAt(t, offIn): // before all that is wrong with the files
		return 0, unix.EFAULT
	case !in.Readable() || !out.Writable():
		return 0, unix.EBADF
	case from != nil && to != nil:
		return splicePipes(t, from, to, n, nonblock || in.NonBlock() || out.NonBlock())
	case from != nil:
		return spliceOut(t, from, out, offOut, length, nonblock || in.NonBlock())
	case to != nil:
		return spliceIn(t, in, offIn, to, length, nonblock || out.NonBlock())
	}
	return 0, unix.EINVAL
}

// readableAt tells whether an offset can be read, if there is one.
func readableAt(t *task.Task, addr user.Addr) bool {
	if addr == 0 {
		return true
	}
	_, err := get64(t, addr)
	return err == nil
}

func isSocket(f *vfs.File) bool { return asSocket(f) != nil }

func splicePipes(t *task.Task, from, to *pipe.End, n int, nonblock bool) (int, error) {
	if from.Same(to) {
		return 0, unix.EINVAL
	}
	return pipe.Splice(t, from, to, n, nonblock)
}

// offsetOf is the offset at addr, for a file that has a position. Neither it nor the position that counts without it may be
// so far behind that length bytes are not (rw_verify_area).
func offsetOf(t *task.Task, f *vfs.File, addr user.Addr, length uint64) (int64, error) {
	off, at := uint64(0), uint64(f.Pos())
	if addr != 0 {
		if !f.Ops.Seekable() {
			return 0, unix.EINVAL
		}
		var err error
		if off, err = get64(t, addr); err != nil {
			return 0, err
		}
		at = off
	}
	if int64(at) < 0 || int64(length) < 0 || int64(at+length) < 0 {
		return 0, unix.EINVAL
	}
	return int64(off), nil
}

// spliceOut is from a pipe to another file.
func spliceOut(t *task.Task, from *pipe.End, out *vfs.File, offOut user.Addr, length uint64, nonblock bool) (int, error) {
	off, err := offsetOf(t, out, offOut, length)
	if err != nil {
		return 0, err
	}
	if out.Flags()&unix.O_APPEND != 0 {
		return 0, unix.EINVAL
	}
	done, err := from.Drain(t, int(min(length, user.MaxRW)), nonblock, func(p []byte) (int, error) {
		src := user.KernelBuf(p)
		if offOut == 0 {
			return out.Write(t, &src)
		}
		k, err := out.Pwrite(t, &src, off)
		off += int64(k)
		return k, err
	})
	if offOut != 0 && done > 0 {
		if err := put64(t, offOut, uint64(off)); err != nil {
			return 0, err
		}
	}
	return done, err
}

// spliceIn is from another file to a pipe.
func spliceIn(t *task.Task, in *vfs.File, offIn user.Addr, to *pipe.End, length uint64, nonblock bool) (int, error) {
	off, err := offsetOf(t, in, offIn, length)
	if err != nil {
		return 0, err
	}
	if !in.CanSplice() {
		return 0, unix.EINVAL
	}
	at := &off
	if offIn == 0 {
		at = nil
	}
	done, err := fillPipe(t, in, at, to, int(min(length, user.MaxRW)), nonblock)
	if err == nil && offIn != 0 && done > 0 {
		err = put64(t, offIn, uint64(off+int64(done)))
	}
	if err != nil {
		return 0, err
	}
	return done, nil
}

// fillPipe puts what a pipe has room for now into it, from a file's position or from an offset: splice_file_to_pipe. A page of
// a regular file takes a slot of the pipe, however little of it is wanted.
func fillPipe(t *task.Task, in *vfs.File, off *int64, to *pipe.End, n int, nonblock bool) (int, error) {
	room, err := to.Space(t, nonblock)
	if err != nil {
		return 0, err
	}
	skip := 0
	if vfs.IsRegular(in.Inode) {
		at := in.Pos()
		if off != nil {
			at = *off
		}
		skip = int(at % pipe.SlotSize)
	}
	buf := vfs.GetBuffer(min(n, room-skip))
	defer buf.Free()
	dst := user.KernelBuf(buf.B)
	var got int
	switch s, ok := in.Ops.(*unixsock.Socket); {
	case off != nil:
		got, err = in.Pread(t, &dst, *off)
	case ok && nonblock && s.Type() == unix.SOCK_STREAM: // the one kind of socket that is told (unix_stream_splice_read)
		got, _, err = asSocket(in).recv(t, in, &dst, unix.MSG_DONTWAIT, wanted{})
	default:
		got, err = in.Read(t, &dst)
	}
	if got <= 0 {
		return 0, err
	}
	// Another writer may have been quicker: then it takes longer.
	src := user.KernelBuf(buf.B[:got])
	done := 0
	for src.Len() > 0 {
		k, err := to.FillPages(&src, skip)
		done += k
		skip = (skip + k) % pipe.SlotSize
		if err == nil && src.Len() > 0 {
			_, err = to.Space(t, false)
		}
		if err != nil {
			return partlyDone(done, err)
		}
	}
	return done, nil
}

// partlyDone: an error counts only if nothing was done.
func partlyDone(done int, err error) (int, error) {
	if done > 0 {
		return done, nil
	}
	return 0, err
}

//ditto:syscall tee full
func tee(t *task.Task, inFD, outFD vfs.FD, length uint64, flags uint32) (int, error) {
	if flags&^spliceFlags != 0 {
		return 0, unix.EINVAL
	}
	if length == 0 {
		return 0, nil
	}
	in, out, err := getPair(t, inFD, outFD)
	if err != nil {
		return 0, err
	}
	defer in.DecRef()
	defer out.DecRef()
	from, to := pipe.Of(in), pipe.Of(out)
	if from == nil || to == nil || from.Same(to) {
		return 0, unix.EINVAL
	}
	nonblock := flags&spliceNonblock != 0 || in.NonBlock() || out.NonBlock()
	return pipe.Tee(t, from, to, int(min(length, user.MaxRW)), nonblock)
}

//ditto:syscall vmsplice partial bytes are copied: what the caller writes to the memory later does not show
func vmsplice(t *task.Task, fd vfs.FD, uiov user.Addr, segs uint64, flags uint32) (int, error) {
	if flags&^spliceFlags != 0 {
		return 0, unix.EINVAL
	}
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if !f.Writable() && !f.Readable() {
		return 0, unix.EBADF
	}
	buf, err := user.NewIovBuf(t.Memory(), uiov, segs)
	if err != nil || buf.Len() == 0 {
		return 0, err
	}
	e := pipe.Of(f)
	if e == nil {
		return 0, unix.EBADF
	}
	nonblock := flags&spliceNonblock != 0
	if !f.Writable() {
		return e.Take(t, &buf, nonblock)
	}
	if _, err := e.Space(t, nonblock); err != nil {
		return 0, err
	}
	return vmspliceIn(e, &buf)
}

// vmspliceIn gives every page of the memory a slot of the pipe's own, up to
// the first that isn't there.
func vmspliceIn(e *pipe.End, buf *user.Buf) (int, error) {
	done := 0
	for buf.Len() > 0 {
		piece := buf.CutPage()
		n, err := e.Fill(&piece)
		done += n
		if err != nil && done == 0 {
			return 0, err
		}
		if err != nil || piece.Len() > 0 {
			break
		}
	}
	return done, nil
}
