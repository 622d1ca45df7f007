// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Mount is a file system, or a part of one, attached to a place in the tree.
type Mount struct {
	ID    int
	FS    FileSystem
	ns    *Namespace // nil: belongs to none (pseudo file systems)
	root  *Dentry
	at    Path // the mount point; zero for the root of a namespace
	flags atomic.Uint32

	// Source and Options are what /proc/PID/mounts shows.
	Source, Options string
}

// Namespace is a table of mounts (struct mnt_namespace).
type Namespace struct {
	root Path

	mu     sync.RWMutex
	mounts map[Path]*Mount // by mount point
	list   []*Mount        // in the order they were made
}

var (
	lastMountID atomic.Int64
	lastDev     atomic.Uint32

	roots sync.Map // FileSystem: *Dentry, so that a file system has one root dentry
)

// AllocDev is a fresh device number for a file system without a device.
func AllocDev() uint64 { return unix.Mkdev(0, 20+lastDev.Add(1)) }

// NewNamespace is a table with fs at its root.
func NewNamespace(fs FileSystem, flags uint32) *Namespace {
	m := newMount(fs, rootDentry(fs), flags)
	m.ns = &Namespace{
		root:   Path{m, m.root},
		mounts: map[Path]*Mount{},
		list:   []*Mount{m},
	}
	return m.ns
}

func newMount(fs FileSystem, root *Dentry, flags uint32) *Mount {
	m := &Mount{ID: int(lastMountID.Add(1)) + 20, FS: fs, root: root, Source: fs.Name()}
	m.flags.Store(flags)
	return m
}

func rootDentry(fs FileSystem) *Dentry {
	if d, ok := roots.Load(fs); ok {
		return d.(*Dentry)
	}
	d, _ := roots.LoadOrStore(fs, newDentry(nil, "/", fs.Root()))
	return d.(*Dentry)
}

// Root is where the tree starts.
func (ns *Namespace) Root() Path { return ns.root }

// Mounts are the mounts in the order they were made.
func (ns *Namespace) Mounts() []*Mount {
	ns.mu.RLock()
	defer ns.mu.RUnlock()
	return slices.Clone(ns.list)
}

// Mount attaches fs at a path of the tree, which must exist; the root's own
// permissions don't matter. flags are MS_*.
func (ns *Namespace) Mount(ctx Ctx, path string, fs FileSystem, flags uint32) (*Mount, error) {
	at, err := Lookup(ctx, At{Root: ns.root, Dir: ns.root}, path, Follow)
	if err != nil {
		return nil, err
	}
	return ns.MountAt(at, fs, rootDentry(fs), flags)
}

// Bind attaches what is at source at the path.
func (ns *Namespace) Bind(ctx Ctx, source Path, path string, flags uint32) (*Mount, error) {
	at, err := Lookup(ctx, At{Root: ns.root, Dir: ns.root}, path, Follow)
	if err != nil {
		return nil, err
	}
	return ns.MountAt(at, source.Mount.FS, source.Dentry, flags)
}

// MountAt attaches a dentry of fs at a place. ENOTDIR if one of them is a
// directory and the other is not.
func (ns *Namespace) MountAt(at Path, fs FileSystem, root *Dentry, flags uint32) (*Mount, error) {
	if at.Dentry.IsDir() != root.IsDir() {
		return nil, unix.ENOTDIR
	}
	if at.Dentry.IsUnlinked() {
		return nil, unix.ENOENT
	}
	m := newMount(fs, root, flags)
	ns.mu.Lock()
	defer ns.mu.Unlock()
	for ns.mounts[at] != nil { // on top of what is mounted there
		under := ns.mounts[at]
		at = Path{under, under.root}
	}
	m.at, m.ns = at, ns
	ns.mounts[at] = m
	ns.list = append(ns.list, m)
	at.Dentry.state.Or(dMounted)
	return m, nil
}

// Unmount detaches the mount whose root p is. EINVAL if p is no such root,
// EBUSY if something is mounted on it.
func (ns *Namespace) Unmount(p Path) error {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if p.Mount.root != p.Dentry || p.Mount.at.Mount == nil || ns.mounts[p.Mount.at] != p.Mount {
		return unix.EINVAL
	}
	for at := range ns.mounts {
		if at.Mount == p.Mount {
			return unix.EBUSY
		}
	}
	delete(ns.mounts, p.Mount.at)
	ns.list = slices.DeleteFunc(ns.list, func(m *Mount) bool { return m == p.Mount })
	return nil
}

// top goes from a place to the root of what is mounted there, if anything.
func top(p Path) Path {
	ns := p.Mount.ns
	if p.Dentry.state.Load()&dMounted == 0 || ns == nil {
		return p
	}
	ns.mu.RLock()
	defer ns.mu.RUnlock()
	for {
		m := ns.mounts[p]
		if m == nil {
			return p
		}
		p = Path{m, m.root}
	}
}

// Top goes from a place to the root of what is mounted on top there.
func Top(p Path) Path { return top(p) }

// mounted tells whether something is mounted on the dentry.
func mounted(p Path) bool { return top(p) != p }

// Namespace is the table that the mount is in; nil for that of a pseudo file
// system.
func (m *Mount) Namespace() *Namespace { return m.ns }

// Root is the dentry that the mount shows at its mount point.
func (m *Mount) Root() *Dentry { return m.root }

// Point is where the mount is attached; the zero Path for the root's.
func (m *Mount) Point() Path { return m.at }

// Flags are the mount's MS_* flags.
func (m *Mount) Flags() uint32 { return m.flags.Load() }

// SetFlags replaces the flags (a remount).
func (m *Mount) SetFlags(flags uint32) { m.flags.Store(flags) }

// ReadOnly tells whether nothing may be changed through the mount.
func (m *Mount) ReadOnly() bool {
	return m != nil && (m.Flags()&unix.MS_RDONLY != 0 || m.FS.ReadOnly())
}
