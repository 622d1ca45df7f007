// SPDX-License-Identifier: Apache-2.0

package tmpfs

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// node is a file of any type.
type node struct {
	vfs.BaseInode
	fs   *FS
	mode atomic.Uint32 // attr.Mode, for readers without the lock
	kept atomic.Uint32 // of flags, for vfs.Flagged

	// Names, under fs.mu.
	dir    *dirData // of directories
	parent *node    // of directories; of others the one they were found in, while not pinned
	home   string   // the name there, while not pinned
	pinned bool     // reachable through names in memory, or without a name

	opens  atomic.Int32 // open files, for vfs.OpenCounted
	mapped atomic.Bool  // data may be written through a mapping

	write   sync.Mutex   // writers of data, one at a time (i_rwsem)
	writers atomic.Int32 // open files that can be written

	mu      sync.RWMutex
	attr    vfs.Attr // Size and Blocks of a regular file are data's
	target  string
	xattrs  map[string][]byte
	acls    [acl.Kinds]acl.List
	freed   bool // counted out of the file system
	holders int  // open files and O_PATH files
	tmpfile bool // may be given a name though it has none (O_TMPFILE)

	flags      uint32 // FS_*_FL
	ownFlags   bool   // flags are the node's own, and not those of the file in the tree below
	generation uint32 // 0: not asked for

	data data // of regular files
	fifo vfs.FIFO
	numa atomic.Pointer[mm.Policies] // of regular files; nil: none was asked for yet

	hasACL  atomic.Bool // of access, among acls
	ownACLs atomic.Bool // acls count, and not the lists of the file in the tree below

	lower  belowInode  // the file in the tree below; nil: none
	copied atomic.Bool // the data are here, and not in the tree below
}

// newNode is a node in use, without a name yet.
func (fs *FS) newNode(mode uint32, uid cred.UID, gid cred.GID) *node {
	now := vfs.Now()
	n := &node{fs: fs, pinned: true, attr: vfs.Attr{
		Mode: mode, Nlink: 1, UID: uid, GID: gid, Ino: fs.nextIno(), Dev: fs.dev, Blksize: pageSize,
		Atime: now, Mtime: now, Ctime: now, Btime: now, Knows: fs.knows,
	}}
	n.copied.Store(true)
	n.data.fs = fs
	n.mode.Store(mode)
	if n.attr.IsDir() {
		n.dir = &dirData{}
		n.attr.Nlink = 2
		n.attr.Size = 2 * direntSize
		if fs.lower != nil {
			n.attr.Size, n.attr.Blocks = pageSize, 8
		}
	}
	fs.nodes.Add(1)
	return n
}

// nextIno: numbers of a tree below are the host's, and small; ours start high
// there.
func (fs *FS) nextIno() uint64 {
	ino := fs.ino.Add(1)
	if fs.lower != nil {
		ino += 1 << 40
	}
	return ino
}

// Policies are the memory policies of the file (mbind(2)). One above a tree below passes
// for a file on a disk, whose mappings have them each by itself: nil.
func (n *node) Policies() *mm.Policies {
	if n.fs.lower != nil {
		return nil
	}
	n.numa.CompareAndSwap(nil, &mm.Policies{})
	return n.numa.Load()
}

// FS implements vfs.Inode.
func (n *node) FS() vfs.FileSystem { return n.fs }

// Mode implements vfs.Inode.
func (n *node) Mode() uint32 { return n.mode.Load() }

// CanDirect implements vfs.Direct.
func (n *node) CanDirect() bool { return n.Mode()&unix.S_IFMT == unix.S_IFREG }

// OpenCount implements vfs.OpenCounted.
func (n *node) OpenCount() *atomic.Int32 { return &n.opens }

// Attr implements vfs.Inode.
func (n *node) Attr(vfs.Ctx) (vfs.Attr, error) {
	n.noteStores()
	n.mu.RLock()
	a := n.attr
	n.mu.RUnlock()
	if n.copied.Load() && a.IsRegular() {
		a.Size = n.data.Size()
		a.Blocks = n.data.blocks()
	}
	return a, nil
}

