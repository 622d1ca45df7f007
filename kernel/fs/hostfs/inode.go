// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// inode is a file of the host.
type inode struct {
	vfs.BaseInode
	fs    *FS
	id    identity
	mode  atomic.Uint32
	owner atomic.Uint32
	at    atomic.Pointer[place] // where it was seen last

	handles [handleKinds]*handle // under FS.handles.mu

	// nameless: no name leads to the file, for it never had one or the last is gone.
	nameless atomic.Bool
	kept     atomic.Pointer[handle] // of a file without a name that was not opened yet, or that O_PATH files hold

	opens atomic.Int32 // open files, for vfs.OpenCounted
	paths atomic.Int32 // O_PATH files

	write   sync.Mutex // writers at the end of the file
	turning sync.Mutex // readers that turned a handle; see turn

	mu     sync.Mutex
	others []place // where else it was seen, of a file with several names
	attr   vfs.Attr
	valid  bool   // attr is what the host has
	target string // of a symbolic link; "": not asked for

	acls    [acl.Kinds]atomic.Pointer[acl.List] // nil: not asked for; changed under mu
	aclTurn uint32                              // moves when acls are forgotten

	fifo vfs.FIFO
}

// place is a name in a directory. The root has none.
type place struct {
	dir  *inode
	name string
}

// maxOthers bounds the names that an inode remembers.
const maxOthers = 8

// seenAt notes that the file has this name.
func (i *inode) seenAt(p place) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.nameless.Store(false)
	old := *i.at.Load()
	if old == p {
		return
	}
	i.others = slices.DeleteFunc(i.others, func(o place) bool { return o == p || o == old })
	if !i.isDir() && len(i.others) < maxOthers && old.name != "" {
		i.others = append(i.others, old)
	}
	i.at.Store(&p)
}

// goneFrom notes that the file does not have this name any more.
func (i *inode) goneFrom(p place) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.others = slices.DeleteFunc(i.others, func(o place) bool { return o == p })
	if n := len(i.others); *i.at.Load() == p && n > 0 {
		next := i.others[n-1]
		i.others = i.others[:n-1]
		i.at.Store(&next)
	}
}

// newInode is the inode of what was found as name in dir: the one there is,
// or a fresh one.
func (fs *FS) newInode(dir *inode, name string, st *unix.Statx_t) *inode {
	id := identity{hostDev(st), st.Ino}
	dev := fs.devOf(id.dev)
	if fs.o.ReadOnly && fs.o.Cached {
		return fs.freshInode(dir, name, id, dev, st)
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if i := fs.refresh(dir, name, id, st); i != nil {
		return i
	}
	i := fs.freshInode(dir, name, id, dev, st)
	fs.knowLocked(i)
	return i
}

// refresh gives the inode that there is of what was found as name in dir, if any, what the host said of it. The caller holds
// fs.mu.
func (fs *FS) refresh(dir *inode, name string, id identity, st *unix.Statx_t) *inode {
	i := fs.inodes[id].Value()
	if i == nil || !i.is(st) {
		return nil
	}
	i.seenAt(place{dir, name})
	i.mu.Lock()
	i.setAttr(st)
	i.mu.Unlock()
	return i
}

// know has lookups find the inode by its number; forget ends that: the file has no name any more, and what is found by that
// number later is another.
func (fs *FS) know(i *inode) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.knowLocked(i)
}

func (fs *FS) forget(i *inode) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.inodes[i.id].Value() == i {
		delete(fs.inodes, i.id)
	}
}

func (fs *FS) knowLocked(i *inode) {
	fs.inodes[i.id] = weak.Make(i)
	if len(fs.inodes) > fs.sweep {
		for id, wp := range fs.inodes {
			if wp.Value() == nil {
				delete(fs.inodes, id)
			}
		}
		fs.sweep = max(1024, 2*len(fs.inodes))
	}
}

