// SPDX-License-Identifier: Apache-2.0

// This file asks for the attributes of names that nothing else is wanted of, as who walks a large tree does for each of its
// files: without an inode and a dentry of each, which would only push out others.

package vfs

import (
	"hash/maphash"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Glancer is a directory that tells attributes of a name without making an inode.
type Glancer interface {
	// Glance is Lookup, and Attr of what it finds; the inode comes along only of a directory, which one will go on into.
	Glance(ctx Ctx, name string) (Attr, Inode, error)
}

// glances remembers for a while which names were glanced at: who asks again for one may ask often, and then it is worth a
// place in the cache. Two names may share a place, and the later one has it.
var glances [1 << 14]atomic.Uint32

var glanceSeed = maphash.MakeSeed()

// glanced tells whether the name was glanced at lately, and notes that it is now if note.
func (d *Dentry) glanced(name string, note bool) bool {
	h := (maphash.String(glanceSeed, name) ^ d.dir.id) * 0x9e3779b97f4a7c15
	at, tag := &glances[h>>50], uint32(h)|1 // 0: nobody's
	if at.Load() == tag {
		return true
	}
	if note {
		at.Store(tag)
	}
	return false
}

// StatAt are the attributes of what is at a path: Lookup and Stat in one. The dentry of the place that it returns may be nil:
// then no mount has its root there.
func StatAt(ctx Ctx, at At, path string, how How) (Attr, Path, error) {
	w := walker{ctx: ctx, creds: ctx.Creds(), how: how, glances: true}
	if err := w.start(at, path); err != nil {
		return Attr{}, Path{}, err
	}
	if err := w.walk(path); err != nil {
		return Attr{}, Path{}, err
	}
	w.cur.Mount.used()
	if w.glanced {
		return w.attr, Path{Mount: w.cur.Mount}, nil
	}
	a, err := Stat(ctx, w.cur)
	return a, w.cur, err
}

// glance is step for the last name of a path whose attributes are asked for. Where a glance is enough the walker has them, and
// stays.
func (w *walker) glance(name string, follow bool) (target string, err error) {
	d := w.cur.Dentry
	g, ok := d.inode.(Glancer)
	if !ok || w.how&^Follow != 0 || name == "." || name == ".." || len(name) > nameMax {
		return w.step(name, follow)
	}
	c := d.cached(name)
	if c != nil && c.trusted() {
		return w.enter(c, follow)
	}
	if d.inode.FS().CacheDentries() && d.glanced(name, true) {
		return w.step(name, follow)
	}
	c, err = w.glanceAt(d, g, name, follow)
	if err != nil || c == nil {
		return "", err
	}
	return w.enter(c, follow)
}

// glanceAt asks the file system. It returns a dentry to go on with, if one is needed.
func (w *walker) glanceAt(d *Dentry, g Glancer, name string, follow bool) (*Dentry, error) {
	d.dir.change.Lock()
	defer d.dir.change.Unlock()
	c := d.cached(name)
	if c != nil && c.trusted() {
		return c, nil
	}
	a, inode, err := g.Glance(w.ctx, name)
	switch {
	case err == unix.ENOENT && c == nil:
		return nil, err
	case err == unix.ENOENT, err == nil && follow && a.IsSymlink():
		return d.lookupLocked(w.ctx, name)
	case err != nil:
		return nil, err
	}
	if inode != nil {
		d.found(c, name, inode)
	}
	w.attr, w.glanced = a, true
	return nil, nil
}
