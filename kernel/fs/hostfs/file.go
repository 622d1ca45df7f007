// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"cmp"
	"math"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Open implements vfs.Inode.
func (i *inode) Open(ctx vfs.Ctx, flags uint32) (vfs.FileOps, error) {
	kind := forRead
	if flags&unix.O_NOATIME != 0 {
		kind = quiet
	}
	switch i.Mode() & unix.S_IFMT {
	case unix.S_IFDIR:
		h, err := i.acquire(kind)
		if err != nil {
			return nil, err
		}
		return &dirFile{h: h}, nil
	case unix.S_IFREG:
		if flags&unix.O_ACCMODE != unix.O_RDONLY {
			kind |= forWrite
		}
		h, err := i.acquire(kind)
		if err != nil {
			return nil, err
		}
		i.opened()
		return &regFile{h: h}, nil
	}
	i.mu.Lock()
	rdev := i.attr.Rdev
	i.mu.Unlock()
	return vfs.OpenSpecial(ctx, i, rdev, &i.fifo, flags)
}

// regFile is an open regular file.
type regFile struct {
	vfs.BaseFile
	h *handle

	mapped   sync.Once // what follows is for mappings, once O_NOATIME was changed
	other    *handle
	otherErr error
}

// Seekable implements vfs.FileOps.
func (f *regFile) Seekable() bool { return true }

// Read implements vfs.FileOps.
func (f *regFile) Read(ctx vfs.Ctx, file *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	h := f.h
	if !h.suits(file) && h.inode.nameless.Load() {
		defer h.turn()()
	} else if !h.suits(file) {
		var err error
		if h, err = h.inode.acquire(h.kind ^ quiet); err != nil {
			return 0, err
		}
		defer h.release()
	}
	if dst.Len() == 0 { // some file systems note even that as an access
		_, err := unix.Pread(h.fd, nil, *pos)
		return 0, err
	}
	if dst.Scattered() {
		return h.readPieces(ctx, dst, pos)
	}
	r := reads.Get().(*reading)
	defer reads.Put(r)
	r.ctx, r.h, r.pos = ctx, h, *pos
	done, err := dst.CopyOutFrom(r.next)
	r.ctx, r.h = nil, nil
	*pos += int64(done)
	return done, err
}

// reading is one call that reads. Reads are made again and again, and all of them have their func.
type reading struct {
	ctx  vfs.Ctx
	h    *handle
	pos  int64
	next func(p []byte) (int, error)
}

var reads = sync.Pool{New: func() any {
	r := &reading{}
	r.next = r.read
	return r
}}

func (r *reading) read(p []byte) (int, error) {
	n, in, err := r.h.reader.Pread(priority(r.ctx), r.h.fd, p, r.pos)
	account(r.ctx, in, 0)
	r.pos += int64(max(n, 0))
	return n, err
}

// readPieces reads into memory of several ranges by way of a buffer: a call of the host's for each might cost more than the copy.
func (h *handle) readPieces(ctx vfs.Ctx, dst *user.Buf, pos *int64) (int, error) {
	buf := vfs.GetBuffer(dst.Len())
	defer buf.Free()
	done := 0
	for dst.Len() > 0 {
		p := buf.B[:min(len(buf.B), dst.Len())]
		n, in, err := h.reader.Pread(priority(ctx), h.fd, p, *pos)
		account(ctx, in, 0)
		last := n < len(p) || n == dst.Len()
		if err == nil && n > 0 {
			if last {
				n, err = dst.CopyOutLast(p[:n])
			} else {
				n, err = dst.CopyOut(p[:n])
			}
		}
		done += n
		*pos += int64(n)
		if err != nil && done == 0 {
			return 0, err
		}
		if err != nil || last {
			break
		}
	}
	return done, nil
}

// suits tells whether the handle reads as the file's flags say: fcntl(2) may have changed O_NOATIME.
func (h *handle) suits(file *vfs.File) bool {
	return (file.Flags()&unix.O_NOATIME != 0) == h.noatime
}

// Write implements vfs.FileOps.
func (f *regFile) Write(ctx vfs.Ctx, file *vfs.File, src *user.Buf, pos *int64) (int, error) {
	if src.Len() == 0 { // before the end of the file is looked for (generic_write_checks)
		return 0, nil
	}
	i := f.h.inode
	i.write.Lock()
	defer i.write.Unlock()
	defer i.stale()
	if file.Flags()&unix.O_APPEND != 0 {
		end, err := unix.Seek(f.h.fd, 0, unix.SEEK_END)
		if err != nil {
			return 0, err
		}
		*pos = end
	}
	left, err := vfs.LimitWrite(ctx, *pos, src.Len())
	if err != nil || left == 0 {
		return 0, err
	}
	if i.hasPriv() && !beyond(f.h.fd, *pos+1) { // else the host will refuse, and nothing changes
		i.killPriv(ctx)
	}
	if src.Scattered() {
		return f.h.writePieces(ctx, src, left, pos)
	}
	w := writes.Get().(*writing)
	defer writes.Put(w)
	w.ctx, w.h, w.pos = ctx, f.h, *pos
	done, err := src.CopyInTo(left, w.next)
	w.ctx, w.h = nil, nil
	*pos += int64(done)
	return done, err
}

