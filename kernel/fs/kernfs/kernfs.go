// SPDX-License-Identifier: Apache-2.0

// Package kernfs is file systems whose files are made up when they are read:
// proc and sysfs. Such a file system is a table of entries; an entry may stand for
// many files, one for each subject (a task, a descriptor).
package kernfs

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Entry is one row of a file system's table. What it is follows from Mode's
// type; the functions that go with other types are nil. of is the subject.
type Entry struct {
	Name string
	Mode uint32 // S_IFREG|0o444

	// Of regular files. Text makes the content; Store takes what was written.
	// Open makes operations for a file that is not text, or refuses to open a directory.
	Text  func(ctx vfs.Ctx, of any) ([]byte, error)
	Store func(ctx vfs.Ctx, of any, data []byte) error
	Open  func(ctx vfs.Ctx, of any, flags uint32) (vfs.FileOps, error)

	// AtStart: a write elsewhere than at the beginning answers EINVAL.
	AtStart bool

	// Plain: its operations know of no flags (seq_read), so that splice(2) can't use them.
	Plain bool

	// Bind is what an open file is about instead of the subject: as that was when it was opened.
	Bind func(ctx vfs.Ctx, of any) (any, error)

	// Of symbolic links. Follow leads to an open object instead of a path.
	Link   func(ctx vfs.Ctx, of any) (string, error)
	Follow func(ctx vfs.Ctx, of any) (vfs.Path, error)

	// Of directories: entries for the same subject, and then what Find finds
	// and List lists, from the lowest key.
	Children []*Entry
	Find     func(ctx vfs.Ctx, of any, name string) (*Entry, any, error)
	List     func(ctx vfs.Ctx, of any, emit func(Child) bool) error

	// Of directories: Links is how many links it has; nil: two, and one for each directory among Children (usual).
	Links func(of any, usual uint32) uint32

	// Of directories: Mkdir makes what Find finds from then on, and Rmdir removes what it found; nil: none can be.
	Mkdir func(ctx vfs.Ctx, of any, name string, mode uint32) (*Entry, any, error)
	Rmdir func(ctx vfs.Ctx, of any, name string) error

	number atomic.Uint64
}

// Child is what an Entry's List tells of one name. Keys ascend.
type Child struct {
	Name  string
	Key   int64
	Entry *Entry
	Of    any
}

// Subject is what files can be about. Subjects are compared.
type Subject interface {
	// Number tells subjects apart in inode numbers.
	Number() uint64
	// Owner is who owns the files of a type and permissions.
	Owner(mode uint32) (cred.UID, cred.GID)
}

// Changeable is a subject whose files have owners and permissions of their own, which can be changed.
type Changeable interface {
	Subject
	// Mode is that of the file of an entry, and Attr adds what else there is.
	Mode(e *Entry) uint32
	Attr(e *Entry, a *vfs.Attr)
	SetAttr(e *Entry, s *vfs.SetAttr) error
	// Gone tells that the files are gone.
	Gone() bool
}

var lastEntry atomic.Uint64

// FS is one such file system.
type FS struct {
	name  string
	magic int64
	dev   uint64
	root  *Entry
	of    any // what the root is about
	made  vfs.Timestamp

	// Options are as /proc/PID/mounts shows them, and Change is a remount with others;
	// nil: there are none. They are set before the file system is used.
	Options func() string
	Change  func(ctx vfs.Ctx, options []vfs.Option) error
}

// New is a file system of a type, with its statfs(2) magic number.
func New(name string, magic int64, root *Entry) *FS {
	return &FS{name: name, magic: magic, dev: vfs.AllocDev(), root: root, made: vfs.Now()}
}

// NewOf is New with a root that is about something.
func NewOf(name string, magic int64, root *Entry, of any) *FS {
	fs := New(name, magic, root)
	fs.of = of
	return fs
}

// Below is the same file system, whose root is another of its directories.
func (fs *FS) Below(root *Entry, of any) *FS {
	sub := *fs
	sub.root, sub.of = root, of
	return &sub
}

