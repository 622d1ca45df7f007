// SPDX-License-Identifier: Apache-2.0

// This file lets a tmpfs start from a read-only tree. A directory in memory
// remembers which directory of the tree below it goes on in, so a rename of a
// directory moves all that is below it at no cost. A file of the tree below
// has a node only while someone uses it; once it is changed its node is
// pinned, that is, entered in its directory, and the data are copied at the
// first change of them.

package tmpfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// belowInode is a file of a tree below.
type belowInode interface {
	vfs.Inode
	vfs.Glancer
	vfs.Lister
}

// NewOver is a file system that starts as what is in lower, whose inodes must
// be such ones.
func NewOver(ctx vfs.Ctx, lower vfs.FileSystem, o Options) (*FS, error) {
	fs := New(o)
	fs.lower = lower
	root, err := fs.wrap(ctx, nil, "", lower.Root())
	if err != nil {
		return nil, err
	}
	root.parent, root.pinned = root, true
	fs.root, fs.knows = root, root.attr.Knows
	return fs, nil
}

func (fs *FS) statfsLower(ctx vfs.Ctx) (vfs.Statfs, error) {
	st, err := fs.lower.Statfs(ctx)
	if err != nil {
		return st, err
	}
	st.Flags &^= unix.ST_RDONLY
	if limit := fs.limit.Load(); limit > 0 {
		free := uint64(max(0, limit-fs.used.Load()))
		st.Blocks, st.Bfree, st.Bavail = uint64(limit), free, free
		st.Bsize, st.Frsize = pageSize, pageSize
	}
	return st, nil
}

// wrap is a node for a file of the tree below, found as name in dir.
func (fs *FS) wrap(ctx vfs.Ctx, dir *node, name string, lower vfs.Inode) (*node, error) {
	a, err := lower.Attr(ctx)
	if err != nil {
		return nil, err
	}
	return fs.wrapAs(dir, name, lower, fs.asOurs(a)), nil
}

// asOurs are the attributes of a file of the tree below as they are seen through this one.
func (fs *FS) asOurs(a vfs.Attr) vfs.Attr {
	if a.Dev == fs.lower.Dev() {
		a.Dev = fs.dev
	}
	return a
}

func (fs *FS) wrapAs(dir *node, name string, lower vfs.Inode, a vfs.Attr) *node {
	n := &node{fs: fs, parent: dir, home: name, attr: a, lower: lower.(belowInode)}
	n.data.fs = fs
	n.mode.Store(a.Mode)
	n.kept.Store(uint32(a.Attributes) & (vfs.FlagImmutable | vfs.FlagAppend))
	n.copied.Store(!a.IsRegular())
	if a.IsDir() {
		n.dir = &dirData{}
	}
	return n
}

func (n *node) lookupLower(ctx vfs.Ctx, name string) (vfs.Inode, error) {
	lower, err := n.lower.Lookup(ctx, name)
	if err != nil {
		return nil, err
	}
	return inode(n.fs.wrap(ctx, n, name, lower))
}

// glanceLower is Glance of a name that only the tree below may have.
func (n *node) glanceLower(ctx vfs.Ctx, name string) (vfs.Attr, vfs.Inode, error) {
	a, lower, err := n.lower.Glance(ctx, name)
	if err != nil {
		return vfs.Attr{}, nil, err
	}
	a = n.fs.asOurs(a)
	if lower == nil {
		return a, nil, nil
	}
	return a, n.fs.wrapAs(n, name, lower, a), nil
}

// pin makes the node one that memory knows by name, so that a change of it
// lasts.
func (fs *FS) pin(n *node) {
	if fs.lower == nil {
		return
	}
	fs.mu.Lock()
	fs.pinLocked(n)
	fs.mu.Unlock()
}

func (n *node) isPinned() bool {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	return n.pinned
}

func (fs *FS) pinLocked(n *node) {
	for !n.pinned {
		n.pinned = true
		n.partFromLinks()
		if n.parent.dir.names[n.home] == nil {
			n.parent.dir.put(n.home, n, true)
		}
		n = n.parent
	}
}

// partFromLinks makes a file of its own of one that has other names in the
// tree below, which go on as they are there (as in Linux's overlay without an
// index). With the number of the others it would pass for the same file.
func (n *node) partFromLinks() {
	if n.lower == nil || n.dir != nil {
		return
	}
	n.mu.Lock()
	if n.attr.Nlink > 1 {
		n.attr.Nlink, n.attr.Ino = 1, n.fs.nextIno()
	}
	n.mu.Unlock()
}

// copyUp makes the data the node's own, as far as upTo. The caller holds
// n.write.
func (n *node) copyUp(ctx vfs.Ctx, upTo int64) error {
	if n.copied.Load() {
		return nil
	}
	n.fs.pin(n)
	if err := n.copyData(ctx, upTo); err != nil {
		n.data.free()
		return err
	}
	n.copied.Store(true)
	return nil
}

func (n *node) copyData(ctx vfs.Ctx, upTo int64) error {
	if upTo == 0 {
		return nil
	}
	ops, err := n.lower.Open(ctx, unix.O_RDONLY)
	if err != nil {
		return err
	}
	f := vfs.NewFile(ops, n.lower, vfs.Path{}, unix.O_RDONLY)
	defer f.DecRef()
	buf := vfs.GetBuffer(1 << 20)
	defer buf.Free()
	for pos := int64(0); pos < upTo; {
		p, err := readChunk(ctx, f, buf.B, pos)
		if err != nil || len(p) == 0 {
			return err
		}
		if _, err := n.data.writeAt(p, pos); err != nil {
			return err
		}
		pos += int64(len(p))
	}
	return nil
}

// belowCookie is where the names of the tree below stand in a listing.
const belowCookie = 1 << 48

// listLower is the names that the directory below has, with those that are
// hidden; nil: there is none.
func (n *node) listLower(ctx vfs.Ctx) (*vfs.Listing, error) {
	if n.lower == nil {
		return nil, nil
	}
	return n.lower.List(ctx)
}

// iterateBelow lists the names of the tree below that are still there.
func (f *dirFile) iterateBelow(ctx vfs.Ctx, pos *int64, emit func(vfs.DirEntry) bool) error {
	if f.node.lower == nil {
		return nil
	}
	if f.below == nil {
		list, err := f.node.listLower(ctx)
		if err != nil {
			return err
		}
		f.below = list
	}
	for i := int(*pos - belowCookie); i < f.below.Len(); i++ {
		e := f.below.Entry(i)
		e.Next = belowCookie + int64(i) + 1
		if !f.node.hides(e.Name) && !emit(e) {
			return nil
		}
		*pos = e.Next
	}
	return nil
}

// hides tells whether a name of the tree below is not seen, or is listed
// among the directory's own names.
func (n *node) hides(name string) bool {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	e := n.dir.names[name]
	return e != nil && (e.node == nil || e.cookie != 0)
}