func (fs *FS) freshInode(dir *inode, name string, id identity, dev uint64, st *unix.Statx_t) *inode {
	i := &inode{fs: fs, id: id}
	i.at.Store(&place{dir, name})
	i.attr.Dev = dev
	i.setAttr(st)
	return i
}

// setAttr notes what the host says. The caller holds i.mu, or is alone.
func (i *inode) setAttr(st *unix.Statx_t) {
	if timestamp(st.Btime) != i.attr.Btime {
		i.target = "" // another file with the same number, which the host put there
	}
	if ctime := timestamp(st.Ctime); ctime != i.attr.Ctime && !i.fs.o.Cached {
		i.forgetACLs()
	}
	i.attr = attrOf(st, i.attr.Dev)
	i.valid = true
	i.mode.Store(uint32(st.Mode))
	i.owner.Store(st.Uid)
}

// attrOf are the attributes that the host told, of a file of our device dev.
func attrOf(st *unix.Statx_t, dev uint64) vfs.Attr {
	return vfs.Attr{
		Mode: uint32(st.Mode), Nlink: st.Nlink, UID: uid(st.Uid), GID: gid(st.Gid),
		Rdev: unix.Mkdev(st.Rdev_major, st.Rdev_minor), Ino: st.Ino, Dev: dev,
		Size: int64(st.Size), Blocks: int64(st.Blocks), Blksize: st.Blksize,
		Atime: timestamp(st.Atime), Mtime: timestamp(st.Mtime), Ctime: timestamp(st.Ctime), Btime: timestamp(st.Btime),
		Attributes: st.Attributes &^ (unix.STATX_ATTR_MOUNT_ROOT | unix.STATX_ATTR_AUTOMOUNT),
		Knows:      st.Attributes_mask,
	}
}

// FS implements vfs.Inode.
func (i *inode) FS() vfs.FileSystem { return i.fs }

// Mode implements vfs.Inode.
func (i *inode) Mode() uint32 { return i.mode.Load() }

// CanDirect implements vfs.Direct.
func (i *inode) CanDirect() bool { return i.Mode()&unix.S_IFMT == unix.S_IFREG }

func (i *inode) isDir() bool { return i.Mode()&unix.S_IFMT == unix.S_IFDIR }

// OpenCount implements vfs.OpenCounted.
func (i *inode) OpenCount() *atomic.Int32 { return &i.opens }

// Attr implements vfs.Inode.
func (i *inode) Attr(vfs.Ctx) (vfs.Attr, error) {
	if i.fs.o.Cached {
		i.mu.Lock()
		if i.valid {
			defer i.mu.Unlock()
			return i.attr, nil
		}
		i.mu.Unlock()
	}
	st, err := i.stat()
	i.mu.Lock()
	defer i.mu.Unlock()
	switch err {
	case nil:
		i.setAttr(&st)
	case unix.ENOENT, unix.ESTALE: // its name is gone, and nobody has it open
		i.attr.Nlink = 0
		if i.isDir() {
			i.attr.Size = 0 // as on ext4
		}
	default:
		return vfs.Attr{}, err
	}
	return i.attr, nil
}

// seenLinks is how many names the file had when the host was asked last.
func (i *inode) seenLinks() uint32 {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.attr.Nlink
}

func (i *inode) stat() (st unix.Statx_t, err error) {
	if h := i.held(); h != nil {
		defer h.release()
		return statx(h.fd, "")
	}
	err = i.byName(func(dir int, name string) (err error) {
		st, err = statx(dir, name)
		return err
	})
	if err == nil && !i.is(&st) {
		err = unix.ESTALE
	}
	return st, err
}

// is tells whether st is of this file, and not of one of another type that got its number.
func (i *inode) is(st *unix.Statx_t) bool {
	return identity{hostDev(st), st.Ino} == i.id && uint32(st.Mode)&unix.S_IFMT == i.Mode()&unix.S_IFMT
}

