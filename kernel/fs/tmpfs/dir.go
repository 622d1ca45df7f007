// SPDX-License-Identifier: Apache-2.0

package tmpfs

import (
	"cmp"
	"slices"
	"sort"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// direntSize is what a name adds to a directory's size (BOGO_DIRENT_SIZE).
const direntSize = 20

// dirData is the names of a directory, under FS.mu. A listing goes from what came last to what came first; a position
// in it is a cookie, which a name keeps that is replaced (simple_offset_rename): then the cookies are in disorder.
type dirData struct {
	names    map[string]*entry
	order    []*entry // what came first is first; those taken out since are still there
	dead     int      // how many of those
	disorder bool     // of the cookies in order
	last     int64    // the cookie given last
	gone     bool     // the directory was removed
}

// entry is a name in a directory.
type entry struct {
	name   string
	node   *node // nil: a whiteout, which hides a name of the tree below
	cookie int64 // what a listing calls it; 0: it is among the names of the tree below
	covers bool  // the tree below has this name too
	out    bool  // taken out
}

// Positions of a listing: behind "." and "..", the least cookie, and the end.
const (
	firstName   = 2
	firstCookie = 3
	lastCookie  = 1<<31 - 1 // DIR_OFFSET_EOD
)

// put makes name lead to n. The caller holds FS.mu, and accounts for links.
func (d *dirData) put(name string, n *node, below bool) {
	old := d.names[name]
	e := &entry{name: name, node: n, covers: below || old != nil && old.covers}
	if old != nil {
		d.takeOut(old)
	}
	if !below {
		if old != nil && old.cookie != 0 {
			e.cookie = old.cookie
			d.disorder = d.disorder || old.cookie != d.last+firstCookie-1
		} else {
			d.last++
			e.cookie = d.last + firstCookie - 1
		}
		d.order = append(d.order, e)
	}
	if d.names == nil {
		d.names = map[string]*entry{}
	}
	d.names[name] = e
}

// remove takes a name out. What the tree below has is whited out.
func (d *dirData) remove(name string) {
	e := d.names[name]
	d.takeOut(e)
	delete(d.names, name)
	if e.covers {
		d.names[name] = &entry{name: name, covers: true}
	}
}

func (d *dirData) takeOut(e *entry) {
	if e.cookie == 0 {
		return
	}
	e.out = true
	d.dead++
	if d.dead > 32 && d.dead > len(d.order)/2 {
		d.order = slices.DeleteFunc(d.order, func(e *entry) bool { return e.out })
		d.dead = 0
		d.disorder = !slices.IsSortedFunc(d.order, func(a, b *entry) int { return cmp.Compare(a.cookie, b.cookie) })
	}
}

// at is where in order a listing goes on (offset_dir_lookup): at the name of that cookie or of the next smaller one. If
// there is none, it begins again; -1: there are no names.
func (d *dirData) at(pos int64) int {
	best := -1
	if pos != firstName && !d.disorder {
		best = sort.Search(len(d.order), func(i int) bool { return d.order[i].cookie > pos }) - 1
		for best >= 0 && d.order[best].out {
			best--
		}
	} else if pos != firstName {
		for i, e := range d.order {
			if !e.out && e.cookie <= pos && (best < 0 || e.cookie > d.order[best].cookie) {
				best = i
			}
		}
	}
	if best < 0 {
		best = d.before(len(d.order))
	}
	return best
}

// before is the place of the name that follows that at i in a listing; -1: none.
func (d *dirData) before(i int) int {
	for i--; i >= 0 && d.order[i].out; i-- {
	}
	return i
}

// cookieAt is the cookie at a place, or that of the end.
func (d *dirData) cookieAt(i int) int64 {
	if i < 0 {
		return lastCookie
	}
	return d.order[i].cookie
}

// empty tells whether the directory has no name of its own; below are the
// names of the tree below.
func (d *dirData) empty(below *vfs.Listing) bool {
	for _, e := range d.names {
		if e.node != nil {
			return false
		}
	}
	for i := range below.Len() {
		if d.names[below.Entry(i).Name] == nil {
			return false
		}
	}
	return true
}

// Lookup implements vfs.Inode.
func (n *node) Lookup(ctx vfs.Ctx, name string) (vfs.Inode, error) {
	if n.dir == nil {
		return nil, unix.ENOTDIR
	}
	n.fs.mu.RLock()
	e := n.dir.names[name]
	n.fs.mu.RUnlock()
	switch {
	case e == nil && n.lower != nil:
		return n.lookupLower(ctx, name)
	case e == nil || e.node == nil:
		return nil, unix.ENOENT
	}
	return e.node, nil
}

// Glance implements vfs.Glancer.
func (n *node) Glance(ctx vfs.Ctx, name string) (vfs.Attr, vfs.Inode, error) {
	n.fs.mu.RLock()
	e := n.dir.names[name]
	n.fs.mu.RUnlock()
	switch {
	case e == nil && n.lower != nil:
		return n.glanceLower(ctx, name)
	case e == nil || e.node == nil:
		return vfs.Attr{}, nil, unix.ENOENT
	}
	a, err := e.node.Attr(ctx)
	if err != nil || e.node.dir == nil {
		return a, nil, err
	}
	return a, e.node, nil
}

// make is a new node in the directory, with its name.
func (n *node) make(ctx vfs.Ctx, name string, mode uint32, init func(*node)) (*node, error) {
	if n.dir == nil {
		return nil, unix.ENOTDIR
	}
	if err := n.fs.roomForNode(); err != nil {
		return nil, err
	}
	child, err := n.newChild(ctx, mode)
	if err != nil {
		return nil, err
	}
	if init != nil {
		init(child)
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if err := n.mayAdd(name); err != nil {
		return nil, err
	}
	n.fs.pinLocked(n)
	n.dir.put(name, child, false)
	if child.dir != nil {
		child.parent = n
		n.changed(1)
	}
	n.resized(direntSize)
	return child, nil
}

// newChild is a node that belongs to whom inode(7) says, with what the directory has for it.
func (n *node) newChild(ctx vfs.Ctx, mode uint32) (*node, error) {
	n.mu.RLock()
	uid, gid, mode := vfs.NewOwner(ctx.Creds(), &n.attr, mode)
	flags := n.flags
	n.mu.RUnlock()
	c := n.fs.newNode(mode, uid, gid)
	c.inheritFlags(flags)
	if err := c.inheritACL(ctx, n); err != nil {
		n.fs.nodes.Add(-1)
		return nil, err
	}
	return c, nil
}

// mayAdd checks what may have changed since the vfs looked.
func (n *node) mayAdd(name string) error {
	if n.dir.gone {
		return unix.ENOENT
	}
	if e := n.dir.names[name]; e != nil && e.node != nil {
		return unix.EEXIST
	}
	return nil
}

// resized notes that names were added or removed.
func (n *node) resized(by int64) {
	n.mu.Lock()
	if n.fs.lower == nil {
		n.attr.Size += by
	}
	n.attr.Mtime = vfs.Now()
	n.attr.Ctime = n.attr.Mtime
	n.mu.Unlock()
}

// Create implements vfs.Inode.
func (n *node) Create(ctx vfs.Ctx, name string, mode uint32, rdev uint64) (vfs.Inode, error) {
	return inode(n.make(ctx, name, mode, func(c *node) { c.attr.Rdev = rdev }))
}

// Mkdir implements vfs.Inode.
func (n *node) Mkdir(ctx vfs.Ctx, name string, mode uint32) (vfs.Inode, error) {
	return inode(n.make(ctx, name, unix.S_IFDIR|mode&0o7777, nil))
}

// Symlink implements vfs.Inode.
func (n *node) Symlink(ctx vfs.Ctx, name, target string) (vfs.Inode, error) {
	takes := int64(0)
	if len(target) >= n.fs.longTarget() {
		takes = 1
		if err := n.fs.room(takes); err != nil {
			return nil, err
		}
	}
	return inode(n.make(ctx, name, unix.S_IFLNK|0o777, func(c *node) {
		c.target, c.attr.Size, c.attr.Blocks = target, int64(len(target)), takes*8
		c.data.account(takes)
	}))
}

// longTarget is how long the target of a symbolic link is that takes a page: shorter ones lie beside the inode
// (SHORT_SYMLINK_LEN), or in it as on ext4.
func (fs *FS) longTarget() int {
	switch {
	case fs.lower != nil:
		return 60
	case fs.name == "ramfs":
		return pathMax
	}
	return 128
}

// pathMax: no target is as long.
const pathMax = 4096

// inode keeps a nil *node from becoming an Inode that is not nil.
func inode(n *node, err error) (vfs.Inode, error) {
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Tmpfile implements vfs.TmpfileMaker.
func (n *node) Tmpfile(ctx vfs.Ctx, mode uint32, linkable bool) (vfs.Inode, error) {
	if err := n.fs.roomForNode(); err != nil {
		return nil, err
	}
	c, err := n.newChild(ctx, mode)
	if err != nil {
		return nil, err
	}
	c.attr.Nlink = 0
	c.tmpfile = linkable
	return c, nil
}

// Link implements vfs.Inode.
func (n *node) Link(ctx vfs.Ctx, name string, target vfs.Inode) error {
	t, ok := target.(*node)
	if !ok || t.fs != n.fs {
		return unix.EXDEV
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if err := n.mayAdd(name); err != nil {
		return err
	}
	t.mu.RLock()
	gone := t.attr.Nlink == 0 && !t.tmpfile
	t.mu.RUnlock()
	if gone {
		return unix.ENOENT
	}
	if err := n.fs.roomForNode(); err != nil && !t.tmpfile {
		return err
	}
	if !t.tmpfile {
		t.linkCounts(1)
	}
	n.fs.pinLocked(t)
	n.fs.pinLocked(n)
	n.dir.put(name, t, false)
	t.tmpfile = false
	t.changed(1)
	n.resized(direntSize)
	return nil
}

// Unlink implements vfs.Inode.
func (n *node) Unlink(ctx vfs.Ctx, name string, target vfs.Inode) error {
	t := target.(*node)
	n.fs.mu.Lock()
	n.fs.pinLocked(t)
	if e := n.dir.names[name]; e == nil || e.node != t {
		n.fs.mu.Unlock()
		return unix.ENOENT
	}
	n.dir.remove(name)
	n.fs.mu.Unlock()
	t.linkCounts(-1)
	t.changed(-1)
	n.resized(-direntSize)
	t.freeIfGone()
	return nil
}

// linkCounts notes that a file gets a further name, or loses one that is not its last: nr_inodes counts those too.
func (n *node) linkCounts(by int64) {
	n.mu.RLock()
	further := n.lower == nil && (by > 0 || n.attr.Nlink > 1)
	n.mu.RUnlock()
	if further {
		n.fs.nodes.Add(by)
	}
}

// Rmdir implements vfs.Inode.
func (n *node) Rmdir(ctx vfs.Ctx, name string, target vfs.Inode) error {
	t := target.(*node)
	below, err := t.listLower(ctx)
	if err != nil {
		return err
	}
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	n.fs.pinLocked(t)
	switch e := n.dir.names[name]; {
	case e == nil || e.node != t:
		return unix.ENOENT
	case !t.dir.empty(below):
		return unix.ENOTEMPTY
	}
	n.dir.remove(name)
	n.lost(t)
	n.resized(-direntSize)
	return nil
}

// lost notes that n has directory t no longer, and nobody has.
func (n *node) lost(t *node) {
	t.dir.gone = true
	t.mu.Lock()
	t.attr.Nlink = 0
	t.attr.Ctime = vfs.Now()
	t.mu.Unlock()
	n.changed(-1)
	t.freeIfGone()
}

// Iterate implements vfs.FileOps: a cookie is 0 before ".", then the cookie
// of the entry that comes next or a later one.
func (f *dirFile) Iterate(ctx vfs.Ctx, file *vfs.File, pos *int64, emit func(vfs.DirEntry) bool) error {
	n := f.node
	n.accessed(file.AtimeRule())
	if *pos == 0 {
		f.below = nil
		if !emit(vfs.DirEntry{Name: ".", Ino: n.attr.Ino, Type: unix.DT_DIR, Next: 1}) {
			return nil
		}
		*pos = 1
	}
	n.fs.mu.RLock()
	up := n.parent
	first := n.dir.cookieAt(n.dir.at(firstName))
	n.fs.mu.RUnlock()
	if *pos == 1 {
		if !emit(vfs.DirEntry{Name: "..", Ino: up.attr.Ino, Type: unix.DT_DIR, Next: first}) {
			return nil
		}
		*pos = first
	}
	below := *pos >= belowCookie && n.lower != nil
	if !below && !f.iterateOwn(pos, emit) {
		return nil
	}
	return f.iterateBelow(ctx, pos, emit)
}

// iterateOwn lists the names that are not of the tree below. It goes by
// batches, so that emit runs without the lock.
func (f *dirFile) iterateOwn(pos *int64, emit func(vfs.DirEntry) bool) bool {
	for *pos != lastCookie {
		batch := f.node.batch(*pos)
		if len(batch) == 0 {
			*pos = lastCookie
		}
		for _, b := range batch {
			if !emit(b) {
				return false
			}
			*pos = b.Next
		}
	}
	if f.node.lower != nil {
		*pos = belowCookie
	}
	return true
}

// batch is the names from a position on, each with where the next one is.
func (n *node) batch(pos int64) []vfs.DirEntry {
	n.fs.mu.RLock()
	defer n.fs.mu.RUnlock()
	var batch []vfs.DirEntry
	for i := n.dir.at(pos); i >= 0 && len(batch) < 128; {
		next := n.dir.before(i)
		batch = append(batch, n.dir.order[i].dirEntry(n.dir.cookieAt(next)))
		i = next
	}
	return batch
}

func (e *entry) dirEntry(next int64) vfs.DirEntry {
	return vfs.DirEntry{Name: e.name, Ino: e.node.attr.Ino, Type: uint8(e.node.Mode() >> 12 & 15), Next: next}
}
