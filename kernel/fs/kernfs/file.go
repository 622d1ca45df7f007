// SPDX-License-Identifier: Apache-2.0

// This file is open files and directories.

package kernfs

import (
	"math"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// text is an open regular file. Its content is made when it is read from the
// start, and kept for as long as the reader goes on from there (seq_file).
type text struct {
	vfs.BaseFile
	n node

	mu      sync.Mutex
	content []byte
	made    bool
}

// Watched is what a file is about, if one can wait for it to change.
type Watched interface {
	// Poll is which events hold.
	Poll() wait.Mask
	Changes() *wait.Queue
}

// Released is what a file is about (Entry.Bind), if it wants to know that the file is gone.
type Released interface{ Release() }

// Release implements vfs.FileOps.
func (t *text) Release(*vfs.File) {
	if r, ok := t.n.of.(Released); ok {
		r.Release()
	}
}

func (t *text) Seekable() bool { return true }

// CanSplice implements vfs.Splicer.
func (t *text) CanSplice() bool { return !t.n.e.Plain }

// PlainRead is what vfs.File.ReadsPlainly asks.
func (t *text) PlainRead() bool { return t.n.e.Plain }

// PlainWrite is what vfs.File.WritesPlainly asks.
func (t *text) PlainWrite() bool { return t.n.e.Plain }

// Poll implements vfs.FileOps.
func (t *text) Poll(f *vfs.File) wait.Mask {
	if w, ok := t.n.of.(Watched); ok {
		return w.Poll()
	}
	return t.BaseFile.Poll(f)
}

// Queue implements vfs.FileOps.
func (t *text) Queue(f *vfs.File) *wait.Queue {
	if w, ok := t.n.of.(Watched); ok {
		return w.Changes()
	}
	return t.BaseFile.Queue(f)
}

// Read implements vfs.FileOps.
func (t *text) Read(ctx vfs.Ctx, _ *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	if t.n.e.Text == nil {
		return 0, unix.EINVAL
	}
	if dst.Len() == 0 {
		return 0, nil
	}
	content, err := t.get(ctx, *pos == 0)
	if err != nil || *pos >= int64(len(content)) {
		return 0, err
	}
	n, err := dst.CopyOutLast(content[*pos:])
	*pos += int64(n)
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// get is the content. It is made without the lock: that may ask other tasks.
func (t *text) get(ctx vfs.Ctx, afresh bool) ([]byte, error) {
	t.mu.Lock()
	content, made := t.content, t.made
	t.mu.Unlock()
	if made && !afresh {
		return content, nil
	}
	content, err := t.n.e.Text(ctx, t.n.of)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.content, t.made = content, true
	t.mu.Unlock()
	return content, nil
}

// maxStore bounds what one write may set.
const maxStore = 4096

// Write implements vfs.FileOps: one write is one value.
func (t *text) Write(ctx vfs.Ctx, _ *vfs.File, src *user.Buf, pos *int64) (int, error) {
	switch {
	case src.Len() == 0 && t.n.fs.name == "cgroup2":
		return 0, nil
	case t.n.e.Store != nil:
	case t.n.fs.name == "cgroup2":
		return 0, unix.EINVAL
	default:
		if _, ok := t.n.of.(Subject); ok || t.n.e.Bind != nil { // such files know of no writing, where others have a write that fails
			return 0, unix.EINVAL
		}
		return 0, unix.EIO
	}
	if src.Len() == 0 && t.n.fs.name == "sysfs" {
		return 0, nil
	}
	if t.n.e.AtStart && *pos != 0 {
		return 0, unix.EINVAL
	}
	data := make([]byte, min(src.Len(), maxStore))
	n, err := src.CopyIn(data)
	if err != nil {
		return 0, err
	}
	if err := t.n.e.Store(ctx, t.n.of, data[:n]); err != nil {
		return 0, err
	}
	*pos += int64(n)
	return n, nil
}

// Seek implements vfs.FileOps: such files have no end to seek from.
func (t *text) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	switch whence {
	case unix.SEEK_SET:
	case unix.SEEK_CUR:
		off += cur
	default:
		return 0, unix.EINVAL
	}
	if off < 0 {
		return 0, unix.EINVAL
	}
	return off, nil
}

// Beyond implements vfs.Bounded: these file systems have the limit of files without O_LARGEFILE (MAX_NON_LFS).
func (t *text) Beyond(pos int64) bool { return pos > math.MaxInt32 }

// dir is an open directory.
type dir struct {
	vfs.BaseFile
	n node
}

// Cookies of directories: ".", "..", the fixed children, and then the keys of List.
const firstKey = 1 << 16

// Opened is the entry that an open directory shows, and what it is about; nil for
// a file that is no directory of such a file system.
func Opened(f *vfs.File) (e *Entry, of any) {
	if d, ok := f.Ops.(*dir); ok {
		return d.n.e, d.n.of
	}
	return nil, nil
}

func (d *dir) Seekable() bool { return true }

// Read implements vfs.FileOps.
func (d *dir) Read(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) { return 0, unix.EISDIR }

// Seek implements vfs.FileOps.
func (d *dir) Seek(ctx vfs.Ctx, f *vfs.File, off int64, whence int, cur int64) (int64, error) {
	return (&text{}).Seek(ctx, f, off, whence, cur)
}

// Iterate implements vfs.FileOps.
func (d *dir) Iterate(ctx vfs.Ctx, f *vfs.File, pos *int64, emit func(vfs.DirEntry) bool) error {
	give := func(name string, n node, next int64) bool {
		if next <= *pos {
			return true
		}
		if !emit(vfs.DirEntry{Name: name, Ino: n.ino(), Type: uint8(n.e.Mode >> 12), Next: next}) {
			return false
		}
		*pos = next
		return true
	}
	if !give(".", d.n, 1) || !give("..", d.parent(f), 2) {
		return nil
	}
	for i, c := range d.n.e.Children {
		if !give(c.Name, node{fs: d.n.fs, e: c, of: d.n.of}, int64(3+i)) {
			return nil
		}
	}
	if d.n.e.List == nil {
		return nil
	}
	return d.n.e.List(ctx, d.n.of, func(c Child) bool {
		return give(c.Name, node{fs: d.n.fs, e: c.Entry, of: c.Of}, firstKey+c.Key+1)
	})
}

// parent is the node of "..", as far as this file system goes.
func (d *dir) parent(f *vfs.File) node {
	if f.Path.Dentry != nil {
		if up := f.Path.Dentry.Parent(); up != nil {
			if n, ok := up.Inode().(node); ok {
				return n
			}
		}
	}
	return d.n
}