// byName calls f with the directory's descriptor and the name of the file.
func (i *inode) byName(f func(dir int, name string) error) error {
	at := i.at.Load()
	if at.dir == nil {
		return f(i.fs.base, "")
	}
	return at.dir.asDir(func(dir int) error { return f(dir, at.name) })
}

// asDir calls f with the directory's descriptor.
func (i *inode) asDir(f func(dir int) error) error {
	h, err := i.acquire(forRead)
	if err != nil {
		return err
	}
	defer h.release()
	return f(h.fd)
}

// stale notes that the host's attributes changed.
func (i *inode) stale() {
	i.mu.Lock()
	i.valid = false
	i.mu.Unlock()
}

// Lookup implements vfs.Inode.
func (i *inode) Lookup(_ vfs.Ctx, name string) (vfs.Inode, error) {
	if st, ok := i.fs.glanced.take(i, name); ok {
		return i.fs.newInode(i, name, &st), nil
	}
	st, err := i.statName(name)
	if err != nil {
		return nil, err
	}
	return i.fs.newInode(i, name, &st), nil
}

// Glance implements vfs.Glancer.
func (i *inode) Glance(_ vfs.Ctx, name string) (vfs.Attr, vfs.Inode, error) {
	st, err := i.statName(name)
	if err != nil {
		return vfs.Attr{}, nil, err
	}
	fs := i.fs
	dev := fs.devOf(hostDev(&st))
	if uint32(st.Mode)&unix.S_IFMT == unix.S_IFDIR {
		c := fs.newInode(i, name, &st)
		return attrOf(&st, dev), c, nil
	}
	switch {
	case !fs.o.Cached:
		fs.mu.Lock()
		fs.refresh(i, name, identity{hostDev(&st), st.Ino}, &st)
		fs.mu.Unlock()
	case fs.o.ReadOnly:
		fs.glanced.keep(i, name, &st)
	}
	return attrOf(&st, dev), nil, nil
}

// statName asks the host for a name in the directory.
func (i *inode) statName(name string) (st unix.Statx_t, err error) {
	if !i.isDir() {
		return st, unix.ENOTDIR
	}
	if !plain(name) {
		return st, unix.ENOENT
	}
	h, err := i.acquire(forRead)
	if err == unix.ESTALE {
		return st, unix.ENOENT // the directory was removed
	}
	if err != nil {
		return st, err
	}
	defer h.release()
	return statx(h.fd, name)
}

// plain tells whether a name is one that stays in its directory. The vfs has
// seen to it; the host must never be asked for anything else.
func plain(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\x00")
}

// Readlink implements vfs.Inode.
func (i *inode) Readlink(vfs.Ctx) (string, error) {
	if i.Mode()&unix.S_IFMT != unix.S_IFLNK {
		return "", unix.EINVAL
	}
	i.mu.Lock()
	target, seen := i.target, i.fs.o.Cached || i.valid && i.accessed()
	i.mu.Unlock()
	if target != "" && seen {
		return target, nil // a link's target never changes
	}
	var buf [4096]byte
	n := 0
	read := func(dir int, name string) (err error) {
		n, err = unix.Readlinkat(dir, name, buf[:])
		return err
	}
	var err error
	if h := i.held(); h != nil {
		err = read(h.fd, "")
		h.release()
	} else {
		err = i.byName(read)
	}
	if err != nil {
		return "", err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.target = string(buf[:n])
	i.attr.Atime = vfs.Now() // or nearly: whoever wants to know asks the host
	return i.target, nil
}

// accessed tells whether reading moves the time of last access no more, by
// what was seen of it (relatime). The caller holds i.mu.
func (i *inode) accessed() bool {
	after := func(a, b vfs.Timestamp) bool { return a.Sec > b.Sec || a.Sec == b.Sec && a.Nsec > b.Nsec }
	return after(i.attr.Atime, i.attr.Mtime) && after(i.attr.Atime, i.attr.Ctime)
}
