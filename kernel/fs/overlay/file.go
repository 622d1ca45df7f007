// SPDX-License-Identifier: Apache-2.0

// This file is open files of an overlay: those of the layer that has the file, and lists of directories made of all.

package overlay

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Open implements vfs.Inode.
func (n *node) Open(ctx vfs.Ctx, flags uint32) (vfs.FileOps, error) {
	switch n.Mode() & unix.S_IFMT {
	case unix.S_IFDIR:
		return &dirFile{n: n}, nil
	case unix.S_IFREG:
	default:
		a, err := n.Attr(ctx)
		if err != nil {
			return nil, err
		}
		return vfs.OpenSpecial(ctx, n, a.Rdev, &n.fifo, flags)
	}
	size := int64(all)
	if flags&unix.O_TRUNC != 0 {
		size = 0
	}
	if flags&unix.O_ACCMODE != unix.O_RDONLY || flags&unix.O_TRUNC != 0 {
		if err := n.copyUp(ctx, size); err != nil {
			return nil, err
		}
	}
	f := &file{n: n, flags: flags & (unix.O_ACCMODE | unix.O_NOATIME)}
	if _, err := f.get(ctx); err != nil {
		return nil, err
	}
	if keep := n.keep.Swap(nil); keep != nil {
		keep.DecRef()
	}
	return f, nil
}

// file is an open regular file.
type file struct {
	vfs.BaseFile
	n     *node
	flags uint32

	mu   sync.Mutex
	now  *vfs.File   // of the layer that had the file when it was asked last
	old  []*vfs.File // before it was copied; mappings may go on using them
	from vfs.Path
}

// get is the file in the layer that has it now: who opened it for reading before it was copied reads the copy.
func (f *file) get(ctx vfs.Ctx) (*vfs.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.n.real()
	if f.now != nil && f.from == p {
		return f.now, nil
	}
	flags := f.flags
	if f.n.upper.Load() == nil {
		flags |= unix.O_NOATIME
	}
	now, err := vfs.OpenUnheard(f.n.fs.as(ctx), p, flags)
	if err != nil {
		return nil, err
	}
	if f.now != nil {
		f.old = append(f.old, f.now)
	}
	f.now, f.from = now, p
	return now, nil
}

// Release implements vfs.FileOps.
func (f *file) Release(*vfs.File) {
	for _, o := range append(f.old, f.now) {
		o.DecRef()
	}
}

func (f *file) Seekable() bool { return true }

// Read implements vfs.FileOps.
func (f *file) Read(ctx vfs.Ctx, _ *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	r, err := f.get(ctx)
	if err != nil {
		return 0, err
	}
	return r.Ops.Read(ctx, r, dst, pos)
}

// Write implements vfs.FileOps: with the flags of the overlay's file, which may have changed.
func (f *file) Write(ctx vfs.Ctx, of *vfs.File, src *user.Buf, pos *int64) (int, error) {
	r, err := f.get(ctx)
	if err != nil {
		return 0, err
	}
	return r.Ops.Write(ctx, of, src, pos)
}

// Seek implements vfs.FileOps.
func (f *file) Seek(ctx vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	r, err := f.get(ctx)
	if err != nil {
		return 0, err
	}
	return r.Ops.Seek(ctx, r, off, whence, cur)
}

// Sync implements vfs.FileOps.
func (f *file) Sync(ctx vfs.Ctx, _ *vfs.File, dataOnly bool) error {
	if f.n.fs.volatile {
		return nil
	}
	r, err := f.get(ctx)
	if err != nil {
		return err
	}
	return r.Ops.Sync(ctx, r, dataOnly)
}

// Allocate implements vfs.FileOps.
func (f *file) Allocate(ctx vfs.Ctx, _ *vfs.File, mode uint32, off, length int64) error {
	r, err := f.get(ctx)
	if err != nil {
		return err
	}
	a, err := f.n.Attr(ctx)
	if err != nil {
		return err
	}
	// Set-ID bits go whatever the layer says.
	if now := vfs.KillPriv(ctx.Creds(), &a); now != a.Mode {
		if err := f.n.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: now & 0o7777}); err != nil {
			return err
		}
	}
	return r.Ops.Allocate(ctx, r, mode, off, length)
}

