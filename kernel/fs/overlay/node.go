// SPDX-License-Identifier: Apache-2.0

// This file is files as an overlay shows them: which layers have them, and what of them is passed through.

package overlay

import (
	"math"
	"strings"
	"sync/atomic"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// node is a file of an overlay: the one in the upper layer, if that has it, else the first of the lower ones; a
// directory is all of them.
type node struct {
	vfs.BaseInode
	fs     *FS
	upper  atomic.Pointer[vfs.Path]
	lowers []vfs.Path
	ino    uint64
	fifo   vfs.FIFO
	opens  atomic.Int32
	keep   atomic.Pointer[vfs.File] // of a file that never had a name, until it is opened

	// fs.mu guards these.
	parent *node
	name   string
	gone   bool // a name of it was removed
}

// asMounter is a task in the role of who mounted the overlay.
type asMounter struct {
	vfs.Ctx
	creds *cred.Creds
}

func (a asMounter) Creds() *cred.Creds { return a.creds }
func (a asMounter) RLimit(int) uint64  { return math.MaxUint64 } // what is copied was written before

func (fs *FS) as(ctx vfs.Ctx) vfs.Ctx { return asMounter{ctx, fs.creds} }

// asOwner is as, but what is made belongs to the caller.
func (fs *FS) asOwner(ctx vfs.Ctx) vfs.Ctx {
	c := fs.creds.Copy()
	c.FSUID, c.FSGID = ctx.Creds().FSUID, ctx.Creds().FSGID
	return asMounter{ctx, c}
}

// at is a directory of a layer as the place where names start.
func at(dir vfs.Path) vfs.At { return vfs.At{Root: dir, Dir: dir} }

// find is what a layer has by a name: ENOENT.
func (fs *FS) find(ctx vfs.Ctx, dir vfs.Path, name string) (vfs.Path, error) {
	return vfs.Lookup(fs.as(ctx), at(dir), name, 0)
}

// isWhiteout tells whether what is at p only hides what lies below.
func isWhiteout(ctx vfs.Ctx, p vfs.Path) bool {
	if p.Inode().Mode()&unix.S_IFMT != unix.S_IFCHR {
		return false
	}
	a, err := p.Inode().Attr(ctx)
	return err == nil && a.Rdev == 0
}

// isOpaque tells whether the directory at p hides what lies below it.
func (fs *FS) isOpaque(ctx vfs.Ctx, p vfs.Path) bool {
	v, err := p.Inode().Getxattr(fs.as(ctx), fs.private+"opaque")
	return err == nil && string(v) == "y"
}

// real is where the file's data and attributes are.
func (n *node) real() vfs.Path {
	if p := n.upper.Load(); p != nil {
		return *p
	}
	return n.lowers[0]
}

// where is the directory that the file stands in, and its name there; nil if it was removed.
func (n *node) where() (*node, string) {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if n.gone {
		return nil, ""
	}
	return n.parent, n.name
}

func (n *node) FS() vfs.FileSystem       { return n.fs }
func (n *node) Mode() uint32             { return n.real().Inode().Mode() }
func (n *node) OpenCount() *atomic.Int32 { return &n.opens }
func (n *node) isDir() bool              { return n.Mode()&unix.S_IFMT == unix.S_IFDIR }

// number gives the node its inode number: that of the first layer below that has the file, which a copy keeps.
func (n *node) number(ctx vfs.Ctx) error {
	from := n.real()
	if len(n.lowers) > 0 && (n.upper.Load() == nil || n.isDir() && n.parent != nil) {
		from = n.lowers[0]
	}
	a, err := from.Inode().Attr(ctx)
	if err != nil {
		return err
	}
	n.ino = a.Ino
	if n.upper.Load() != nil && from == n.real() {
		n.fs.mu.Lock()
		if ino, ok := n.fs.origins[a.Ino]; ok {
			n.ino = ino
		}
		n.fs.mu.Unlock()
	}
	return nil
}

// Attr implements vfs.Inode.
func (n *node) Attr(ctx vfs.Ctx) (vfs.Attr, error) {
	a, err := n.real().Inode().Attr(ctx)
	if err != nil {
		return a, err
	}
	a.Dev, a.Ino = n.fs.dev, n.ino
	if n.isDir() && len(n.lowers) > 0 && a.Nlink > 0 {
		a.Nlink = 1 // nobody counts what several layers have
	}
	return a, nil
}

// Lookup implements vfs.Inode (ovl_lookup).
func (n *node) Lookup(ctx vfs.Ctx, name string) (vfs.Inode, error) {
	var upper *vfs.Path
	if dir := n.upper.Load(); dir != nil {
		p, err := n.fs.find(ctx, *dir, name)
		switch {
		case err == unix.ENOENT:
		case err != nil:
			return nil, err
		case isWhiteout(ctx, p):
			return nil, unix.ENOENT
		default:
			upper = &p
		}
	}
	var lowers []vfs.Path
	if upper == nil || upper.Dentry.IsDir() && !n.fs.isOpaque(ctx, *upper) {
		var err error
		if lowers, err = n.below(ctx, name, upper != nil); err != nil {
			return nil, err
		}
	}
	if upper == nil && lowers == nil {
		return nil, unix.ENOENT
	}
	return n.fs.nodeOf(ctx, n, name, upper, lowers)
}

// below is what the lower layers have by a name: one file, or directories; dirs: directories only.
func (n *node) below(ctx vfs.Ctx, name string, dirs bool) (found []vfs.Path, err error) {
	for _, dir := range n.lowers {
		p, err := n.fs.find(ctx, dir, name)
		switch {
		case err == unix.ENOENT:
			continue
		case err != nil:
			return nil, err
		case isWhiteout(ctx, p):
			return found, nil
		case !p.Dentry.IsDir() && (dirs || found != nil):
			return found, nil
		}
		found = append(found, p)
		if !p.Dentry.IsDir() || n.fs.isOpaque(ctx, p) {
			return found, nil
		}
	}
	return found, nil
}

// nodeOf is the node of what was found; files of the upper layer that have several names are one.
func (fs *FS) nodeOf(ctx vfs.Ctx, dir *node, name string, upper *vfs.Path, lowers []vfs.Path) (vfs.Inode, error) {
	n := &node{fs: fs, lowers: lowers, parent: dir, name: name}
	if upper != nil {
		n.upper.Store(upper)
		fs.mu.Lock()
		old := fs.nodes[upper.Inode()].Value()
		if old != nil && !old.isDir() {
			old.parent, old.name, old.gone = dir, name, false
			fs.mu.Unlock()
			if old.real().Dentry.IsUnlinked() {
				old.upper.Store(upper)
			}
			return old, nil
		}
		fs.mu.Unlock()
	}
	if err := n.number(ctx); err != nil {
		return nil, err
	}
	if upper != nil {
		fs.mu.Lock()
		fs.knowLocked(upper.Inode(), n)
		fs.mu.Unlock()
	}
	return n, nil
}

func (fs *FS) knowLocked(upper vfs.Inode, n *node) {
	fs.nodes[upper] = weak.Make(n)
	if len(fs.nodes) > fs.sweep {
		for i, w := range fs.nodes {
			if w.Value() == nil {
				delete(fs.nodes, i)
			}
		}
		fs.sweep = max(1024, 2*len(fs.nodes))
	}
}

// Touch implements vfs.Toucher: a time of access moves once the file is in the upper layer (ovl_update_time).
func (n *node) Touch(rule vfs.AtimeRule) {
	if upper := n.upper.Load(); upper != nil {
		if t, ok := upper.Inode().(vfs.Toucher); ok {
			t.Touch(rule)
		}
	}
}

// Readlink implements vfs.Inode.
func (n *node) Readlink(ctx vfs.Ctx) (string, error) { return n.real().Inode().Readlink(n.fs.as(ctx)) }

// isOwn tells whether an attribute of a layer is the overlay's own, which it does not show.
func (fs *FS) isOwn(name string) bool { return strings.HasPrefix(name, fs.private) }

const escape = "overlay."

// inLayer is what an attribute is called in the layers: one that is called as the overlay's own are, by a longer name.
func (fs *FS) inLayer(name string) string {
	if rest, ok := strings.CutPrefix(name, fs.private); ok {
		return fs.private + escape + rest
	}
	return name
}

// Getxattr implements vfs.Inode.
func (n *node) Getxattr(ctx vfs.Ctx, name string) ([]byte, error) {
	return n.real().Inode().Getxattr(ctx, n.fs.inLayer(name))
}

// Listxattr implements vfs.Inode.
func (n *node) Listxattr(ctx vfs.Ctx) (names []string, err error) {
	list, err := n.real().Inode().Listxattr(ctx)
	for _, name := range list {
		if rest, ok := strings.CutPrefix(name, n.fs.private+escape); ok {
			names = append(names, n.fs.private+rest)
		} else if !n.fs.isOwn(name) {
			names = append(names, name)
		}
	}
	return names, err
}

// Setxattr implements vfs.Inode.
func (n *node) Setxattr(ctx vfs.Ctx, name string, value []byte, flags uint32) error {
	if err := n.copyUp(ctx, all); err != nil {
		return err
	}
	return n.real().Inode().Setxattr(ctx, n.fs.inLayer(name), value, flags)
}

// Removexattr implements vfs.Inode.
func (n *node) Removexattr(ctx vfs.Ctx, name string) error {
	if n.upper.Load() == nil {
		if _, err := n.Getxattr(ctx, name); err != nil {
			return err
		}
	}
	if err := n.copyUp(ctx, all); err != nil {
		return err
	}
	return n.real().Inode().Removexattr(ctx, n.fs.inLayer(name))
}

// SetAttr implements vfs.Inode.
func (n *node) SetAttr(ctx vfs.Ctx, s *vfs.SetAttr) error {
	size := int64(all)
	if s.Valid&vfs.AttrSize != 0 {
		size = s.Size
	}
	if err := n.copyUp(ctx, size); err != nil {
		return err
	}
	return n.real().Inode().SetAttr(ctx, s)
}

// CanDirect implements vfs.Direct: as the file that it is of (ovl_file.c asks the real one too).
func (n *node) CanDirect() bool { return vfs.CanDirect(n.real().Inode()) }
