// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"sync"
	"sync/atomic"
	"weak"

	"golang.org/x/sys/unix"
)

// Dentry is a name in a directory, with what stands behind it. A dentry
// without an inode is negative: it says that there is no such name.
type Dentry struct {
	inode Inode     // never changes
	dir   *dirState // of directories only

	at    atomic.Pointer[place] // replaced as a whole by rename
	first place                 // what at points to until then
	state atomic.Uint32         // dUnlinked and its kin
	opens atomic.Int32          // open files of it, but those of O_PATH
}

// place is where a dentry stands. The root of a file system, and what has no
// name in any directory, has no parent.
type place struct {
	parent *Dentry
	name   string
}

var lastDirID atomic.Uint64

// Bits of Dentry.state.
const (
	dUnlinked = 1 << iota // its name was removed
	dMounted              // something is mounted on it, in some namespace
	dUsed                 // it was found since the cache looked last

	dHintShift = 8 // above it: the hint of F_SET_RW_HINT
)

// dirState is what only the dentry of a directory has.
type dirState struct {
	id uint64 // orders the locks of directories

	change sync.Mutex // held while names of the directory are looked up in the file system, or changed

	mu       sync.RWMutex
	children map[string]child
	sweepAt  int // size of children at which those that are gone are swept out
}

// child is a dentry that its directory knows: one that the cache keeps, or one
// that is there as long as something else uses it. A weak pointer costs the
// collector more than a small object, so the first has none.
type child struct {
	kept *Dentry
	weak weak.Pointer[Dentry]
}

// dentry is nil if it is gone.
func (c child) dentry() *Dentry {
	if c.kept != nil {
		return c.kept
	}
	return c.weak.Value()
}

// newDentry is a dentry that no directory knows yet.
func newDentry(parent *Dentry, name string, inode Inode) *Dentry {
	d := &Dentry{inode: inode, first: place{parent, name}}
	d.at.Store(&d.first)
	if inode != nil && inode.Mode()&unix.S_IFMT == unix.S_IFDIR {
		d.dir = &dirState{id: lastDirID.Add(1)}
	}
	return d
}

// Inode is the file behind the name; nil if there is none.
func (d *Dentry) Inode() Inode { return d.inode }

// Name is the dentry's name in its directory now.
func (d *Dentry) Name() string { return d.at.Load().name }

// Parent is the directory that the dentry stands in; nil for a root.
func (d *Dentry) Parent() *Dentry { return d.at.Load().parent }

// OpenCounted is an inode that counts its open files itself, so that those by all of its names are one number.
type OpenCounted interface{ OpenCount() *atomic.Int32 }

// openCount is how many open files there are of the file, but those of O_PATH.
func (d *Dentry) openCount() *atomic.Int32 {
	if c, ok := d.inode.(OpenCounted); ok {
		return c.OpenCount()
	}
	return &d.opens
}

// IsDir tells whether it is a directory.
func (d *Dentry) IsDir() bool { return d.dir != nil }

// WriteHint is how long what is written lives, as somebody said (RWH_WRITE_LIFE_*).
func (d *Dentry) WriteHint() uint32 { return d.state.Load() >> dHintShift }

// SetWriteHint sets it.
func (d *Dentry) SetWriteHint(hint uint32) {
	for {
		old := d.state.Load()
		if d.state.CompareAndSwap(old, old&(1<<dHintShift-1)|hint<<dHintShift) {
			return
		}
	}
}

// IsUnlinked tells whether the name was removed.
func (d *Dentry) IsUnlinked() bool { return d.state.Load()&dUnlinked != 0 }

// cached is the child that the directory knows by name, or nil.
func (d *Dentry) cached(name string) *Dentry {
	d.dir.mu.RLock()
	known := d.dir.children[name]
	d.dir.mu.RUnlock()
	c := known.dentry()
	if c != nil && c.state.Load()&dUsed == 0 {
		c.state.Or(dUsed)
	}
	return c
}