// Mappable implements vfs.FileOps.
func (f *file) Mappable(ctx vfs.Ctx, _ *vfs.File, prot, flags uint32) (int, error) {
	r, err := f.get(ctx)
	if err != nil {
		return -1, err
	}
	return r.Ops.Mappable(ctx, r, prot, flags)
}

// Mapped implements vfs.Mapped.
func (f *file) Mapped(*vfs.File) {
	f.mu.Lock()
	now := f.now
	f.mu.Unlock()
	now.NoteMapping()
}

// dirFile is an open directory.
type dirFile struct {
	vfs.BaseFile
	n *node

	entries []vfs.DirEntry // read at the start and after each rewind; under the file's position lock
}

// Read implements vfs.FileOps.
func (f *dirFile) Read(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) { return 0, unix.EISDIR }

func (f *dirFile) Seekable() bool { return true }

// Seek implements vfs.FileOps.
func (f *dirFile) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	if whence != unix.SEEK_SET && whence != unix.SEEK_CUR {
		return 0, unix.EINVAL
	}
	return vfs.PlainSeek(off, whence, cur, 0)
}

// Iterate implements vfs.FileOps.
func (f *dirFile) Iterate(ctx vfs.Ctx, _ *vfs.File, pos *int64, emit func(vfs.DirEntry) bool) error {
	if *pos == 0 || f.entries == nil {
		list, err := f.n.list(ctx)
		if err != nil {
			return err
		}
		up, _ := f.n.where()
		if up == nil {
			up = f.n
		}
		dots := []vfs.DirEntry{{Name: ".", Ino: f.n.ino, Type: unix.DT_DIR}, {Name: "..", Ino: up.ino, Type: unix.DT_DIR}}
		f.entries = append(dots, list...)
	}
	for *pos < int64(len(f.entries)) {
		e := f.entries[*pos]
		e.Next = *pos + 1
		if !emit(e) {
			break
		}
		*pos++
	}
	return nil
}

// Sync implements vfs.FileOps.
func (f *dirFile) Sync(ctx vfs.Ctx, _ *vfs.File, dataOnly bool) error {
	up := f.n.upper.Load()
	if up == nil || f.n.fs.volatile {
		return nil
	}
	r, err := vfs.OpenUnheard(f.n.fs.as(ctx), *up, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer r.DecRef()
	return r.Ops.Sync(ctx, r, dataOnly)
}

// list is the names of a directory that are seen.
func (n *node) list(ctx vfs.Ctx) (list []vfs.DirEntry, err error) {
	as, upper := n.fs.as(ctx), n.upper.Load()
	dirs := n.lowers
	if upper != nil {
		dirs = append([]vfs.Path{*upper}, dirs...)
	}
	seen := map[string]bool{}
	for i, dir := range dirs {
		names, err := listLayer(as, dir)
		if err != nil {
			return nil, err
		}
		for _, e := range names {
			if seen[e.Name] {
				continue
			}
			seen[e.Name] = true
			if e.Type == unix.DT_CHR || e.Type == unix.DT_UNKNOWN {
				if p, err := n.fs.find(ctx, dir, e.Name); err != nil || isWhiteout(ctx, p) {
					continue
				}
			}
			if i == 0 && upper != nil {
				e.Ino = n.numberOf(ctx, e)
			}
			list = append(list, e)
		}
	}
	return list, nil
}

// numberOf is the inode number of a file of the upper layer: of one that was copied, and of a directory that goes on below,
// that which it had there.
func (n *node) numberOf(ctx vfs.Ctx, e vfs.DirEntry) uint64 {
	n.fs.mu.Lock()
	ino, ok := n.fs.origins[e.Ino]
	n.fs.mu.Unlock()
	if ok {
		return ino
	}
	if e.Type != unix.DT_DIR || len(n.lowers) == 0 {
		return e.Ino
	}
	if i, err := n.Lookup(ctx, e.Name); err == nil {
		return i.(*node).ino
	}
	return e.Ino
}

// listLayer is all names of a directory of a layer.
func listLayer(as vfs.Ctx, dir vfs.Path) (list []vfs.DirEntry, err error) {
	f, err := vfs.OpenUnheard(as, dir, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	defer f.DecRef()
	err = f.Iterate(as, func(e vfs.DirEntry) bool {
		if e.Name != "." && e.Name != ".." {
			list = append(list, e)
		}
		return true
	})
	return list, err
}