// writing is one call that writes: see reading.
type writing struct {
	ctx  vfs.Ctx
	h    *handle
	pos  int64
	next func(p []byte) (int, error)
}

var writes = sync.Pool{New: func() any {
	w := &writing{}
	w.next = w.write
	return w
}}

// write writes all of p, or what the host takes of it before an error.
func (w *writing) write(p []byte) (done int, err error) {
	for done < len(p) {
		n, in, out, err := w.h.writer.Pwrite(priority(w.ctx), w.h.fd, p[done:], w.pos)
		account(w.ctx, in, out)
		if err != nil && err != unix.EINTR {
			return done, err
		}
		w.pos += int64(max(n, 0))
		done += max(n, 0)
	}
	return done, nil
}

// writePieces writes from memory of several ranges by way of a buffer.
func (h *handle) writePieces(ctx vfs.Ctx, src *user.Buf, left int, pos *int64) (int, error) {
	buf := vfs.GetBuffer(left)
	defer buf.Free()
	w := &writing{ctx: ctx, h: h, pos: *pos}
	done := 0
	var err error
	for left > 0 && err == nil {
		n, fault := src.CopyIn(buf.B[:min(left, len(buf.B))])
		n, err = w.write(buf.B[:n])
		err = cmp.Or(err, fault)
		done += n
		left -= n
	}
	if *pos = w.pos; done > 0 {
		err = nil
	}
	return done, err
}

// accounted is a task that has an account of the blocks moved for it (getrusage(2)), and a priority
// of I/O.
type accounted interface {
	CountBlocks(in, out int64)
	IOPrio() uint16
}

// priority is the one of who calls.
func priority(ctx vfs.Ctx) uint16 {
	if t, ok := ctx.(accounted); ok {
		return t.IOPrio()
	}
	return 0
}

// account counts blocks for who calls.
func account(ctx vfs.Ctx, in, out int64) {
	if t, ok := ctx.(accounted); ok && in|out != 0 {
		t.CountBlocks(in, out)
	}
}

// hasPriv tells whether a write by others takes bits away.
func (i *inode) hasPriv() bool { return i.Mode()&(unix.S_ISUID|unix.S_ISGID) != 0 }

// killPriv takes set-ID bits away that a write by this task takes away; this
// process may have privileges on the host that the task does not have.
func (i *inode) killPriv(ctx vfs.Ctx) {
	if !i.hasPriv() {
		return
	}
	a, err := i.Attr(ctx)
	if err != nil {
		return
	}
	if now := vfs.KillPriv(ctx.Creds(), &a); now != a.Mode {
		_ = i.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: now & 0o7777})
	}
}

// Seek implements vfs.FileOps.
func (f *regFile) Seek(ctx vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	if whence == unix.SEEK_DATA || whence == unix.SEEK_HOLE {
		return unix.Seek(f.h.fd, off, whence)
	}
	size := int64(0)
	if whence == unix.SEEK_END {
		a, err := f.h.inode.Attr(ctx)
		if err != nil {
			return 0, err
		}
		size = a.Size
	}
	to, err := vfs.PlainSeek(off, whence, cur, size)
	if err == nil && beyond(f.h.fd, to) {
		return 0, unix.EINVAL
	}
	return to, err
}

// Beyond implements vfs.Bounded.
func (f *regFile) Beyond(pos int64) bool { return beyond(f.h.fd, pos) }

// beyond tells whether a position is one that no file of this kind has on the host (s_maxbytes, which is 2 GiB at least):
// the host is asked. Nobody uses the position that its descriptor gets.
func beyond(fd int, pos int64) bool {
	if pos >= 0 && pos <= math.MaxInt32 {
		return false
	}
	_, err := unix.Seek(fd, pos, unix.SEEK_SET)
	return err == unix.EINVAL
}

// Sync implements vfs.FileOps.
func (f *regFile) Sync(ctx vfs.Ctx, _ *vfs.File, dataOnly bool) (err error) {
	in, out := hostio.As(priority(ctx), func() { err = syncHost(f.h.fd, dataOnly) })
	account(ctx, in, out)
	return err
}

func syncHost(fd int, dataOnly bool) error {
	if dataOnly {
		return unix.Fdatasync(fd)
	}
	return unix.Fsync(fd)
}

// Allocate implements vfs.FileOps.
func (f *regFile) Allocate(ctx vfs.Ctx, _ *vfs.File, mode uint32, off, length int64) error {
	defer f.h.inode.stale()
	err := unix.Fallocate(f.h.fd, mode, off, length)
	switch err {
	case nil, unix.EINVAL, unix.ENOSPC: // what the file system finds wrong it finds behind file_modified
		f.h.inode.killPriv(ctx)
	}
	return err
}