// noteStores moves the times of a file that was written through a mapping (fault_dirty_shared_page).
func (n *node) noteStores() {
	if !n.mapped.Load() {
		return
	}
	t, stored := n.data.storedTo()
	if !stored {
		return
	}
	at := vfs.Timestamp{Sec: t.Sec, Nsec: uint32(t.Nsec)}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.attr.Mtime = at
	if at.After(n.attr.Ctime) {
		n.attr.Ctime = at
	}
}

// SetAttr implements vfs.Inode.
func (n *node) SetAttr(ctx vfs.Ctx, s *vfs.SetAttr) error {
	if n.fs.lower != nil && n.kept.Load()&vfs.FlagImmutable != 0 {
		return unix.EPERM // as ext4 has it
	}
	n.noteStores()
	if s.Valid&vfs.AttrSize != 0 {
		n.write.Lock()
		defer n.write.Unlock()
		if a, err := n.Attr(ctx); s.Quiet && n.fs.lower == nil && err == nil && a.Size == s.Size && a.Blocks == 0 {
			// With pages there would be some to cut (shmem_truncate_range).
			if s.Valid == vfs.AttrSize {
				return nil
			}
			changed := *s
			changed.Valid &^= vfs.AttrSize
			s = &changed
		}
	}
	if s.Valid&vfs.AttrSize != 0 {
		if err := n.copyUp(ctx, s.Size); err != nil {
			return err
		}
		if err := n.data.truncate(s.Size); err != nil {
			return err
		}
	}
	n.fs.pin(n)
	n.mu.Lock()
	defer n.mu.Unlock()
	if s.Valid&vfs.AttrMode != 0 {
		if err := n.takeACLs(ctx); err != nil {
			return err
		}
		n.setACL(acl.Access, n.acls[acl.Access].Chmod(s.Mode))
	}
	n.attr.Apply(s)
	if s.Valid&vfs.AttrSize != 0 && s.Valid&vfs.AttrMtime == 0 {
		n.attr.Mtime = n.attr.Ctime
	}
	n.mode.Store(n.attr.Mode)
	return nil
}

// takePriv takes set-ID bits away before anything is known of the change, as an overlay does (ovl_fallocate).
func (n *node) takePriv(ctx vfs.Ctx) error {
	a, err := n.Attr(ctx)
	if err != nil || !a.IsRegular() {
		return err
	}
	if mode := vfs.KillPriv(ctx.Creds(), &a); mode != a.Mode {
		return n.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: mode & 0o7777})
	}
	return nil
}

// touch notes a change of the data: mtime and ctime, and set-ID bits gone.
func (n *node) touch(ctx vfs.Ctx) {
	now := vfs.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.attr.Mtime, n.attr.Ctime = now, now
	if ctx != nil && n.attr.IsRegular() {
		n.attr.Mode = vfs.KillPriv(ctx.Creds(), &n.attr)
		n.mode.Store(n.attr.Mode)
	}
}

// changed notes a change of the inode only: ctime, and links more or less.
func (n *node) changed(links int) {
	n.mu.Lock()
	n.attr.Ctime = vfs.Now()
	n.attr.Nlink = uint32(int(n.attr.Nlink) + links)
	n.mu.Unlock()
}

// Touch implements vfs.Toucher. What only the tree below has stays as it is (ovl_update_time).
func (n *node) Touch(rule vfs.AtimeRule) {
	if n.lower == nil || n.isPinned() {
		n.accessed(rule)
	}
}

// Modify implements vfs.Modified. Above a tree below it does nothing, as Linux's overlay moves no time but of access.
func (n *node) Modify() {
	if n.fs.lower == nil {
		n.touch(nil)
	}
}

// accessed moves atime, if the rule wants it to.
func (n *node) accessed(rule vfs.AtimeRule) {
	if rule == vfs.AtimeNever {
		return
	}
	n.noteStores()
	n.mu.RLock()
	a, m, c, flags := n.attr.Atime, n.attr.Mtime, n.attr.Ctime, n.flags
	n.mu.RUnlock()
	if flags&vfs.FlagNoAtime != 0 {
		return
	}
	now := vfs.Now()
	if !rule.Due(a, m, c, now) {
		return
	}
	n.mu.Lock()
	n.attr.Atime = now
	n.mu.Unlock()
}

