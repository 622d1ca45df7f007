// SPDX-License-Identifier: Apache-2.0

// This file is mount namespaces (mount_namespaces(7), fs/namespace.c).

package vfs

import (
	"cmp"
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Namespace is a tree of mounts (struct mnt_namespace).
type Namespace struct {
	owner  *cred.UserNS
	number uint64
	anon   bool // a detached tree's, which nobody is in

	event   atomic.Uint64 // counts changes of the tree
	changes wait.Queue

	// mountMu guards these.
	root *Mount   // nil once it is empty
	list []*Mount // in the order they were made
}

// FirstNamespaceNumber is the inode number of the first mount namespace.
const FirstNamespaceNumber = 4026531832

// MaxMounts is how many mounts a namespace may have (fs.mount-max).
const MaxMounts = 100000

// NewNamespace is a tree with fs at its root. Below it lies an empty file system
// that nothing shows, so that the root can be replaced (pivot_root(2)).
func NewNamespace(fs FileSystem, flags uint32) *Namespace {
	ns := &Namespace{owner: cred.InitialNS, number: FirstNamespaceNumber}
	below := &rootFS{dev: unix.Mkdev(0, 2)}
	s := superOf(below, cred.InitialNS)
	ns.root = newMount(s, s.root, unix.MS_RELATIME)
	ns.own(ns.root)
	s = superOf(fs, cred.InitialNS)
	m := newMount(s, s.root, normalFlags(flags))
	mountMu.Lock()
	defer mountMu.Unlock()
	m.attach(Path{ns.root, ns.root.root})
	ns.own(m)
	namespaces[ns.number] = ns
	return ns
}

// EmptyNamespace is the first namespace of a kernel without files.
func EmptyNamespace() *Namespace {
	return &Namespace{owner: cred.InitialNS, number: FirstNamespaceNumber}
}

// own enters a mount in the namespace. Caller holds mountMu.
func (ns *Namespace) own(m *Mount) {
	m.ns.Store(ns)
	ns.list = append(ns.list, m)
	ns.touch()
}

// disown undoes own.
func (ns *Namespace) disown(m *Mount) {
	ns.list = without(ns.list, m)
	m.ns.Store(nil)
	if ns.root == m {
		ns.root = nil
	}
	ns.touch()
}

// touch tells who polls /proc/PID/mounts that the tree changed (touch_mnt_namespace).
func (ns *Namespace) touch() {
	if ns != nil {
		ns.event.Add(1)
		ns.changes.Notify(wait.Err | wait.Pri)
	}
}

// Event counts changes of the tree of mounts.
func (ns *Namespace) Event() uint64 { return ns.event.Load() }

// Changes tells of changes of the tree.
func (ns *Namespace) Changes() *wait.Queue { return &ns.changes }

// Root is where the tree starts, on top of all that is mounted there.
func (ns *Namespace) Root() Path {
	mountMu.RLock()
	defer mountMu.RUnlock()
	if ns.root == nil {
		return Path{}
	}
	return top(Path{ns.root, ns.root.root})
}

// Mounts are the mounts in the order of their ids.
func (ns *Namespace) Mounts() []*Mount {
	mountMu.RLock()
	defer mountMu.RUnlock()
	list := slices.Clone(ns.list)
	slices.SortFunc(list, func(a, b *Mount) int { return cmp.Compare(a.Unique, b.Unique) })
	return list
}

// Number is the namespace's inode number.
func (ns *Namespace) Number() uint64 { return ns.number }

// Kind is CLONE_NEWNS.
func (ns *Namespace) Kind() int { return unix.CLONE_NEWNS }

// Owner is the user namespace whose capabilities rule over the tree.
func (ns *Namespace) Owner() *cred.UserNS { return ns.owner }

// Anonymous tells whether it is a detached tree's.
func (ns *Namespace) Anonymous() bool { return ns.anon }

// may tells whether creds may change the tree (may_mount).
func (ns *Namespace) may(creds *cred.Creds) error {
	if !creds.CapableIn(ns.owner, unix.CAP_SYS_ADMIN) {
		return unix.EPERM
	}
	return nil
}

// Copy is a namespace that starts with a copy of all mounts (copy_mnt_ns), and
// belongs to owner. The places in fs move to the copies.
func (ns *Namespace) Copy(owner *cred.UserNS, fs *FS) (*Namespace, error) {
	mountMu.Lock()
	defer mountMu.Unlock()
	if ns.root == nil {
		return nil, unix.EINVAL
	}
	c := copying{unbindable: true, nsFiles: true}
	if owner != ns.owner {
		c.sharedToSlave = true
	}
	root, err := c.tree(ns.root, ns.root.root)
	if err != nil {
		return nil, err
	}
	if owner != ns.owner {
		lockTree(root)
	}
	n := &Namespace{owner: owner, number: cred.NextNamespace(), root: root}
	each(root, n.own)
	namespaces[n.number] = n
	if fs != nil {
		fs.move(c.copies)
	}
	return n, nil
}

// move makes the places of a view those of copies of their mounts.
func (f *FS) move(copies map[*Mount]*Mount) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range []*Path{&f.root, &f.cwd} {
		if m := copies[p.Mount]; m != nil {
			p.Mount = m
		}
	}
}