// insert makes c the child that its directory knows by its name.
func (d *Dentry) insert(c *Dentry) {
	s := d.dir
	s.mu.Lock()
	if s.children == nil {
		s.children = map[string]child{}
		s.sweepAt = 64
	}
	s.children[c.Name()] = child{kept: c}
	if len(s.children) >= s.sweepAt {
		s.sweep()
	}
	s.mu.Unlock()
	if old := dcache.hold(c); old != nil {
		old.letGo()
	}
}

// letGo makes the dentry's directory know it only as long as something else
// uses it. Nobody keeps a negative one, which says nothing then.
func (d *Dentry) letGo() {
	at := d.at.Load()
	s := at.parent.dir
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.children[at.name].kept != d: // replaced, or renamed now: then the cache holds it once more
	case d.inode == nil:
		delete(s.children, at.name)
	default:
		s.children[at.name] = child{weak: weak.Make(d)}
	}
}

// sweep drops the names of children that are gone.
func (s *dirState) sweep() {
	for name, c := range s.children {
		if c.dentry() == nil {
			delete(s.children, name)
		}
	}
	s.sweepAt = max(64, 2*len(s.children))
}

// forget makes the directory not know the name.
func (d *Dentry) forget(name string) {
	d.dir.mu.Lock()
	delete(d.dir.children, name)
	d.dir.mu.Unlock()
}

// lookup finds the child by name: a negative dentry if there is none. The
// caller has checked that d is a directory that may be searched.
func (d *Dentry) lookup(ctx Ctx, name string) (*Dentry, error) {
	if c := d.cached(name); c != nil && c.trusted() {
		return c, nil
	}
	d.dir.change.Lock()
	defer d.dir.change.Unlock()
	return d.lookupLocked(ctx, name)
}

// trusted tells whether the dentry may be used without asking its file system.
func (d *Dentry) trusted() bool {
	if d.state.Load()&dMounted != 0 {
		return true
	}
	return d.Parent().inode.FS().CacheDentries()
}

// lookupLocked is lookup for a caller that holds d.dir.change.
func (d *Dentry) lookupLocked(ctx Ctx, name string) (*Dentry, error) {
	c := d.cached(name)
	if c != nil && c.trusted() {
		return c, nil
	}
	inode, err := d.inode.Lookup(ctx, name)
	if err != nil && err != unix.ENOENT {
		return nil, err
	}
	if err == unix.ENOENT {
		inode = nil
	}
	return d.found(c, name, inode), nil
}

// found is the dentry of what a lookup of the name found, nil if nothing; c is the one that the directory knew.
func (d *Dentry) found(c *Dentry, name string, inode Inode) *Dentry {
	if c != nil && c.inode == inode {
		return c
	}
	if c != nil && c.inode != nil && inode == nil {
		c.state.Or(dUnlinked)
	}
	c = newDentry(d, name, inode)
	if d.inode.FS().CacheDentries() || inode != nil {
		d.insert(c)
	}
	return c
}

// dentryCache keeps the dentries that were used lately alive: a clock over a
// fixed number of places.
type dentryCache struct {
	mu   sync.Mutex
	ring []*Dentry
	hand int
}

// dcacheSize bounds the dentries that are kept though nothing uses them.
const dcacheSize = 16384

var dcache dentryCache

// hold keeps d for a while, and returns one that was not used lately, which it
// keeps no longer.
func (c *dentryCache) hold(d *Dentry) (old *Dentry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ring) < dcacheSize {
		c.ring = append(c.ring, d)
		return nil
	}
	for range 16 {
		old = c.ring[c.hand]
		if old.state.Load()&dUsed == 0 {
			break
		}
		old.state.And(^uint32(dUsed))
		c.hand = (c.hand + 1) % dcacheSize
	}
	old, c.ring[c.hand] = c.ring[c.hand], d
	c.hand = (c.hand + 1) % dcacheSize
	return old
}
