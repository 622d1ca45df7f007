// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
)

// At is where a path starts.
type At struct {
	Root Path // of absolute paths
	Dir  Path // of others
}

// Follow makes a walk follow a symbolic link at the end of the path.
const Follow = 1 << 32

// How a walk goes: RESOLVE_* of openat2(2), and Follow.
type How uint64

// ResolveCached is RESOLVE_CACHED: EAGAIN where a file system must be asked.
const ResolveCached = 0x20

const (
	maxLinks = 40 // MAXSYMLINKS
	nameMax  = 255
	pathMax  = 4096
)

// walker is one walk along a path.
type walker struct {
	ctx   Ctx
	creds *cred.Creds
	how   How
	root  Path
	cur   Path
	links int

	rooted bool // the root has been needed

	glances bool // attributes are all that is wanted of what the path leads to
	glanced bool // attr are those, of what is below cur
	attr    Attr
}

// Lookup finds what is at a path. An empty path is ENOENT.
func Lookup(ctx Ctx, at At, path string, how How) (Path, error) {
	w := walker{ctx: ctx, creds: ctx.Creds(), how: how}
	if err := w.start(at, path); err != nil {
		return Path{}, err
	}
	if err := w.walk(path); err != nil {
		return Path{}, err
	}
	w.cur.Mount.used()
	return w.cur, nil
}

// LookupQuiet is Lookup, but for MNT_EXPIRE nobody was there.
func LookupQuiet(ctx Ctx, at At, path string, how How) (Path, error) {
	w := walker{ctx: ctx, creds: ctx.Creds(), how: how}
	if err := w.start(at, path); err != nil {
		return Path{}, err
	}
	err := w.walk(path)
	return w.cur, err
}

// start puts the walker where the path begins.
func (w *walker) start(at At, path string) error {
	w.root = at.Root
	switch {
	case path == "":
		return unix.ENOENT
	case len(path) >= pathMax:
		return unix.ENAMETOOLONG
	}
	if w.how&(unix.RESOLVE_IN_ROOT|unix.RESOLVE_BENEATH) != 0 {
		w.root, w.rooted = at.Dir, true
	}
	if path[0] == '/' {
		w.rooted = true
		if w.how&unix.RESOLVE_BENEATH != 0 {
			return unix.EXDEV
		}
		w.cur = w.root
		if !w.cur.Dentry.IsDir() { // RESOLVE_IN_ROOT of a file
			return unix.ENOTDIR
		}
		return nil
	}
	w.cur = at.Dir
	if !w.cur.Dentry.IsDir() {
		return unix.ENOTDIR
	}
	return nil
}

// walk goes all the way.
func (w *walker) walk(path string) error {
	for {
		last, slash, err := w.parent(path)
		if err != nil || last == "" {
			return err
		}
		var target string
		if w.glances && !slash {
			target, err = w.glance(last, w.how&Follow != 0)
		} else {
			target, err = w.step(last, slash || w.how&Follow != 0)
		}
		if err != nil {
			return err
		}
		if target == "" {
			if slash && !w.cur.Dentry.IsDir() {
				return unix.ENOTDIR
			}
			return nil
		}
		path = target
		if slash {
			path += "/"
		}
	}
}

// parent goes to the directory of the last name of the path. It returns that
// name ("" if the path has none: it is the root), and whether a slash follows.
func (w *walker) parent(path string) (last string, slash bool, err error) {
	for {
		path = strings.TrimLeft(path, "/")
		if path == "" {
			return "", false, nil
		}
		if err := w.maySearch(); err != nil {
			return "", false, err
		}
		name, rest := path, ""
		if i := strings.IndexByte(path, '/'); i >= 0 {
			name, rest, slash = path[:i], strings.TrimLeft(path[i:], "/"), true
		}
		if rest == "" {
			return name, slash, nil
		}
		slash = false
		target, err := w.step(name, true)
		if err != nil {
			return "", false, err
		}
		path = rest
		if target != "" {
			path = target + "/" + rest
		}
	}
}

// maySearch checks that names can be looked up where the walker is.
func (w *walker) maySearch() error {
	d := w.cur.Dentry
	if !d.IsDir() {
		return unix.ENOTDIR
	}
	if d.inode.Mode()&0o111 == 0o111 {
		if needsNoACL(w.creds, d.inode) {
			return nil
		}
		if list, err := ACLOf(w.ctx, d.inode, acl.Access); list == nil {
			return err
		}
	}
	return permission(w.ctx, w.creds, d.inode, MayExec)
}

// step goes to name. At a symbolic link that is to be followed it stays, and
// returns the path to go on with.
func (w *walker) step(name string, follow bool) (target string, err error) {
	switch {
	case name == ".":
		return "", nil
	case name == "..":
		return "", w.up()
	}
	child, err := w.child(name)
	if err != nil {
		return "", err
	}
	return w.enter(child, follow)
}