// Readlink implements vfs.Inode.
func (n *node) Readlink(ctx vfs.Ctx) (string, error) {
	if n.Mode()&unix.S_IFMT != unix.S_IFLNK {
		return "", unix.EINVAL
	}
	if n.lower != nil {
		return n.lower.Readlink(ctx)
	}
	return n.target, nil
}

// HoldPath implements vfs.PathHolder.
func (n *node) HoldPath() { n.hold() }

// DropPath implements vfs.PathHolder.
func (n *node) DropPath() { n.drop() }

// hold counts a holder more. It is false if the file was freed already: whoever
// found it by its name came too late.
func (n *node) hold() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.freed {
		return false
	}
	n.holders++
	return true
}

// drop counts a holder less, and frees the data of a file that has none left
// and no name.
func (n *node) drop() {
	n.mu.Lock()
	n.holders--
	n.mu.Unlock()
	n.freeIfGone()
}

func (n *node) freeIfGone() {
	n.mu.Lock()
	gone := n.holders == 0 && n.attr.Nlink == 0
	first := gone && !n.freed
	n.freed = n.freed || gone
	n.mu.Unlock()
	if gone {
		n.data.free()
	}
	if first && n.lower == nil {
		n.fs.nodes.Add(-1)
		n.giveAllXattrRoom()
	}
}

// Getxattr implements vfs.Inode.
func (n *node) Getxattr(ctx vfs.Ctx, name string) ([]byte, error) {
	if err := vfs.MemoryXattr(name); err != nil {
		return nil, err
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.xattrs == nil && n.lower != nil {
		return n.lower.Getxattr(ctx, name)
	}
	v, ok := n.xattrs[name]
	if !ok {
		return nil, unix.ENODATA
	}
	return v, nil
}

// Setxattr implements vfs.Inode.
func (n *node) Setxattr(ctx vfs.Ctx, name string, value []byte, flags uint32) error {
	if err := vfs.MemoryXattr(name); err != nil {
		return err
	}
	if err := n.ownXattrs(ctx); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	old, has := n.xattrs[name]
	if !n.takeXattrRoom(name, len(value)) {
		return unix.ENOSPC
	}
	switch {
	case has && flags&unix.XATTR_CREATE != 0:
		n.giveXattrRoom(name, len(value))
		return unix.EEXIST
	case !has && flags&unix.XATTR_REPLACE != 0:
		n.giveXattrRoom(name, len(value))
		return unix.ENODATA
	}
	if has {
		n.giveXattrRoom(name, len(old))
	}
	n.xattrs[name] = slices.Clone(value)
	n.attr.Ctime = vfs.Now()
	return nil
}

// Removexattr implements vfs.Inode.
func (n *node) Removexattr(ctx vfs.Ctx, name string) error {
	if err := vfs.MemoryXattr(name); err != nil {
		return err
	}
	if err := n.ownXattrs(ctx); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	old, has := n.xattrs[name]
	if !has {
		return unix.ENODATA
	}
	n.giveXattrRoom(name, len(old))
	delete(n.xattrs, name)
	n.attr.Ctime = vfs.Now()
	return nil
}

// Listxattr implements vfs.Inode.
func (n *node) Listxattr(ctx vfs.Ctx) ([]string, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	names, err := n.aclNames(ctx)
	if err != nil {
		return nil, err
	}
	if n.xattrs == nil && n.lower != nil {
		below, err := n.otherNames(ctx)
		return append(names, below...), err
	}
	own := slices.SortedFunc(maps.Keys(n.xattrs), func(a, b string) int { return strings.Compare(b, a) }) // as Linux's tree of them has it
	return append(names, own...), nil
}

// ownXattrs makes the attributes the node's own, so that they can be changed.
func (n *node) ownXattrs(ctx vfs.Ctx) error {
	n.fs.pin(n)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.xattrs != nil {
		return nil
	}
	own := map[string][]byte{}
	if n.lower != nil {
		names, err := n.otherNames(ctx)
		if err != nil && err != unix.EOPNOTSUPP {
			return err
		}
		for _, name := range names {
			if own[name], err = n.lower.Getxattr(ctx, name); err != nil {
				return err
			}
		}
	}
	n.xattrs = own
	return nil
}
