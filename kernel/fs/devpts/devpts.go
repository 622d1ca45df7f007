// SPDX-License-Identifier: Apache-2.0

// Package devpts is the file system of pseudo-terminal slaves (pts(4)):
// opening ptmx makes a pair, whose slave is here under its number.
package devpts

import (
	"slices"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/tty"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	magic    = 0x1cd1 // DEVPTS_SUPER_MAGIC
	maxPtys  = 4096   // kernel.pty.max
	rootIno  = 1
	ptmxIno  = 2
	firstIno = 3 // of slave 0
)

// Options are the mount options that Linux has.
type Options struct {
	GID      cred.GID // of slaves
	Mode     uint32   // of slaves; 0: 0620
	PtmxMode uint32   // 0: 0666
	UID      cred.UID // of slaves, if hasUID; else who opened the master

	hasUID, hasGID bool
	noPtmx         bool // PtmxMode is meant, though it is 0
}

// FS is one instance of devpts.
type FS struct {
	opts Options
	dev  uint64
	root *dir
	ptmx *node

	mu     sync.Mutex
	slaves map[int]*node
}

// New is an instance with no terminals.
func New(o Options) *FS {
	if o.Mode == 0 {
		o.Mode = 0o620
	}
	if o.PtmxMode == 0 && !o.noPtmx {
		o.PtmxMode = 0o666
	}
	fs := &FS{opts: o, dev: vfs.AllocDev(), slaves: map[int]*node{}}
	fs.root = &dir{node: fs.newNode(unix.S_IFDIR|0o755, rootIno, 0, 0, 0)}
	fs.ptmx = fs.newNode(unix.S_IFCHR|o.PtmxMode, ptmxIno, unix.Mkdev(5, 2), 0, 0)
	return fs
}

// Name implements vfs.FileSystem.
func (fs *FS) Name() string { return "devpts" }

// Dev implements vfs.FileSystem.
func (fs *FS) Dev() uint64 { return fs.dev }

// Root implements vfs.FileSystem.
func (fs *FS) Root() vfs.Inode { return fs.root }

// CacheDentries implements vfs.FileSystem: slaves come and go by themselves.
func (fs *FS) CacheDentries() bool { return false }

// ReadOnly implements vfs.FileSystem.
func (fs *FS) ReadOnly() bool { return false }

// Statfs implements vfs.FileSystem.
func (fs *FS) Statfs(vfs.Ctx) (vfs.Statfs, error) {
	return vfs.Statfs{Type: magic, Bsize: 4096, Frsize: 4096, Namelen: 255}, nil
}

// AddHost puts a terminal of the host's under its number, as one of the
// sandbox's own.
func (fs *FS) AddHost(t *tty.TTY, uid cred.UID) {
	index := hostIndex(t)
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n := fs.newNode(unix.S_IFCHR|fs.opts.Mode, uint64(firstIno+index), t.Rdev(), uid, fs.opts.GID)
	n.tty = t
	fs.slaves[index] = n
}

// RemoveHost takes away what AddHost added.
func (fs *FS) RemoveHost(t *tty.TTY) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	delete(fs.slaves, hostIndex(t))
}

func hostIndex(t *tty.TTY) int {
	return int(unix.Major(t.Rdev())-136)<<8 | int(unix.Minor(t.Rdev()))
}

// FreeIndex is the lowest number that no terminal has now.
func (fs *FS) FreeIndex() int {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.freeIndex()
}

func (fs *FS) freeIndex() int {
	index := 0
	for fs.slaves[index] != nil {
		index++
	}
	return index
}

// OpenPtmx makes a pseudo-terminal and is its master (open of /dev/ptmx):
// ENOSPC if there are too many.
func (fs *FS) OpenPtmx(ctx vfs.Ctx, _ vfs.Inode, _ uint64, _ uint32) (vfs.FileOps, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	index := fs.freeIndex()
	if index >= maxPtys {
		return nil, unix.ENOSPC
	}
	p, ops := tty.NewPty(index)
	uid, gid := ctx.Creds().FSUID, fs.opts.GID
	if fs.opts.hasUID {
		uid = fs.opts.UID
	}
	if fs.opts.noPtmx && !fs.opts.hasGID {
		gid = ctx.Creds().FSGID
	}
	n := fs.newNode(unix.S_IFCHR|fs.opts.Mode, uint64(firstIno+index), p.Slave.Rdev(), uid, gid)
	n.tty = p.Slave
	fs.slaves[index] = n
	p.Closed = func() {
		fs.mu.Lock()
		defer fs.mu.Unlock()
		delete(fs.slaves, index)
	}
	p.OpenPeer = func(ctx vfs.Ctx, flags uint32) (*vfs.File, error) {
		ops, err := n.Open(ctx, flags)
		if err != nil {
			return nil, err
		}
		return vfs.NewAnonFileInode("/dev/pts/"+strconv.Itoa(index), ops, n, flags), nil
	}
	return ops, nil
}

