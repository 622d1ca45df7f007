// SPDX-License-Identifier: Apache-2.0

// Package hostfs serves a directory of the host that this process was handed
// as a descriptor. It reaches a file one name at a time, relative to its
// directory's descriptor, and never follows a symbolic link: that is the
// vfs's own walk. FIFOs, sockets and device nodes of the host are seen but
// never opened.
//
// Lock order: inode.write, inode.mu, handles.mu.
package hostfs

import (
	"sync"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Options are how a directory of the host is served.
type Options struct {
	ReadOnly bool
	// Cached says that nobody else changes the tree: what was seen once is
	// true until it is changed through this file system.
	Cached bool
	Name   string // of the type; "" is hostfs
	// MaxIdle bounds the descriptors of files that nobody has open, and are
	// kept for the next one; 0 is a default.
	MaxIdle int
}

// FS is one directory of the host with all that is below it.
type FS struct {
	o       Options
	dev     uint64
	base    int // the directory, as it was handed over
	root    *inode
	handles handles
	glanced glanced // of a tree that nobody changes

	mu     sync.Mutex
	devs   map[uint64]uint64 // the host's device numbers: ours
	inodes map[identity]weak.Pointer[inode]
	noACLs map[uint64]bool // which of the host's devices are known to have no access control lists
	sweep  int             // size of inodes at which those that are gone are swept out
}

// identity is what makes two names the same file on the host.
type identity struct{ dev, ino uint64 }

// New serves the directory behind the descriptor fd, which it takes over; or one
// file, and then the descriptor must be one that can be read and, if the file is, written.
// Modes of new files are the vfs's matter, so the process's umask should be 0.
func New(fd int, o Options) (*FS, error) {
	if o.Name == "" {
		o.Name = "hostfs"
	}
	if o.MaxIdle == 0 {
		o.MaxIdle = 512
	}
	fs := &FS{o: o, dev: vfs.AllocDev(), base: fd, devs: map[uint64]uint64{}, inodes: map[identity]weak.Pointer[inode]{}, sweep: 1024}
	fs.handles.max = o.MaxIdle
	st, err := statx(fd, "")
	if err != nil {
		return nil, err
	}
	fs.devs[hostDev(&st)] = fs.dev
	fs.root = fs.newInode(nil, "", &st)
	return fs, nil
}

// Name implements vfs.FileSystem.
func (fs *FS) Name() string { return fs.o.Name }

// Dev implements vfs.FileSystem.
func (fs *FS) Dev() uint64 { return fs.dev }

// Root implements vfs.FileSystem.
func (fs *FS) Root() vfs.Inode { return fs.root }

// CacheDentries implements vfs.FileSystem.
func (fs *FS) CacheDentries() bool { return fs.o.Cached }

// ReadOnly implements vfs.FileSystem.
func (fs *FS) ReadOnly() bool { return fs.o.ReadOnly }

// Statfs implements vfs.FileSystem.
func (fs *FS) Statfs(vfs.Ctx) (vfs.Statfs, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(fs.base, &st); err != nil {
		return vfs.Statfs{}, err
	}
	s := vfs.Statfs{
		Type: st.Type, Bsize: st.Bsize, Frsize: st.Frsize,
		Blocks: st.Blocks, Bfree: st.Bfree, Bavail: st.Bavail,
		Files: st.Files, Ffree: st.Ffree,
		Fsid: st.Fsid.Val, Namelen: st.Namelen, Flags: st.Flags &^ 0x20,
	}
	if fs.o.ReadOnly {
		s.Flags |= unix.ST_RDONLY
	}
	return s, nil
}

// HandleForm implements vfs.Exporter, as most file systems that the host may have there do.
func (fs *FS) HandleForm() vfs.HandleForm {
	if st, err := fs.Statfs(nil); err == nil && st.Type == unix.TMPFS_MAGIC {
		return vfs.ShmemHandles
	}
	return vfs.Ino32Handles
}

// SyncFS implements vfs.Syncer: the host writes the file system that the directory is on.
func (fs *FS) SyncFS() error {
	fd, err := unix.Openat(fs.base, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return unix.Syncfs(fs.base) // one file
	}
	defer unix.Close(fd)
	return unix.Syncfs(fd)
}

// Close gives the descriptors back. Nobody may use the file system any more.
func (fs *FS) Close() error {
	fs.handles.closeIdle()
	return unix.Close(fs.base)
}

// devOf is our number for a device of the host.
func (fs *FS) devOf(host uint64) uint64 {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	d, ok := fs.devs[host]
	if !ok {
		d = vfs.AllocDev()
		fs.devs[host] = d
	}
	return d
}

// statx asks the host for all that it knows of a name.
func statx(dir int, name string) (st unix.Statx_t, err error) {
	flags := unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT
	if name == "" {
		flags |= unix.AT_EMPTY_PATH
	}
	err = hostio.Statx(dir, name, flags, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st)
	return st, err
}

func hostDev(st *unix.Statx_t) uint64 { return unix.Mkdev(st.Dev_major, st.Dev_minor) }

func timestamp(t unix.StatxTimestamp) vfs.Timestamp { return vfs.Timestamp{Sec: t.Sec, Nsec: t.Nsec} }
