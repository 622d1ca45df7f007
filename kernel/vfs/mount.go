// SPDX-License-Identifier: Apache-2.0

// This file is mounts as the path walk sees them. The walk takes no lock: what
// it reads of a mount is replaced as a whole by who changes the tree.

package vfs

import (
	"maps"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Mount is a file system, or a part of one, attached to a place in the tree
// (struct mount).
type Mount struct {
	ID     int
	Unique uint64 // as ID, but never used again (STATX_MNT_ID_UNIQUE)
	FS     FileSystem
	super  *Super
	root   *Dentry // nil: of a pseudo file system

	flags atomic.Uint32                      // MS_*
	point atomic.Pointer[Path]               // where it is attached; nil: nowhere, or the root of a namespace
	kids  atomic.Pointer[map[*Dentry]*Mount] // what is mounted on it, by mount point
	ns    atomic.Pointer[Namespace]          // nil: none (pseudo file systems; what was unmounted)

	users    atomic.Int64 // open files
	writers  atomic.Int64 // regular files open for writing
	expiring atomic.Bool  // nobody used it since MNT_EXPIRE asked first

	Source string // what /proc/PID/mounts shows

	// mountMu guards the rest.
	children    []*Mount   // what is mounted on it, in the order that it came
	peers       *peerGroup // nil: not shared
	master      *peerGroup // nil: no slave
	unbindable  bool
	locked      bool   // can't be unmounted alone: it covers what its namespace must not see
	lockedFlags uint32 // of flags: can't be cleared (MNT_LOCK_*); MS_RELATIME stands for those of atime
}

// mountMu guards the tree of mounts of all namespaces (namespace_sem).
var mountMu sync.RWMutex

var (
	lastMountID     atomic.Int64
	lastUniqueMount atomic.Uint64
	lastDev         atomic.Uint32

	// mountedOn has the mounts on each mount point. mountMu guards it.
	mountedOn = map[*Dentry][]*Mount{}
)

// FirstUniqueMount: unique ids start above it, so that the others can be told from them
// (MNT_UNIQUE_ID_OFFSET).
const FirstUniqueMount = 1 << 31

// AllocDev is a fresh device number for a file system without a device.
func AllocDev() uint64 { return unix.Mkdev(0, 20+lastDev.Add(1)) }

// atimeMask is the flags of which a mount has at most one (MNT_ATIME_MASK; that
// none is set is MS_STRICTATIME).
const atimeMask = unix.MS_NOATIME | unix.MS_RELATIME

// mountFlags are the flags that are a mount's own, and not its file system's.
const mountFlags = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOSYMFOLLOW |
	unix.MS_NOATIME | unix.MS_NODIRATIME | unix.MS_RELATIME

func newMount(s *Super, root *Dentry, flags uint32) *Mount {
	m := &Mount{
		ID: int(lastMountID.Add(1)) + 20, Unique: FirstUniqueMount + lastUniqueMount.Add(1),
		FS: s.fs, super: s, root: root, Source: s.fs.Name(),
	}
	m.flags.Store(flags & mountFlags)
	s.mounts.Add(1)
	if root != nil {
		// A file without a name is there as long as a mount shows it.
		if h, ok := root.inode.(PathHolder); ok {
			h.HoldPath()
		}
	}
	return m
}

// normalFlags makes MS_* flags of mount(2) those of a mount: relatime unless
// something else is asked for.
func normalFlags(flags uint32) uint32 {
	switch {
	case flags&unix.MS_STRICTATIME != 0:
		flags &^= atimeMask
	case flags&unix.MS_NOATIME == 0:
		flags |= unix.MS_RELATIME
	default:
		flags &^= unix.MS_RELATIME
	}
	return flags & mountFlags
}

// end notes that the mount is mounted nowhere any more. It tells whether none of
// its file system is.
func (m *Mount) end() (last bool) {
	if m.root != nil {
		if h, ok := m.root.inode.(PathHolder); ok {
			h.DropPath()
		}
	}
	return m.super.mounts.Add(-1) == 0
}

// on is what is mounted on a dentry of m, at the bottom; nil: nothing.
func (m *Mount) on(d *Dentry) *Mount {
	if kids := m.kids.Load(); kids != nil {
		return (*kids)[d]
	}
	return nil
}

// attach puts m at a place where nothing is mounted. Caller holds mountMu.
func (m *Mount) attach(at Path) {
	kids := map[*Dentry]*Mount{}
	if old := at.Mount.kids.Load(); old != nil {
		kids = maps.Clone(*old)
	}
	kids[at.Dentry] = m
	m.point.Store(&at)
	at.Mount.kids.Store(&kids)
	at.Mount.children = append(at.Mount.children, m)
	mountedOn[at.Dentry] = append(mountedOn[at.Dentry], m)
	at.Dentry.state.Or(dMounted)
}

// detach undoes attach.
func (m *Mount) detach() {
	at := m.point.Load()
	if at == nil {
		return
	}
	kids := maps.Clone(*at.Mount.kids.Load())
	delete(kids, at.Dentry)
	at.Mount.kids.Store(&kids)
	m.point.Store(nil)
	at.Mount.children = without(at.Mount.children, m)
	if mountedOn[at.Dentry] = without(mountedOn[at.Dentry], m); len(mountedOn[at.Dentry]) == 0 {
		delete(mountedOn, at.Dentry)
		at.Dentry.state.And(^uint32(dMounted))
	}
}

// without is a list without one of its mounts; the old list stays as it is.
func without(list []*Mount, m *Mount) []*Mount {
	var rest []*Mount
	for _, o := range list {
		if o != m {
			rest = append(rest, o)
		}
	}
	return rest
}

// top goes from a place to the root of what is mounted there, if anything.
func top(p Path) Path {
	for p.Dentry.state.Load()&dMounted != 0 {
		m := p.Mount.on(p.Dentry)
		if m == nil {
			break
		}
		p = Path{m, m.root}
	}
	return p
}

// Top goes from a place to the root of what is mounted on top there.
func Top(p Path) Path { return top(p) }

// mounted tells whether something is mounted on an entry of a directory, as
// seen by who is in the directory's namespace (is_local_mountpoint).
func mounted(p Path) bool {
	if p.Dentry.state.Load()&dMounted == 0 {
		return false
	}
	mountMu.RLock()
	defer mountMu.RUnlock()
	for _, m := range mountedOn[p.Dentry] {
		if m.ns.Load() == p.Mount.ns.Load() {
			return true
		}
	}
	return false
}

// detachAll unmounts what other namespaces have on a dentry whose name is gone
// (detach_mounts).
func detachAll(d *Dentry) {
	if d.state.Load()&dMounted == 0 {
		return
	}
	mountMu.Lock()
	defer mountMu.Unlock()
	for len(mountedOn[d]) > 0 {
		umountTree(mountedOn[d][0], false)
	}
}

// Namespace is the table that the mount is in; nil for that of a pseudo file
// system, and for one that was unmounted.
func (m *Mount) Namespace() *Namespace { return m.ns.Load() }

// Root is the dentry that the mount shows at its mount point.
func (m *Mount) Root() *Dentry { return m.root }

// Super is the file system as it is mounted.
func (m *Mount) Super() *Super { return m.super }

// Point is where the mount is attached; the zero Path for the root's.
func (m *Mount) Point() Path {
	if at := m.point.Load(); at != nil {
		return *at
	}
	return Path{}
}

// Flags are the mount's MS_* flags.
func (m *Mount) Flags() uint32 { return m.flags.Load() }

// SetFlags replaces the flags, whoever uses the mount.
func (m *Mount) SetFlags(flags uint32) { m.flags.Store(flags) }

// ReadOnly tells whether nothing may be changed through the mount.
func (m *Mount) ReadOnly() bool {
	return m != nil && (m.Flags()&unix.MS_RDONLY != 0 || m.super.ReadOnly() || m.FS.ReadOnly())
}

// hold and release count a file of the mount.
func (p Path) hold() {
	if p.Mount != nil && p.Mount.root != nil {
		p.Mount.users.Add(1)
	}
}

func (p Path) release() {
	if p.Mount != nil && p.Mount.root != nil {
		p.Mount.users.Add(-1)
		p.Mount.used()
	}
}

// used notes that someone was there, for MNT_EXPIRE.
func (m *Mount) used() {
	if m.expiring.Load() {
		m.expiring.Store(false)
	}
}
