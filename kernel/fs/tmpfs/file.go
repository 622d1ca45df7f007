// SPDX-License-Identifier: Apache-2.0

package tmpfs

import (
	"math"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Open implements vfs.Inode.
func (n *node) Open(ctx vfs.Ctx, flags uint32) (vfs.FileOps, error) {
	switch n.Mode() & unix.S_IFMT {
	case unix.S_IFREG:
		if flags&unix.O_TRUNC != 0 {
			n.write.Lock()
			err := n.copyUp(ctx, 0)
			n.write.Unlock()
			if err != nil {
				return nil, err
			}
		}
		f := &regFile{node: n, writes: flags&unix.O_ACCMODE != unix.O_RDONLY}
		if !n.copied.Load() {
			lower, err := n.lower.Open(ctx, unix.O_RDONLY)
			if err != nil {
				return nil, err
			}
			f.lower = lower
		}
		if !n.hold() {
			if f.lower != nil {
				f.lower.Release(nil)
			}
			return nil, unix.ESTALE
		}
		if f.writes {
			n.writers.Add(1)
		}
		return f, nil
	case unix.S_IFDIR:
		return &dirFile{node: n}, nil
	}
	n.mu.RLock()
	rdev := n.attr.Rdev
	n.mu.RUnlock()
	return vfs.OpenSpecial(ctx, n, rdev, &n.fifo, flags)
}

// regFile is an open regular file.
type regFile struct {
	vfs.BaseFile
	node  *node
	lower vfs.FileOps // reads the tree below until the data are copied; nil: never did

	writes bool
}

// Seekable implements vfs.FileOps.
func (f *regFile) Seekable() bool { return true }

// below is where to read from instead, while the data are not copied.
func (f *regFile) below() vfs.FileOps {
	if f.lower == nil || f.node.copied.Load() {
		return nil
	}
	return f.lower
}

// Read implements vfs.FileOps.
func (f *regFile) Read(ctx vfs.Ctx, file *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	if lower := f.below(); lower != nil {
		return lower.Read(ctx, file, dst, pos)
	}
	f.node.accessed(file.AtimeRule())
	d := &f.node.data
	if dst.Scattered() {
		return d.readPieces(dst, pos)
	}
	if d.Size() <= *pos {
		return 0, nil
	}
	r := reads.Get().(*reading)
	defer reads.Put(r)
	r.d, r.pos = d, *pos
	done, err := dst.CopyOutFrom(r.next)
	r.d = nil
	*pos += int64(done)
	return done, err
}

// reading is one call that reads. Reads are made again and again, and all of them have their func.
type reading struct {
	d    *data
	pos  int64
	next func(p []byte) (int, error)
}

var reads = sync.Pool{New: func() any {
	r := &reading{}
	r.next = r.read
	return r
}}

func (r *reading) read(p []byte) (int, error) {
	n, err := r.d.readAt(p, r.pos)
	r.pos += int64(n)
	return n, err
}

// readPieces reads into memory of several ranges by way of a buffer.
func (d *data) readPieces(dst *user.Buf, pos *int64) (int, error) {
	left := min(int64(dst.Len()), d.Size()-*pos)
	if left <= 0 {
		return 0, nil
	}
	buf := vfs.GetBuffer(int(left))
	defer buf.Free()
	done := 0
	for left > 0 {
		n, err := d.readAt(buf.B[:min(left, int64(len(buf.B)))], *pos)
		if err == nil && n > 0 {
			n, err = copyOut(dst, buf.B[:n], int64(n) == left)
		}
		done += n
		*pos += int64(n)
		left -= int64(n)
		if err != nil && done == 0 {
			return 0, err
		}
		if err != nil || n == 0 {
			break
		}
	}
	return done, nil
}

func copyOut(dst *user.Buf, p []byte, last bool) (int, error) {
	if last {
		return dst.CopyOutLast(p)
	}
	return dst.CopyOut(p)
}

// Write implements vfs.FileOps.
func (f *regFile) Write(ctx vfs.Ctx, file *vfs.File, src *user.Buf, pos *int64) (int, error) {
	n := f.node
	if n.fs.lower != nil && n.kept.Load()&vfs.FlagImmutable != 0 {
		return 0, unix.EPERM // as ext4 has it, for who had it open before
	}
	if src.Len() == 0 { // before the end of the file is looked for (generic_write_checks)
		return 0, nil
	}
	n.write.Lock()
	defer n.write.Unlock()
	if err := n.copyUp(ctx, math.MaxInt64); err != nil {
		return 0, err
	}
	if file.Flags()&unix.O_APPEND != 0 {
		*pos = n.data.Size()
	}
	left, err := vfs.LimitWrite(ctx, *pos, src.Len())
	if err != nil || left == 0 {
		return 0, err
	}
	n.touch(ctx) // even if nothing can be read from src (file_update_time comes first)
	done, err := f.writeAll(src, pos, left)
	if done > 0 {
		err = nil
	}
	return done, err
}

func (f *regFile) writeAll(src *user.Buf, pos *int64, left int) (int, error) {
	buf := vfs.GetBuffer(left)
	defer buf.Free()
	done := 0
	for left > 0 {
		n, err := src.CopyIn(buf.B[:min(left, len(buf.B))])
		w, werr := f.node.data.writeAt(buf.B[:n], *pos)
		*pos += int64(w)
		done += w
		left -= w
		if werr != nil {
			return done, werr
		}
		if err != nil {
			if f.node.fs.lower == nil {
				f.node.data.fault(*pos)
			}
			return done, err
		}
	}
	return done, nil
}

// Seek implements vfs.FileOps.
func (f *regFile) Seek(ctx vfs.Ctx, file *vfs.File, off int64, whence int, cur int64) (int64, error) {
	if whence == unix.SEEK_DATA || whence == unix.SEEK_HOLE {
		if lower := f.below(); lower != nil {
			return lower.Seek(ctx, file, off, whence, cur)
		}
		return f.node.data.seek(off, whence)
	}
	a, err := f.node.Attr(ctx)
	if err != nil {
		return 0, err
	}
	return vfs.PlainSeek(off, whence, cur, a.Size)
}

// Sync implements vfs.FileOps: memory is as good as it gets.
func (f *regFile) Sync(vfs.Ctx, *vfs.File, bool) error { return nil }

// Allocate implements vfs.FileOps.
func (f *regFile) Allocate(ctx vfs.Ctx, file *vfs.File, mode uint32, off, length int64) error {
	if f.node.fs.lower != nil {
		if err := f.node.takePriv(ctx); err != nil {
			return err
		}
	}
	// Linux's tmpfs can't zero a range; what an overlay usually lies on can.
	if mode&^(unix.FALLOC_FL_KEEP_SIZE|unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_ZERO_RANGE) != 0 ||
		mode&unix.FALLOC_FL_ZERO_RANGE != 0 && f.node.fs.lower == nil {
		return unix.EOPNOTSUPP
	}
	n := f.node
	n.write.Lock()
	defer n.write.Unlock()
	if err := n.copyUp(ctx, math.MaxInt64); err != nil {
		return err
	}
	keep := mode&unix.FALLOC_FL_KEEP_SIZE != 0
	// Linux's tmpfs asks for the limit even where the size stays, as other file systems do not.
	limited := !keep || f.node.fs.lower == nil && mode&unix.FALLOC_FL_PUNCH_HOLE == 0
	if limited && off+length > n.data.Size() {
		if err := vfs.CheckSize(ctx, off+length); err != nil {
			return err
		}
	}
	if mode&unix.FALLOC_FL_ZERO_RANGE != 0 {
		if err := n.data.allocate(unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, off, length); err != nil {
			return err
		}
		mode &^= unix.FALLOC_FL_ZERO_RANGE
	}
	if err := n.data.allocate(mode, off, length); err != nil {
		return err
	}
	n.touch(ctx)
	return nil
}

// Mappable implements vfs.FileOps. A mapping that would see what someone may
// write has the data copied first, and so has one of a file that was changed in
// any way, whose data Linux's overlay copied then; any other sees the tree below.
func (f *regFile) Mappable(ctx vfs.Ctx, file *vfs.File, prot, flags uint32) (int, error) {
	n := f.node
	if lower := f.below(); lower != nil {
		if n.writers.Load() == 0 && !n.isPinned() {
			return lower.Mappable(ctx, file, prot, flags)
		}
		n.write.Lock()
		err := n.copyUp(ctx, math.MaxInt64)
		n.write.Unlock()
		if err != nil {
			return -1, err
		}
	}
	fd, err := n.data.mappable()
	if err == nil && flags&unix.MAP_TYPE != unix.MAP_PRIVATE && file.Writable() {
		n.mapped.Store(true)
	}
	return fd, err
}

// Mapped implements vfs.Mapped.
func (f *regFile) Mapped(file *vfs.File) {
	if f.below() == nil {
		f.node.accessed(file.AtimeRule())
	}
}

// Seals is F_GET_SEALS: that there can't be any.
func (f *regFile) Seals() (uint32, error) {
	if f.node.fs.name != "tmpfs" {
		return 0, unix.EINVAL
	}
	return unix.F_SEAL_SEAL, nil
}

// AddSeals is F_ADD_SEALS.
func (f *regFile) AddSeals(_ *vfs.File, seals uint32) error {
	const known = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE | unix.F_SEAL_FUTURE_WRITE | unix.F_SEAL_EXEC
	if f.node.fs.name != "tmpfs" || seals&^known != 0 {
		return unix.EINVAL
	}
	return unix.EPERM
}

// PagesIn counts the pages first to last that are in memory (cachestat(2)),
// if they are this file system's.
func (f *regFile) PagesIn(first, last uint64) (n uint64, ok bool) {
	if f.below() != nil {
		return 0, false
	}
	return f.node.data.pagesIn(first, last)
}

// Release implements vfs.FileOps.
func (f *regFile) Release(file *vfs.File) {
	if f.lower != nil {
		f.lower.Release(file)
	}
	if f.writes {
		f.node.writers.Add(-1)
	}
	f.node.drop()
}

// dirFile is an open directory.
type dirFile struct {
	vfs.BaseFile
	node *node

	below *vfs.Listing // the listing of the tree below, once it was read
}

// Read implements vfs.FileOps.
func (f *dirFile) Read(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) {
	return 0, unix.EISDIR
}

// Seekable implements vfs.FileOps.
func (f *dirFile) Seekable() bool { return true }

// Seek implements vfs.FileOps: positions are cookies.
func (f *dirFile) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	if whence != unix.SEEK_SET && whence != unix.SEEK_CUR {
		return 0, unix.EINVAL
	}
	return vfs.PlainSeek(off, whence, cur, 0)
}

// Sync implements vfs.FileOps.
func (f *dirFile) Sync(vfs.Ctx, *vfs.File, bool) error { return nil }

// readChunk reads from an open file into memory of the kernel.
func readChunk(ctx vfs.Ctx, f *vfs.File, p []byte, pos int64) ([]byte, error) {
	buf := user.KernelBuf(p)
	n, err := f.Pread(ctx, &buf, pos)
	return p[:n], err
}