// lockTree keeps a tree that a less privileged namespace gets as it is:
// nothing in it is uncovered, no flag cleared (lock_mnt_tree).
func lockTree(root *Mount) {
	each(root, func(m *Mount) {
		flags := m.Flags()
		m.lockedFlags |= flags&(unix.MS_RDONLY|unix.MS_NODEV|unix.MS_NOSUID|unix.MS_NOEXEC) | unix.MS_RELATIME
		if m != root {
			m.locked = true
		}
	})
}

// Dissolve unmounts everything: nobody is in the namespace any more.
func (ns *Namespace) Dissolve() {
	mountMu.Lock()
	defer mountMu.Unlock()
	if namespaces[ns.number] == ns {
		delete(namespaces, ns.number)
	}
	if ns.root != nil {
		umountTree(ns.root, false)
	}
}

// each calls f for a mount and all that is mounted below it, parents first.
func each(m *Mount, f func(*Mount)) {
	f(m)
	for _, c := range m.children {
		each(c, f)
	}
}

// Mount attaches fs at a path of the tree, which must exist; the root's own
// permissions don't matter. flags are MS_*.
func (ns *Namespace) Mount(ctx Ctx, path string, fs FileSystem, flags uint32) (*Mount, error) {
	root := ns.Root()
	at, err := Lookup(ctx, At{Root: root, Dir: root}, path, Follow)
	if err != nil {
		return nil, err
	}
	s := superOf(fs, cred.InitialNS)
	return ns.MountAt(at, s, s.root, flags)
}

// Bind attaches what is at source at the path.
func (ns *Namespace) Bind(ctx Ctx, source Path, path string, flags uint32) (*Mount, error) {
	root := ns.Root()
	at, err := Lookup(ctx, At{Root: root, Dir: root}, path, Follow)
	if err != nil {
		return nil, err
	}
	return ns.MountAt(at, source.Mount.super, source.Dentry, flags)
}

// MountAt attaches a dentry of a file system at a place. ENOTDIR if one of them
// is a directory and the other is not.
func (ns *Namespace) MountAt(at Path, s *Super, root *Dentry, flags uint32) (*Mount, error) {
	mountMu.Lock()
	defer mountMu.Unlock()
	m := newMount(s, root, normalFlags(flags))
	return m, graft(m, at)
}

// rootFS is the empty file system below the root of a namespace.
type rootFS struct{ dev uint64 }

func (fs *rootFS) Name() string        { return "rootfs" }
func (fs *rootFS) Dev() uint64         { return fs.dev }
func (fs *rootFS) Root() Inode         { return rootInode{fs: fs} }
func (fs *rootFS) CacheDentries() bool { return true }
func (fs *rootFS) ReadOnly() bool      { return false }
func (fs *rootFS) Statfs(Ctx) (Statfs, error) {
	return Statfs{Type: 0x858458f6, Bsize: 4096, Frsize: 4096, Namelen: 255}, nil
}

// rootInode is its one directory.
type rootInode struct {
	BaseInode
	fs *rootFS
}

func (i rootInode) FS() FileSystem                    { return i.fs }
func (i rootInode) Mode() uint32                      { return unix.S_IFDIR | 0o755 }
func (i rootInode) Lookup(Ctx, string) (Inode, error) { return nil, unix.ENOENT }
func (i rootInode) Attr(Ctx) (Attr, error) {
	return Attr{Mode: i.Mode(), Nlink: 2, Ino: 1, Dev: i.fs.dev, Blksize: 4096}, nil
}
