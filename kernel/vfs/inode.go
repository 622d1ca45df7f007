// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Ctx is on whose behalf a file is used: a task (package task implements it).
type Ctx interface {
	wait.Sleeper
	Creds() *cred.Creds
	// Memory is the caller's address space, for ioctl and its kin.
	Memory() user.Memory
	// RLimit is the soft limit of resource (RLIMIT_FSIZE, ...).
	RLimit(resource int) uint64
	// RLimitMax is the hard one.
	RLimitMax(resource int) uint64
	// Raise sends the caller itself a signal (SIGPIPE, SIGXFSZ).
	Raise(signo int)
}

// Timestamp is a time of a file: seconds and nanoseconds since the epoch.
type Timestamp struct {
	Sec  int64
	Nsec uint32
}

// Attr are the attributes of an inode, as statx(2) has them.
type Attr struct {
	Mode       uint32 // type and permissions: S_IFREG|0644
	Nlink      uint32
	UID        cred.UID
	GID        cred.GID
	Rdev       uint64 // of device nodes; unix.Mkdev form
	Ino        uint64
	Dev        uint64 // of the file system
	Size       int64
	Blocks     int64 // of 512 bytes
	Blksize    uint32
	Atime      Timestamp
	Mtime      Timestamp
	Ctime      Timestamp
	Btime      Timestamp // zero: not known
	Attributes uint64    // STATX_ATTR_*
	Knows      uint64    // the attributes that the file system has, set or not (stx_attributes_mask)
}

// IsDir tells whether it is a directory. (And so on for the other types.)
func (a *Attr) IsDir() bool { return a.Mode&unix.S_IFMT == unix.S_IFDIR }

// IsRegular tells whether it is a regular file.
func (a *Attr) IsRegular() bool { return a.Mode&unix.S_IFMT == unix.S_IFREG }

// IsSymlink tells whether it is a symbolic link.
func (a *Attr) IsSymlink() bool { return a.Mode&unix.S_IFMT == unix.S_IFLNK }

// SetAttr is a change of attributes. Valid says which fields count.
type SetAttr struct {
	Valid        uint32 // AttrMode and its kin
	Mode         uint32 // permissions only
	UID          cred.UID
	GID          cred.GID
	Size         int64
	Atime, Mtime Timestamp
	// Quiet: a file that has the size already keeps its times.
	Quiet bool
}

// What a SetAttr changes.
const (
	AttrMode = 1 << iota
	AttrUID
	AttrGID
	AttrSize
	AttrAtime
	AttrMtime
)

// Inode is a file as its file system keeps it. The vfs has checked permissions
// and the form of names ("." and ".." never come here) before it calls. Methods are safe for
// concurrent use. Embed BaseInode for the answers of an inode that lacks an
// operation.
type Inode interface {
	FS() FileSystem
	// Mode is the type and permissions, without asking anyone else; quick.
	Mode() uint32
	Attr(ctx Ctx) (Attr, error)
	SetAttr(ctx Ctx, s *SetAttr) error

	// Of directories. Lookup answers ENOENT for a name that is not there.
	Lookup(ctx Ctx, name string) (Inode, error)
	// Create makes a regular file, FIFO, socket or device node (mode has the
	// type); owner is the creator's FSUID/FSGID (or the setgid directory's).
	Create(ctx Ctx, name string, mode uint32, rdev uint64) (Inode, error)
	Mkdir(ctx Ctx, name string, mode uint32) (Inode, error)
	Symlink(ctx Ctx, name, target string) (Inode, error)
	Link(ctx Ctx, name string, target Inode) error
	Unlink(ctx Ctx, name string, target Inode) error
	Rmdir(ctx Ctx, name string, target Inode) error
	// Rename moves oldName of this directory to newName of newDir; replaced is what
	// stands there, or nil; flags are RENAME_*.
	Rename(ctx Ctx, oldName string, moved Inode, newDir Inode, newName string, replaced Inode, flags uint32) error

	// Readlink is the target of a symbolic link; EINVAL for anything else.
	Readlink(ctx Ctx) (string, error)

	// Open makes the operations of a new open file. flags are open(2)'s;
	// O_CREAT, O_EXCL and O_TRUNC were dealt with.
	Open(ctx Ctx, flags uint32) (FileOps, error)

	// Extended attributes: ENODATA, EOPNOTSUPP, ERANGE is the caller's matter.
	Getxattr(ctx Ctx, name string) ([]byte, error)
	Setxattr(ctx Ctx, name string, value []byte, flags uint32) error
	Listxattr(ctx Ctx) ([]string, error)
	Removexattr(ctx Ctx, name string) error
}

// MagicLinker is an inode whose link leads to an open object and not to a
// path: /proc/PID/fd/N, exe, cwd, root, ns/*.
type MagicLinker interface {
	FollowMagic(ctx Ctx) (Path, error)
}

// Statfs is what statfs(2) says of a file system.
type Statfs struct {
	Type                  int64
	Bsize, Frsize         int64
	Blocks, Bfree, Bavail uint64
	Files, Ffree          uint64
	Fsid                  [2]int32
	Namelen, Flags        int64
}

// FileSystem is one mounted instance (struct super_block).
type FileSystem interface {
	// Name is the type as /proc/filesystems has it.
	Name() string
	Dev() uint64
	Root() Inode
	Statfs(ctx Ctx) (Statfs, error)
	// CacheDentries tells whether the vfs may keep what Lookup found, and what
	// it did not find, until the vfs itself changes it. False for proc.
	CacheDentries() bool
	// ReadOnly file systems answer EROFS to every change.
	ReadOnly() bool
}
