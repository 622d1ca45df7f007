// SPDX-License-Identifier: Apache-2.0

// Package tmpfs is a file system in memory. It can start from a read-only
// tree of another file system (see lower.go), whose files it takes over as
// they are changed; package overlay makes such ones.
//
// Lock order: FS.mu, node.write, node.mu, data.mu.
package tmpfs

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Options are how a tmpfs is made.
type Options struct {
	Size   int64  // bytes that the data may take; 0: no limit
	Inodes int64  // files that there may be; 0: no limit
	Mode   uint32 // of the root; 0: 01777
	UID    cred.UID
	GID    cred.GID
	Name   string // of the type, instead of tmpfs

	hasMode bool // Mode is meant, though it may be 0
	inode64 bool // was asked for
}

// FS is one tmpfs.
type FS struct {
	name       string
	dev        uint64
	root       *node
	limit      atomic.Int64 // in pages; 0: none
	used       atomic.Int64
	nodes      atomic.Int64
	maxNodes   atomic.Int64 // 0: no limit
	xattrBytes atomic.Int64 // of attributes, which take of maxNodes too
	ino        atomic.Uint64
	lower      vfs.FileSystem // nil: none
	knows      uint64         // as vfs.Attr has it: of a tree below what that has
	options    Options
	shows      bool // was mounted by mount(2), and shows its options

	mu sync.RWMutex // the names: dirData of every node, node.parent, node.pinned
}

const magic = 0x01021994 // TMPFS_MAGIC

// New is an empty file system that belongs to root.
func New(o Options) *FS {
	fs := &FS{name: o.Name, dev: vfs.AllocDev(), options: o, knows: vfs.FlagAttributes}
	fs.limit.Store(o.Size / pageSize)
	fs.maxNodes.Store(o.Inodes)
	if fs.name == "" {
		fs.name = "tmpfs"
	}
	mode := o.Mode & 0o7777
	if mode == 0 && !o.hasMode {
		mode = 0o1777
	}
	fs.options.Mode = mode
	fs.root = fs.newNode(unix.S_IFDIR|mode, o.UID, o.GID)
	fs.root.parent = fs.root
	return fs
}

// Name implements vfs.FileSystem.
func (fs *FS) Name() string { return fs.name }

// Dev implements vfs.FileSystem.
func (fs *FS) Dev() uint64 { return fs.dev }

// Root implements vfs.FileSystem.
func (fs *FS) Root() vfs.Inode { return fs.root }

// ForgetsMissing implements vfs.Forgetter, unless the names of a tree below are cached (always_delete_dentry).
func (fs *FS) ForgetsMissing() bool { return fs.lower == nil }

// CacheDentries implements vfs.FileSystem.
func (fs *FS) CacheDentries() bool { return true }

// ReadOnly implements vfs.FileSystem.
func (fs *FS) ReadOnly() bool { return false }

// HandleForm implements vfs.Exporter: what lies on a tree of the host passes for that.
func (fs *FS) HandleForm() vfs.HandleForm {
	switch {
	case fs.lower != nil:
		return vfs.Ino32Handles
	case fs.name == "tmpfs":
		return vfs.ShmemHandles
	}
	return vfs.NoHandles
}

// Statfs implements vfs.FileSystem.
func (fs *FS) Statfs(ctx vfs.Ctx) (vfs.Statfs, error) {
	if fs.lower != nil {
		return fs.statfsLower(ctx)
	}
	st := vfs.Statfs{
		Type: magic, Bsize: pageSize, Frsize: pageSize,
		Fsid: [2]int32{int32(fs.dev), 0}, Namelen: 255, Flags: unix.ST_RELATIME,
	}
	blocks, files := fs.limit.Load(), fs.maxNodes.Load()
	switch {
	case fs.name == "ramfs":
		st.Type = ramfsMagic
		return st, nil
	case !fs.shows && blocks == 0:
		blocks = defaultPages()
	}
	if !fs.shows {
		files = blocks
	}
	st.Blocks, st.Files = uint64(blocks), uint64(files)
	st.Bfree = uint64(max(0, blocks-fs.used.Load()))
	st.Bavail = st.Bfree
	st.Ffree = uint64(max(0, files-fs.nodes.Load()-fs.xattrBytes.Load()/inodeRoom))
	return st, nil
}

// room: ENOSPC if that many pages more are beyond the limit.
func (fs *FS) room(pages int64) error {
	if limit := fs.limit.Load(); limit > 0 && fs.used.Load()+pages > limit {
		return unix.ENOSPC
	}
	return nil
}

// roomForNode: ENOSPC if one file more is beyond the limit.
func (fs *FS) roomForNode() error {
	if most := fs.maxNodes.Load(); most > 0 && fs.inodeRoomLeft() < inodeRoom {
		return unix.ENOSPC
	}
	return nil
}