// OpenSlave opens the slave that a device number names, by any inode.
func (fs *FS) OpenSlave(ctx vfs.Ctx, _ vfs.Inode, rdev uint64, flags uint32) (vfs.FileOps, error) {
	fs.mu.Lock()
	n := fs.slaves[int(unix.Major(rdev)-136)<<8|int(unix.Minor(rdev))]
	fs.mu.Unlock()
	if n == nil {
		return nil, unix.EIO
	}
	return n.Open(ctx, flags)
}

func (fs *FS) find(name string) *node {
	if name == "ptmx" {
		return fs.ptmx
	}
	i, err := strconv.Atoi(name)
	if err != nil || strconv.Itoa(i) != name {
		return nil
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.slaves[i]
}

func (fs *FS) indices() []int {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	l := make([]int, 0, len(fs.slaves))
	for i := range fs.slaves {
		l = append(l, i)
	}
	slices.Sort(l)
	return l
}

// node is an inode of devpts.
type node struct {
	vfs.BaseInode
	fs  *FS
	tty *tty.TTY // of slaves

	mu   sync.Mutex
	attr vfs.Attr
}

func (fs *FS) newNode(mode uint32, ino, rdev uint64, uid cred.UID, gid cred.GID) *node {
	now := vfs.Now()
	n := &node{fs: fs}
	n.attr = vfs.Attr{
		Mode: mode, Nlink: 1, UID: uid, GID: gid, Rdev: rdev, Ino: ino, Dev: fs.dev, Blksize: 1024,
		Atime: now, Mtime: now, Ctime: now,
	}
	if ino == rootIno {
		n.attr.Nlink = 2
	}
	return n
}

// FS implements vfs.Inode.
func (n *node) FS() vfs.FileSystem { return n.fs }

// Mode implements vfs.Inode.
func (n *node) Mode() uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.attr.Mode
}

// Attr implements vfs.Inode.
func (n *node) Attr(vfs.Ctx) (vfs.Attr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.attr, nil
}

// SetAttr implements vfs.Inode.
func (n *node) SetAttr(_ vfs.Ctx, s *vfs.SetAttr) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := *s
	c.Valid &^= vfs.AttrSize // O_TRUNC of a device does nothing
	n.attr.Apply(&c)
	return nil
}

// Open implements vfs.Inode.
func (n *node) Open(ctx vfs.Ctx, flags uint32) (vfs.FileOps, error) {
	if n == n.fs.ptmx {
		return n.fs.OpenPtmx(ctx, n, 0, flags)
	}
	ops, err := n.tty.Open(ctx, flags)
	if err == nil {
		n.tty.AcquireOnOpen(ctx, flags)
	}
	return ops, err
}

// dir is the root.
type dir struct{ *node }

// Lookup implements vfs.Inode.
func (d *dir) Lookup(_ vfs.Ctx, name string) (vfs.Inode, error) {
	if n := d.fs.find(name); n != nil {
		return n, nil
	}
	return nil, unix.ENOENT
}

// Open implements vfs.Inode.
func (d *dir) Open(vfs.Ctx, uint32) (vfs.FileOps, error) { return &dirFile{fs: d.fs}, nil }

type dirFile struct {
	vfs.BaseFile
	fs *FS
}

// Seekable implements vfs.FileOps.
func (*dirFile) Seekable() bool { return true }

// Seek implements vfs.FileOps.
func (*dirFile) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	switch whence {
	case unix.SEEK_CUR:
		off += cur
	case unix.SEEK_SET:
	default:
		return 0, unix.EINVAL
	}
	if off < 0 {
		return 0, unix.EINVAL
	}
	return off, nil
}

// Read implements vfs.FileOps.
func (*dirFile) Read(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) { return 0, unix.EISDIR }

// Iterate implements vfs.FileOps: the cookie of slave i is i+3.
func (f *dirFile) Iterate(_ vfs.Ctx, _ *vfs.File, pos *int64, emit func(vfs.DirEntry) bool) error {
	entries := []vfs.DirEntry{
		{Name: ".", Ino: rootIno, Type: unix.DT_DIR, Next: 1},
		{Name: "..", Ino: rootIno, Type: unix.DT_DIR, Next: 2},
		{Name: "ptmx", Ino: ptmxIno, Type: unix.DT_CHR, Next: 3},
	}
	for _, i := range f.fs.indices() {
		entries = append(entries, vfs.DirEntry{
			Name: strconv.Itoa(i), Ino: uint64(firstIno + i), Type: unix.DT_CHR, Next: int64(i + 4),
		})
	}
	for _, e := range entries {
		if e.Next <= *pos {
			continue
		}
		if !emit(e) {
			return nil
		}
		*pos = e.Next
	}
	return nil
}
