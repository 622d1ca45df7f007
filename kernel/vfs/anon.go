// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// PseudoFS is a file system that has inodes but no names: pipefs, sockfs,
// anon_inodefs. It is mounted nowhere.
type PseudoFS struct {
	name  string
	magic int64
	dev   uint64
	mount *Mount
	ino   atomic.Uint64

	regular bool // see Regular
}

// Regular makes the inodes of a file system regular files to all but stat(2), which tells no type of them, as pidfs
// does. None of them can be changed.
func (fs *PseudoFS) Regular() *PseudoFS {
	fs.regular = true
	return fs
}

// IsRegular tells whether a file is a regular one, even if stat(2) does not say so.
func IsRegular(inode Inode) bool {
	return inode.Mode()&unix.S_IFMT == unix.S_IFREG || isUntold(inode)
}

func isUntold(inode Inode) bool {
	a, ok := inode.(*AnonInode)
	return ok && a.fs.regular
}

// isUnchangeable tells whether an inode has no attributes that could be set (anon_inode_setattr).
func isUnchangeable(inode Inode) bool {
	a, ok := inode.(*AnonInode)
	return ok && (a.fs == anonFS || a.fs.regular)
}

// NewPseudoFS is a file system of a type and its statfs(2) magic number. No program can be run
// from it (SB_I_NOEXEC), unless it is tmpfs, as that of memfds.
func NewPseudoFS(name string, magic int64) *PseudoFS {
	fs := &PseudoFS{name: name, magic: magic, dev: AllocDev()}
	var flags uint32
	if magic != unix.TMPFS_MAGIC {
		flags = unix.MS_NOEXEC
	}
	fs.mount = newMount(&Super{fs: fs, owner: cred.InitialNS}, nil, flags)
	return fs
}

func (fs *PseudoFS) Name() string { return fs.name }
func (fs *PseudoFS) Dev() uint64  { return fs.dev }
func (fs *PseudoFS) Root() Inode  { return nil }

// HandleForm implements Exporter.
func (fs *PseudoFS) HandleForm() HandleForm {
	if fs.magic == unix.TMPFS_MAGIC {
		return ShmemHandles
	}
	return NoHandles
}

func (fs *PseudoFS) CacheDentries() bool { return true }
func (fs *PseudoFS) ReadOnly() bool      { return false }

// Statfs implements FileSystem.
func (fs *PseudoFS) Statfs(Ctx) (Statfs, error) {
	return Statfs{Type: fs.magic, Bsize: 4096, Frsize: 4096, Namelen: 255, Flags: unix.ST_RELATIME | 0x20}, nil
}

// AnonInode is an inode without a name. Embed it to add operations.
type AnonInode struct {
	BaseInode
	fs *PseudoFS

	mu   sync.Mutex
	attr Attr
}

// NewInode is a fresh inode: mode has the type, as S_IFIFO|0600 for a pipe.
func (fs *PseudoFS) NewInode(mode uint32, uid cred.UID, gid cred.GID) *AnonInode {
	now := Now()
	return &AnonInode{fs: fs, attr: Attr{
		Mode: mode, Nlink: 1, UID: uid, GID: gid, Ino: fs.ino.Add(1), Dev: fs.dev, Blksize: 4096,
		Atime: now, Mtime: now, Ctime: now,
	}}
}

// FS implements Inode.
func (i *AnonInode) FS() FileSystem { return i.fs }

// Ino is the inode number, for names like "pipe:[123]".
func (i *AnonInode) Ino() uint64 { return i.attr.Ino }

// Mode implements Inode.
func (i *AnonInode) Mode() uint32 {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.attr.Mode
}

// Attr implements Inode.
func (i *AnonInode) Attr(Ctx) (Attr, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.attr, nil
}

// SetAttr implements Inode: permissions, owner and times of a pipe or socket
// can be changed through its descriptor.
func (i *AnonInode) SetAttr(_ Ctx, s *SetAttr) error {
	switch {
	case isUnchangeable(i):
		return unix.EOPNOTSUPP
	case s.Valid&AttrSize != 0:
		return unix.EINVAL
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.attr.Apply(s)
	return nil
}

// anonFS has the one inode that eventfd and its kin share (anon_inode).
var (
	anonFS    = NewPseudoFS("anon_inodefs", 0x09041934)
	anonInode = anonFS.NewInode(0o600, 0, 0)
)

// NewAnonFile is an open file with no name in the tree, on the inode that all
// such files share. name is what /proc/PID/fd shows: "anon_inode:[eventfd]".
func NewAnonFile(name string, ops FileOps, flags uint32) *File {
	return NewAnonFileInode(name, ops, anonInode, flags)
}

// NewAnonFileInode is NewAnonFile on an inode of its own: a pipe's, a socket's.
func NewAnonFileInode(name string, ops FileOps, inode Inode, flags uint32) *File {
	d := newDentry(nil, name, inode)
	m := anonFS.mount
	if p, ok := inode.FS().(*PseudoFS); ok {
		m = p.mount
	}
	return NewFile(ops, inode, Path{m, d}, flags)
}

// Now is the time for timestamps of files.
func Now() Timestamp {
	t := time.Now()
	return Timestamp{t.Unix(), uint32(t.Nanosecond())}
}

// Apply makes the changes of s, and the change of ctime that they bring.
// Truncation is the file's own matter; only the size is noted.
func (a *Attr) Apply(s *SetAttr) {
	if s.Valid&AttrMode != 0 {
		a.Mode = a.Mode&unix.S_IFMT | s.Mode&0o7777
	}
	if s.Valid&AttrUID != 0 {
		a.UID = s.UID
	}
	if s.Valid&AttrGID != 0 {
		a.GID = s.GID
	}
	if s.Valid&AttrSize != 0 {
		a.Size = s.Size
	}
	if s.Valid&AttrAtime != 0 {
		a.Atime = s.Atime
	}
	if s.Valid&AttrMtime != 0 {
		a.Mtime = s.Mtime
	}
	a.Ctime = Now()
}