// enter is step to a name that was looked up.
func (w *walker) enter(child *Dentry, follow bool) (target string, err error) {
	if child.inode == nil {
		return "", unix.ENOENT
	}
	p := top(Path{w.cur.Mount, child})
	if p.Mount != w.cur.Mount && w.how&unix.RESOLVE_NO_XDEV != 0 {
		return "", unix.EXDEV
	}
	if follow && p.Dentry.inode.Mode()&unix.S_IFMT == unix.S_IFLNK {
		return w.follow(p)
	}
	w.cur = p
	return "", nil
}

// Forgetter is a file system that may keep no note of names that are not there: each has to be looked for again, so that
// RESOLVE_CACHED never knows.
type Forgetter interface{ ForgetsMissing() bool }

// tooLong is why a name of more than nameMax bytes is not found: where the directory is gone, its file system is not asked.
func tooLong(dir *Dentry) error {
	if dir.IsUnlinked() {
		return unix.ENOENT
	}
	return unix.ENAMETOOLONG
}

// child looks a name up in the directory where the walker is. The dentry is
// negative if there is none.
func (w *walker) child(name string) (*Dentry, error) {
	d := w.cur.Dentry
	if len(name) > nameMax {
		return nil, tooLong(d)
	}
	if w.how&ResolveCached != 0 {
		c := d.cached(name)
		if c == nil && d.inode.FS().CacheDentries() && d.glanced(name, false) {
			c, _ = d.lookup(w.ctx, name) // for Linux it would be cached now
		}
		if c == nil || !c.trusted() {
			return nil, unix.EAGAIN
		}
		if fs, ok := d.inode.FS().(Forgetter); ok && c.inode == nil && fs.ForgetsMissing() {
			return nil, unix.EAGAIN
		}
		return c, nil
	}
	return d.lookup(w.ctx, name)
}

// up goes to the parent directory.
func (w *walker) up() error {
	w.rooted = true
	for {
		if w.cur == w.root {
			if w.how&unix.RESOLVE_BENEATH != 0 {
				return unix.EXDEV
			}
			return nil
		}
		if w.cur.Dentry != w.cur.Mount.root {
			break
		}
		at := w.cur.Mount.point.Load()
		if at == nil {
			return nil
		}
		if w.how&unix.RESOLVE_NO_XDEV != 0 {
			return unix.EXDEV
		}
		w.cur = *at
	}
	parent := w.cur.Dentry.Parent()
	if parent == nil {
		return nil
	}
	w.cur = top(Path{w.cur.Mount, parent})
	return nil
}

// follow follows the symbolic link at p, which stands where the walker is. A
// magic link takes the walker there; another gives the path to go on with.
func (w *walker) follow(p Path) (string, error) {
	if w.links++; w.links > maxLinks {
		return "", unix.ELOOP
	}
	if err := w.mayFollow(p.Dentry.inode); err != nil {
		return "", err
	}
	if w.how&unix.RESOLVE_NO_SYMLINKS != 0 || p.Mount.Flags()&unix.MS_NOSYMFOLLOW != 0 {
		return "", unix.ELOOP
	}
	if m, ok := p.Dentry.inode.(MagicLinker); ok {
		return "", w.magic(m)
	}
	target, err := Readlink(w.ctx, p)
	switch {
	case err != nil:
		return "", err
	case target == "":
		return "", unix.ENOENT
	case target[0] != '/':
		return target, nil
	case w.how&unix.RESOLVE_BENEATH != 0:
		return "", unix.EXDEV
	case w.how&unix.RESOLVE_NO_XDEV != 0 && (!w.rooted || w.root.Mount != w.cur.Mount):
		return "", unix.EXDEV // Linux does not know yet what the root is (nd_jump_root)
	}
	w.cur, w.rooted = w.root, true
	return target, nil
}

func (w *walker) magic(m MagicLinker) error {
	if w.how&unix.RESOLVE_NO_MAGICLINKS != 0 {
		return unix.ELOOP
	}
	p, err := m.FollowMagic(w.ctx)
	if err != nil {
		return err
	}
	if w.how&(unix.RESOLVE_BENEATH|unix.RESOLVE_IN_ROOT) != 0 {
		return unix.EXDEV
	}
	if w.how&unix.RESOLVE_NO_XDEV != 0 && p.Mount != w.cur.Mount {
		return unix.EXDEV
	}
	w.cur = p
	return nil
}

// mayFollow is fs.protected_symlinks (proc_sys_fs(5)): in a sticky directory
// that anyone can write, only one's own links and the owner's are followed.
func (w *walker) mayFollow(link Inode) error {
	dir := w.cur.Dentry.inode
	if protection().Symlinks == 0 || dir.Mode()&(unix.S_ISVTX|0o002) != unix.S_ISVTX|0o002 {
		return nil
	}
	la, err := link.Attr(w.ctx)
	if err != nil || la.UID == w.creds.FSUID {
		return err
	}
	da, err := dir.Attr(w.ctx)
	if err != nil || da.UID == la.UID {
		return err
	}
	return unix.EACCES
}