// Inode is the file of an entry for a subject.
func (fs *FS) Inode(e *Entry, of any) vfs.Inode { return fs.inode(e, of) }

// About is the entry and the subject of a file; nil for one of another file system.
func About(i vfs.Inode) (e *Entry, of any) {
	if n, ok := i.(node); ok {
		return n.e, n.of
	}
	return nil, nil
}

// Modified tells who watches a file of the file system, or the directory that it is in, that it has changed (kernfs_notify).
func (fs *FS) Modified(dir, file *Entry, of any) {
	vfs.NotifyModified(fs.inode(dir, of), fs.inode(file, of), file.Name)
}

// ShowOptions implements vfs.OptionShower.
func (fs *FS) ShowOptions() string {
	if fs.Options == nil {
		return ""
	}
	return fs.Options()
}

// Reconfigure implements vfs.Reconfigurer.
func (fs *FS) Reconfigure(ctx vfs.Ctx, options []vfs.Option) error {
	if fs.Change == nil {
		return nil
	}
	return fs.Change(ctx, options)
}

// id tells the entry apart from all others.
func (e *Entry) id() uint64 {
	if e.number.Load() == 0 {
		e.number.CompareAndSwap(0, lastEntry.Add(1))
	}
	return e.number.Load()
}

func (fs *FS) Name() string        { return fs.name }
func (fs *FS) Dev() uint64         { return fs.dev }
func (fs *FS) Root() vfs.Inode     { return fs.inode(fs.root, fs.of) }
func (fs *FS) CacheDentries() bool { return false }
func (fs *FS) ReadOnly() bool      { return false }

// Statfs implements vfs.FileSystem.
func (fs *FS) Statfs(vfs.Ctx) (vfs.Statfs, error) {
	return vfs.Statfs{Type: fs.magic, Bsize: 4096, Frsize: 4096, Namelen: 255, Flags: unix.ST_RELATIME | 0x20}, nil
}

// inode is the file that an entry stands for.
func (fs *FS) inode(e *Entry, of any) vfs.Inode {
	n := node{fs: fs, e: e, of: of}
	if e.Follow != nil {
		return magicNode{n}
	}
	return n
}

// node is the inode of an entry for a subject. It is a value: the same file is
// the same inode, however often it is looked up.
type node struct {
	vfs.BaseInode
	fs *FS
	e  *Entry
	of any
}

// FixedNames implements vfs.FixedDir: proc's lookups fail for what is not
// there, sysfs's find that it is not there.
func (n node) FixedNames() bool { return n.fs.magic == unix.PROC_SUPER_MAGIC }

// magicNode is a node whose link leads to an object.
type magicNode struct{ node }

// FollowMagic implements vfs.MagicLinker.
func (n magicNode) FollowMagic(ctx vfs.Ctx) (vfs.Path, error) { return n.e.Follow(ctx, n.of) }

func (n node) FS() vfs.FileSystem { return n.fs }

// Mode implements vfs.Inode.
func (n node) Mode() uint32 {
	if c, ok := n.of.(Changeable); ok {
		return c.Mode(n.e)
	}
	return n.e.Mode
}

// ino is stable, and unlike that of any other file here.
func (n node) ino() uint64 {
	ino := n.e.id()
	if s, ok := n.of.(Subject); ok {
		ino |= (s.Number() + 1) << 16
	}
	return ino
}

// Attr implements vfs.Inode.
func (n node) Attr(vfs.Ctx) (vfs.Attr, error) {
	a := vfs.Attr{
		Mode: n.e.Mode, Nlink: 1, Ino: n.ino(), Dev: n.fs.dev, Blksize: 4096,
		Atime: n.fs.made, Mtime: n.fs.made, Ctime: n.fs.made,
	}
	if n.fs.name == "proc" {
		a.Blksize = 1024
	}
	if n.fs.name == "sysfs" && n.e.Mode&unix.S_IFMT == unix.S_IFREG {
		a.Size = 4096
	}
	if s, ok := n.of.(Subject); ok {
		a.UID, a.GID = s.Owner(n.e.Mode)
	}
	if a.IsDir() {
		a.Nlink = 2
		for _, c := range n.e.Children {
			if c.Mode&unix.S_IFMT == unix.S_IFDIR {
				a.Nlink++
			}
		}
		if n.e.Links != nil {
			a.Nlink = n.e.Links(n.of, a.Nlink)
		}
	}
	if c, ok := n.of.(Changeable); ok {
		c.Attr(n.e, &a)
	}
	return a, nil
}