// Mappable implements vfs.FileOps.
func (f *regFile) Mappable(_ vfs.Ctx, file *vfs.File, _, _ uint32) (int, error) {
	if f.h.suits(file) {
		return f.h.fd, nil
	}
	f.mapped.Do(func() { f.other, f.otherErr = f.h.inode.acquire(f.h.kind ^ quiet) })
	if f.otherErr != nil {
		return -1, f.otherErr
	}
	return f.other.fd, nil
}

// Release implements vfs.FileOps.
func (f *regFile) Release(*vfs.File) {
	f.h.release()
	if f.other != nil {
		f.other.release()
	}
}

// dirFile is an open directory.
type dirFile struct {
	vfs.BaseFile
	h    *handle
	list *vfs.Listing // read at the start, and after each rewind; under the file's position lock
}

// Read implements vfs.FileOps.
func (f *dirFile) Read(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) {
	return 0, unix.EISDIR
}

// Seekable implements vfs.FileOps.
func (f *dirFile) Seekable() bool { return true }

// Seek implements vfs.FileOps.
func (f *dirFile) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	if whence != unix.SEEK_SET && whence != unix.SEEK_CUR {
		return 0, unix.EINVAL
	}
	return vfs.PlainSeek(off, whence, cur, 0)
}

// Iterate implements vfs.FileOps. Cookies are places in the list.
func (f *dirFile) Iterate(_ vfs.Ctx, file *vfs.File, pos *int64, emit func(vfs.DirEntry) bool) error {
	h := f.h
	if !h.suits(file) {
		var err error
		if h, err = h.inode.acquire(h.kind ^ quiet); err != nil {
			return err
		}
		defer h.release()
	}
	if *pos == 0 || f.list == nil {
		list, err := h.readDir()
		if err != nil {
			return err
		}
		f.list = list
	} else if err := h.noteAccess(); err != nil {
		return err
	}
	for *pos < int64(dots+f.list.Len()) {
		e := f.entry(int(*pos))
		e.Next = *pos + 1
		if !emit(e) {
			break
		}
		*pos++
	}
	return nil
}

// dots is how many entries come before those of the list.
const dots = 2

// entry is what stands at i: ".", "..", and the list.
func (f *dirFile) entry(i int) vfs.DirEntry {
	d := f.h.inode
	switch i {
	case 0:
		return vfs.DirEntry{Name: ".", Ino: d.id.ino, Type: unix.DT_DIR}
	case 1:
		up := d
		if at := d.at.Load(); at.dir != nil {
			up = at.dir
		}
		return vfs.DirEntry{Name: "..", Ino: up.id.ino, Type: unix.DT_DIR}
	}
	return f.list.Entry(i - dots)
}

// Sync implements vfs.FileOps.
func (f *dirFile) Sync(_ vfs.Ctx, _ *vfs.File, dataOnly bool) error {
	return syncHost(f.h.fd, dataOnly)
}

// Release implements vfs.FileOps.
func (f *dirFile) Release(*vfs.File) { f.h.release() }

// readDir lists the directory.
func (h *handle) readDir() (*vfs.Listing, error) {
	h.dirMu.Lock()
	defer h.dirMu.Unlock()
	if err := h.rewind(); err != nil {
		return nil, listingError(err)
	}
	buf := vfs.GetBuffer(64 << 10)
	defer buf.Free()
	list := &vfs.Listing{}
	for {
		n, err := h.getdents(buf.B)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return nil, listingError(err)
		case n == 0:
			return list, nil
		default:
			list.Add(buf.B[:n], h.kindOf)
		}
	}
}

// listingError: a directory that the host lets this process search only is held by O_PATH.
func listingError(err error) error {
	if err == unix.EBADF {
		return unix.EACCES
	}
	return err
}

// rewind sets the position to the start, if it is not there. The caller holds dirMu.
func (h *handle) rewind() error {
	if !h.moved {
		return nil
	}
	_, err := unix.Seek(h.fd, 0, unix.SEEK_SET)
	return err
}

// getdents moves the position. The caller holds dirMu.
func (h *handle) getdents(p []byte) (int, error) {
	h.moved = true
	return unix.Getdents(h.fd, p)
}

// kindOf is the type (DT_*) of a name, which the host's file system does not tell in a listing.
func (h *handle) kindOf(name string) uint8 {
	st, err := statx(h.fd, name)
	if err != nil {
		return unix.DT_UNKNOWN
	}
	return uint8(st.Mode >> 12 & 15)
}

// List implements vfs.Lister.
func (i *inode) List(vfs.Ctx) (*vfs.Listing, error) {
	h, err := i.acquire(forRead)
	if err != nil {
		return nil, err
	}
	defer h.release()
	return h.readDir()
}

// noteAccess reads on where readDir ended, so that the host notes an access as it does whenever a directory is read.
func (h *handle) noteAccess() error {
	h.dirMu.Lock()
	defer h.dirMu.Unlock()
	var buf [512]byte
	_, err := h.getdents(buf[:])
	if err == unix.EINTR || err == unix.EINVAL { // a longer name that is new
		err = nil
	}
	return err
}
