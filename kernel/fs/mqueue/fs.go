// SPDX-License-Identifier: Apache-2.0

// This file is the queues of a namespace as a file system (mq_overview(7), "Mounting the message queue filesystem").

package mqueue

import (
	"cmp"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	magic      = 0x19800202 // MQUEUE_MAGIC
	direntSize = 20
	firstQueue = 3 // the cookie behind those of "." and ".."
)

// Type is mqueue as mount(2) finds it: one file system for each ipc namespace.
var Type = &vfs.FSType{Name: "mqueue", User: true, Kept: true, OwnerOf: func(ctx vfs.Ctx) *cred.UserNS {
	if t, ok := ctx.(*task.Task); ok {
		return t.IPC().Owner()
	}
	return cred.InitialNS
}, Check: func(vfs.Ctx, vfs.Option) error { return vfs.NoParam },
	New: func(ctx vfs.Ctx, _ []vfs.Option) (vfs.FileSystem, error) {
		t, ok := ctx.(*task.Task)
		if !ok {
			return nil, unix.ENODEV
		}
		return Of(t).fs, nil
	}}

// fileSystem is the queues of a namespace.
type fileSystem struct {
	ns   *Namespace
	dev  uint64
	root *root
}

func newNamespace(c *cred.Creds) *Namespace {
	ns := &Namespace{queues: map[string]*Queue{}, bytes: map[cred.UID]uint64{}}
	ns.fs = &fileSystem{ns: ns, dev: vfs.AllocDev()}
	ns.fs.root = &root{AnonInode: pseudo.NewInode(unix.S_IFDIR|unix.S_ISVTX|0o777, c.FSUID, c.FSGID), fs: ns.fs}
	return ns
}

func (fs *fileSystem) Name() string        { return "mqueue" }
func (fs *fileSystem) Dev() uint64         { return fs.dev }
func (fs *fileSystem) Root() vfs.Inode     { return fs.root }
func (fs *fileSystem) CacheDentries() bool { return false } // mq_open(2) makes names too
func (fs *fileSystem) ReadOnly() bool      { return false }

// Statfs implements vfs.FileSystem.
func (fs *fileSystem) Statfs(vfs.Ctx) (vfs.Statfs, error) {
	return vfs.Statfs{Type: magic, Bsize: 4096, Frsize: 4096, Namelen: nameMax, Flags: unix.ST_RELATIME | 0x20}, nil
}

// root is its one directory.
type root struct {
	*vfs.AnonInode
	fs *fileSystem
}

// FS implements vfs.Inode.
func (r *root) FS() vfs.FileSystem { return r.fs }

// Attr implements vfs.Inode.
func (r *root) Attr(ctx vfs.Ctx) (vfs.Attr, error) {
	a, err := r.AnonInode.Attr(ctx)
	r.fs.ns.mu.Lock()
	defer r.fs.ns.mu.Unlock()
	a.Nlink, a.Dev, a.Size = 2, r.fs.dev, int64(direntSize*(2+len(r.fs.ns.queues)))
	return a, err
}

// Lookup implements vfs.Inode.
func (r *root) Lookup(_ vfs.Ctx, name string) (vfs.Inode, error) {
	r.fs.ns.mu.Lock()
	defer r.fs.ns.mu.Unlock()
	if q := r.fs.ns.queues[name]; q != nil {
		return q, nil
	}
	return nil, unix.ENOENT
}

// Create implements vfs.Inode: a queue with the attributes that mq_open(2) gives without any.
func (r *root) Create(ctx vfs.Ctx, name string, mode uint32, _ uint64) (vfs.Inode, error) {
	t, ok := ctx.(*task.Task)
	if !ok || mode&unix.S_IFMT != unix.S_IFREG {
		return nil, unix.EPERM
	}
	r.fs.ns.mu.Lock()
	defer r.fs.ns.mu.Unlock()
	if r.fs.ns.queues[name] != nil {
		return nil, unix.EEXIST
	}
	return inode(r.fs.ns.create(t, name, mode&0o7777, nil))
}

// inode keeps a nil *Queue from becoming an Inode that is not nil.
func inode(q *Queue, err error) (vfs.Inode, error) {
	if err != nil {
		return nil, err
	}
	return q, nil
}

// Unlink implements vfs.Inode.
func (r *root) Unlink(_ vfs.Ctx, name string, target vfs.Inode) error {
	r.fs.ns.mu.Lock()
	defer r.fs.ns.mu.Unlock()
	q := r.fs.ns.queues[name]
	if q == nil || q != target {
		return unix.ENOENT
	}
	r.fs.ns.remove(name, q)
	return nil
}

// Open implements vfs.Inode.
func (r *root) Open(vfs.Ctx, uint32) (vfs.FileOps, error) { return &rootFile{r: r}, nil }

// FS implements vfs.Inode.
func (q *Queue) FS() vfs.FileSystem {
	if q.ns == nil {
		return pseudo
	}
	return q.ns.fs
}

// SetAttr implements vfs.Inode: what opens a queue to truncate it changes nothing.
func (q *Queue) SetAttr(ctx vfs.Ctx, s *vfs.SetAttr) error {
	rest := *s
	rest.Valid &^= vfs.AttrSize
	return q.AnonInode.SetAttr(ctx, &rest)
}

// Open implements vfs.Inode.
func (q *Queue) Open(vfs.Ctx, uint32) (vfs.FileOps, error) {
	q.ns.mu.Lock()
	defer q.ns.mu.Unlock()
	q.files++
	return &file{q: q}, nil
}

// rootFile is the directory, open.
type rootFile struct {
	vfs.BaseFile
	r *root
}

// Seekable implements vfs.FileOps.
func (f *rootFile) Seekable() bool { return true }

// Read implements vfs.FileOps.
func (f *rootFile) Read(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) { return 0, unix.EISDIR }

// Sync implements vfs.FileOps.
func (f *rootFile) Sync(vfs.Ctx, *vfs.File, bool) error { return nil }

// Seek implements vfs.FileOps.
func (f *rootFile) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	if whence != unix.SEEK_SET && whence != unix.SEEK_CUR {
		return 0, unix.EINVAL
	}
	return vfs.PlainSeek(off, whence, cur, 0)
}

// Iterate implements vfs.FileOps: the youngest queue comes first.
func (f *rootFile) Iterate(ctx vfs.Ctx, _ *vfs.File, pos *int64, emit func(vfs.DirEntry) bool) error {
	ns := f.r.fs.ns
	entries := []vfs.DirEntry{{Name: ".", Ino: f.r.Ino(), Type: unix.DT_DIR, Next: 1}, {Name: "..", Ino: f.r.Ino(), Type: unix.DT_DIR, Next: 2}}
	ns.mu.Lock()
	for name, q := range ns.queues {
		entries = append(entries, vfs.DirEntry{Name: name, Ino: q.Ino(), Type: unix.DT_REG, Next: firstQueue + lastCookie - int64(q.Ino())})
	}
	ns.mu.Unlock()
	slices.SortFunc(entries, func(a, b vfs.DirEntry) int { return cmp.Compare(a.Next, b.Next) })
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

// lastCookie is that of the first queue ever.
const lastCookie = 1 << 40