// SetAttr implements vfs.Inode. Opening with O_TRUNC is no reason to fail.
func (n node) SetAttr(_ vfs.Ctx, s *vfs.SetAttr) error {
	if s.Valid == vfs.AttrSize {
		return nil
	}
	if c, ok := n.of.(Changeable); ok {
		return c.SetAttr(n.e, s)
	}
	return unix.EPERM
}

// Lookup implements vfs.Inode.
func (n node) Lookup(ctx vfs.Ctx, name string) (vfs.Inode, error) {
	if n.e.Mode&unix.S_IFMT != unix.S_IFDIR {
		return nil, unix.ENOTDIR
	}
	if c, ok := n.of.(Changeable); ok && c.Gone() {
		return nil, unix.ENOENT
	}
	for _, c := range n.e.Children {
		if c.Name == name {
			return n.fs.inode(c, n.of), nil
		}
	}
	if n.e.Find == nil {
		return nil, unix.ENOENT
	}
	e, of, err := n.e.Find(ctx, n.of, name)
	if err != nil {
		return nil, err
	}
	return n.fs.inode(e, of), nil
}

// What proc and sysfs answer to changes of their directories.
func (n node) Create(_ vfs.Ctx, _ string, mode uint32, _ uint64) (vfs.Inode, error) {
	if mode&unix.S_IFMT != unix.S_IFREG && n.fs.name == "cgroup2" {
		return nil, unix.EPERM
	}
	return nil, n.noChange()
}

func (n node) Symlink(vfs.Ctx, string, string) (vfs.Inode, error) { return nil, unix.EPERM }

// Mkdir implements vfs.Inode.
func (n node) Mkdir(ctx vfs.Ctx, name string, mode uint32) (vfs.Inode, error) {
	if n.e.Mkdir == nil {
		return nil, unix.EPERM
	}
	e, of, err := n.e.Mkdir(ctx, n.of, name, mode)
	if err != nil {
		return nil, err
	}
	return n.fs.inode(e, of), nil
}

// Rmdir implements vfs.Inode.
func (n node) Rmdir(ctx vfs.Ctx, name string, _ vfs.Inode) error {
	if n.e.Rmdir == nil {
		return unix.EPERM
	}
	return n.e.Rmdir(ctx, n.of, name)
}

func (n node) noChange() error {
	if n.fs.name == "proc" {
		return unix.ENOENT
	}
	return unix.EACCES
}

// Readlink implements vfs.Inode.
func (n node) Readlink(ctx vfs.Ctx) (string, error) {
	if n.e.Link == nil {
		return "", unix.EINVAL
	}
	return n.e.Link(ctx, n.of)
}

// Open implements vfs.Inode.
func (n node) Open(ctx vfs.Ctx, flags uint32) (vfs.FileOps, error) {
	switch {
	case n.e.Mode&unix.S_IFMT == unix.S_IFDIR:
		if n.e.Open != nil {
			return n.e.Open(ctx, n.of, flags)
		}
		return &dir{n: n}, nil
	case n.e.Open != nil:
		return n.e.Open(ctx, n.of, flags)
	case n.fs.name == "sysfs" && n.e.Store == nil && flags&unix.O_ACCMODE != unix.O_RDONLY:
		return nil, unix.EACCES // whoever it is (kernfs_fop_open)
	}
	if n.e.Bind != nil {
		of, err := n.e.Bind(ctx, n.of)
		if err != nil {
			return nil, err
		}
		n.of = of
	}
	return &text{n: n}, nil
}
