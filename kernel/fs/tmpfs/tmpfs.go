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

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Options are how a tmpfs is made.
type Options struct {
	Size int64  // bytes that the data may take; 0: no limit
	Mode uint32 // of the root; 0: 01777
	Name string // of the type, instead of tmpfs
}

// FS is one tmpfs.
type FS struct {
	name  string
	dev   uint64
	root  *node
	limit int64 // in pages; 0: none
	used  atomic.Int64
	nodes atomic.Int64
	ino   atomic.Uint64
	lower vfs.FileSystem // nil: none

	mu sync.RWMutex // the names: dirData of every node, node.parent, node.pinned
}

const magic = 0x01021994 // TMPFS_MAGIC

// New is an empty file system that belongs to root.
func New(o Options) *FS {
	fs := &FS{name: o.Name, dev: vfs.AllocDev(), limit: o.Size / pageSize}
	if fs.name == "" {
		fs.name = "tmpfs"
	}
	mode := o.Mode & 0o7777
	if mode == 0 {
		mode = 0o1777
	}
	fs.root = fs.newNode(unix.S_IFDIR|mode, 0, 0)
	fs.root.parent = fs.root
	return fs
}

// Name implements vfs.FileSystem.
func (fs *FS) Name() string { return fs.name }

// Dev implements vfs.FileSystem.
func (fs *FS) Dev() uint64 { return fs.dev }

// Root implements vfs.FileSystem.
func (fs *FS) Root() vfs.Inode { return fs.root }

// CacheDentries implements vfs.FileSystem.
func (fs *FS) CacheDentries() bool { return true }

// ReadOnly implements vfs.FileSystem.
func (fs *FS) ReadOnly() bool { return false }

// Statfs implements vfs.FileSystem.
func (fs *FS) Statfs(ctx vfs.Ctx) (vfs.Statfs, error) {
	if fs.lower != nil {
		return fs.statfsLower(ctx)
	}
	blocks := fs.limit
	if blocks == 0 {
		var si unix.Sysinfo_t
		if err := unix.Sysinfo(&si); err != nil {
			return vfs.Statfs{}, err
		}
		blocks = int64(si.Totalram) * int64(si.Unit) / pageSize / 2
	}
	free := uint64(max(0, blocks-fs.used.Load()))
	return vfs.Statfs{
		Type: magic, Bsize: pageSize, Frsize: pageSize,
		Blocks: uint64(blocks), Bfree: free, Bavail: free,
		Files: uint64(blocks), Ffree: uint64(max(0, blocks-fs.nodes.Load())),
		Fsid: [2]int32{int32(fs.dev), 0}, Namelen: 255, Flags: unix.ST_RELATIME,
	}, nil
}

// room: ENOSPC if that many pages more are beyond the limit.
func (fs *FS) room(pages int64) error {
	if fs.limit > 0 && fs.used.Load()+pages > fs.limit {
		return unix.ENOSPC
	}
	return nil
}
